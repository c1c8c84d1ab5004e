"""The page on which ratings that were given elsewhere are checked, then imported."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.rating.actions import import_ratings as importing
from sts_qa.rating.import_form import ImportRatingsForm, is_too_large, too_large
from sts_qa.rating.queries.import_plan import FORM_NAMES
from sts_qa.rating.queries.imported_files import study_made_of
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Study

IMPORT = "import"


# The size is looked at before any of the file is read; the check of the token reads it all
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@coordinator_required
@never_cache
def import_ratings(request: LoggedInRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, ImportRatingsForm(user=request.user))
    if is_too_large(request.META.get("CONTENT_LENGTH")):
        form = ImportRatingsForm({}, {}, user=request.user)
        form.errors.clear()
        form.add_error("file", too_large())
        return _page(request, form)
    return _received(request)


@csrf_protect
def _received(request: LoggedInRequest) -> HttpResponse:
    """Check what was sent; import it when that was asked for and nothing is wrong."""
    form = ImportRatingsForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _page(request, form)
    try:
        report = importing.import_ratings(
            **form.arguments(),
            acting_user=request.user,
            dry_run=request.POST.get("step") != IMPORT,
        )
    except StudyError as error:
        if study := _already_imported(request, form):
            return _imported(request, form, study)
        form.add_error("name", str(error))
        form.keep_file()
        return _page(request, form)
    if report.study is not None:
        return _imported(request, form, report.study)
    form.keep_file()
    return _page(request, form, report)


def _already_imported(request: LoggedInRequest, form: ImportRatingsForm) -> Study | None:
    """Return what a first press of the button made of the file, when this is the second."""
    if request.POST.get("step") != IMPORT:
        return None
    arguments = form.arguments()
    return study_made_of(arguments["table"], arguments["name"], request.user)


def _imported(request: LoggedInRequest, form: ImportRatingsForm, study: Study) -> HttpResponse:
    form.forget_file()
    messages.success(request, _("The ratings are imported."))
    return redirect("studies:show_study", study.public_id)


def _page(
    request: LoggedInRequest,
    form: ImportRatingsForm,
    report: importing.ImportReport | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "report": report,
        # A file whose columns are not known needs the fields on how it is read
        "is_unread": report is not None and not report.form,
        "form_name": FORM_NAMES.get(report.form, "") if report else "",
    }
    status = 422 if form.errors or (report and report.error_count) else 200
    return render(request, "rating/import_ratings.html", context, status=status)
