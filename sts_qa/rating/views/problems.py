"""Reports of problems, as coordinators decide on them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sts_qa.catalogue.files import ChangedFile, UnreadableFile
from sts_qa.rating.actions import problems
from sts_qa.rating.errors import RatingError
from sts_qa.rating.forms import DecideProblemForm
from sts_qa.rating.models import ProblemReport
from sts_qa.rating.queries.item_pages import opens_item_pages
from sts_qa.rating.queries.problems import (
    problem_reports,
    refused_decisions,
    waiting_late_count,
)
from sts_qa.studies.errors import StudyError
from sts_qa.studies.navigation import address_of, study_tabs
from sts_qa.studies.queries.access import coordinated_items_or_404
from sts_qa.studies.queries.sample import units_of_same_image

DECIDED_SHOWN = 100


@login_required
@never_cache
@require_safe
def list_problems(request: HttpRequest, study) -> HttpResponse:
    coordinated, membership = coordinated_items_or_404(request.user, study)
    reports = problem_reports(coordinated)
    context = {
        "study": coordinated,
        "tabs": study_tabs(coordinated, membership, "rating:list_problems"),
        "open_reports": reports.filter(decision=""),
        "decided_reports": reports.exclude(decision="")[:DECIDED_SHOWN],
        "waiting_late": waiting_late_count(coordinated),
    }
    return render(request, "rating/list_problems.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def decide_problem(request: HttpRequest, study, report) -> HttpResponse:
    coordinated, membership = coordinated_items_or_404(request.user, study)
    reported = get_object_or_404(problem_reports(coordinated), public_id=report)
    unit = reported.assignment.sampled_item
    refused = refused_decisions(coordinated, unit)
    form = DecideProblemForm(request.POST or None, refused=refused)
    if request.method == "POST" and form.is_valid() and _decide(request, reported, form):
        return redirect("rating:list_problems", coordinated.public_id)
    context = {
        "study": coordinated,
        "tabs": study_tabs(coordinated, membership, "rating:list_problems"),
        "report": reported,
        "item_url": _item_address(request, reported),
        "refusals": list(dict.fromkeys(refused.values())),
        "slices": 0 if unit.slice_index is None else len(units_of_same_image(unit)),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "rating/decide_problem.html", context, status=status)


def _item_address(request: HttpRequest, report: ProblemReport) -> str:
    """Return the item's page in the catalogue, empty for who is no member of its dataset."""
    item = report.assignment.sampled_item.item_version.item
    if not opens_item_pages(request.user, item.dataset_id):
        return ""
    return address_of("catalogue:show_item", item.dataset_id, item.pk)


def _decide(request: HttpRequest, report: ProblemReport, form: DecideProblemForm) -> bool:
    try:
        decided = problems.decide_problem(
            report=report,
            decision=form.cleaned_data["decision"],
            note=form.cleaned_data["note"],
            acting_user=request.user,
        )
    except (RatingError, StudyError, ChangedFile, UnreadableFile, OSError) as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Decided: %s.") % decided.get_decision_display())
    return True
