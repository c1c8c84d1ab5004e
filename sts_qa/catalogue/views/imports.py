"""Pages of imports: asking for a plan, reading it, applying it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue import actions
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.forms import ArchiveForm, FolderForm, PlanFilterForm
from sts_qa.catalogue.models import Dataset, ImportEntry, ImportRun
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.catalogue.queries.imports import free_bytes, is_at_work, may_be_applied, was_begun
from sts_qa.catalogue.queries.pages import page_of
from sts_qa.catalogue.queries.plans import OUTCOMES, listed_entries, ranked_entries, run_or_404
from sts_qa.catalogue.receiving import ArchiveUploadHandler, ReceivedArchive, is_too_large
from sts_qa.jobs.queries import may_follow

PAGE_SIZE = 100
State = ImportRun.State


@require_http_methods(["GET", "HEAD", "POST"])
@coordinator_required
def start_import(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    """Ask for the import of a folder on the server."""
    dataset = dataset_or_404(request.user, dataset_id)
    if request.method != "POST":
        return _import_page(request, dataset, FolderForm(), ArchiveForm())
    form = FolderForm(request.POST)
    if form.is_valid():
        try:
            run = actions.start_import(
                dataset=dataset,
                root=form.place(),
                layout=form.cleaned_data["layout"],
                acting_user=request.user,
                roots=settings.IMPORT_ROOTS,
            )
            return _to_run(request, run)
        except CatalogueRefused as refusal:
            form.add_error(None, str(refusal))
    return _import_page(request, dataset, form, ArchiveForm())


# Who may send a file is decided before any of it is read, and where it goes; the check of the
# token reads the whole request and so comes behind both.
@csrf_exempt
@require_POST
@coordinator_required
def upload_archive(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    """Receive a ZIP file and ask for its import."""
    dataset = dataset_or_404(request.user, dataset_id)
    if is_too_large(request.META.get("CONTENT_LENGTH")):
        return _import_page(request, dataset, FolderForm(), _refused_archive())
    handler = ArchiveUploadHandler(request)
    request.upload_handlers = [handler]
    return _receive(request, dataset, handler)


@csrf_protect
def _receive(
    request: LoggedInRequest, dataset: Dataset, handler: ArchiveUploadHandler
) -> HttpResponse:
    form = ArchiveForm(request.POST, request.FILES)
    if handler.was_too_large:
        return _import_page(request, dataset, FolderForm(), _refused_archive())
    if form.is_valid():
        archive: ReceivedArchive = form.cleaned_data["archive"]
        try:
            run = actions.start_upload(
                dataset=dataset,
                archive=archive.path,
                name=archive.name or "",
                layout=form.cleaned_data["layout"],
                acting_user=request.user,
            )
            archive.taken = True
            return _to_run(request, run)
        except CatalogueRefused as refusal:
            for line in str(refusal).splitlines():
                form.add_error(None, line)
    return _import_page(request, dataset, FolderForm(), form)


@require_safe
@coordinator_required
@never_cache
def show_import(request: LoggedInRequest, dataset_id: int, run_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    run = run_or_404(dataset, run_id)
    context = {"dataset": dataset, "run": run, "job": run.job, **_run_state(request, run)}
    if run.summary.get("counts"):
        context |= _plan(request, run)
    return render(request, "catalogue/show_import.html", context)


@require_POST
@coordinator_required
def apply_import(request: LoggedInRequest, dataset_id: int, run_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    run = run_or_404(dataset, run_id)
    try:
        actions.apply_import(run=run, acting_user=request.user)
    except CatalogueRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("catalogue:show_import", dataset.pk, run.pk)


@require_POST
@coordinator_required
def cancel_import(request: LoggedInRequest, dataset_id: int, run_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    run = run_or_404(dataset, run_id)
    was_at_work = is_at_work(run)
    run = actions.cancel_import(run=run, acting_user=request.user)
    if run.state == State.CANCELLED:
        messages.success(request, _("The import is put aside."))
    elif was_at_work:
        messages.success(request, _("The import stops after its current step."))
    return redirect("catalogue:show_import", dataset.pk, run.pk)


def _import_page(
    request: LoggedInRequest, dataset: Dataset, folder: FolderForm, archive: ArchiveForm
) -> HttpResponse:
    context = {
        "dataset": dataset,
        "folder_form": folder,
        "archive_form": archive,
        "has_roots": bool(settings.IMPORT_ROOTS),
        "has_items": dataset.items.exists(),
        "folders": FolderForm.suggestions(),
        "upload_limit": settings.UPLOAD_LIMIT_BYTES,
        "too_large": _too_large(),
    }
    status = 422 if folder.errors or archive.errors else 200
    return render(request, "catalogue/start_import.html", context, status=status)


def _refused_archive() -> ArchiveForm:
    """Return the form as for a file of which not all was read: only that it is too large."""
    form = ArchiveForm({}, {})
    form.is_valid()
    form.errors.clear()
    form.add_error("archive", _too_large())
    return form


def _too_large() -> str:
    limit = filesizeformat(settings.UPLOAD_LIMIT_BYTES)
    return _("The file is larger than the %(limit)s allowed. Nothing is imported.") % {
        "limit": limit
    }


def _to_run(request: LoggedInRequest, run: ImportRun) -> HttpResponse:
    """Go to the run's page; an upload by script is told so, because it would follow unseen."""
    address = reverse("catalogue:show_import", args=[run.dataset_id, run.pk])
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _run_state(request: LoggedInRequest, run: ImportRun) -> dict[str, Any]:
    at_work = is_at_work(run)
    is_open = run.state in (State.PLANNING, State.PLANNED, State.APPLYING)
    return {
        "at_work": at_work,
        "may_follow": run.job is not None and may_follow(request.user, run.job),
        "may_apply": may_be_applied(run),
        "was_begun": was_begun(run),
        # The job was cancelled before it began, or its worker died
        "plan_is_lost": run.state == State.PLANNING and not at_work,
        "may_cancel": is_open and not at_work,
        "shows_job": run.job is not None and (at_work or run.job.state == "failed"),
    }


def _plan(request: LoggedInRequest, run: ImportRun) -> dict[str, Any]:
    counts = run.summary["counts"]
    form = PlanFilterForm(request.GET)
    query = form.query()
    page = page_of(
        listed_entries(run, **form.wanted()),
        ["rank", "key"],
        size=PAGE_SIZE,
        after=form.number("after"),
        before=form.number("before"),
        anchors=ranked_entries(run),
    )
    free, needed = free_bytes(), run.summary["needed_bytes"]
    outcomes = [
        {"value": one.value, "label": one.label, "count": counts.get(one.value, 0)}
        for one in OUTCOMES
    ]
    return {
        "form": form,
        "outcomes": outcomes,
        "entries": page.rows,
        "shown": ImportEntry.Outcome(query["outcome"]).label if "outcome" in query else "",
        "text": query.get("text", ""),
        "problems": counts["error"] + counts["held_back"],
        "categories": run.summary.get("categories", {}),
        "free_bytes": free,
        "lacks_room": run.summary["kept_bytes"] > free,
        "is_tight": needed > free,
        "previous_url": _page_url(query, "before", page.before),
        "next_url": _page_url(query, "after", page.after),
    }


def _page_url(query: dict[str, str], side: str, pk: int | None) -> str:
    return "" if pk is None else f"?{urlencode({**query, side: pk})}#entries"
