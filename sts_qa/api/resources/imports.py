"""Imports of a dataset: asking for a plan, reading it, applying it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.accounts.stored_texts import in_page_language
from sts_qa.api.access import visible_dataset
from sts_qa.api.endpoint import JSON, Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.problems import invalid
from sts_qa.api.receiving import prepare_for_archive
from sts_qa.api.routing import route
from sts_qa.api.schemas.imports import (
    EntryFilterSchema,
    ImportEntrySchema,
    ImportRootSchema,
    ImportSchema,
    NewImportSchema,
    NewUploadSchema,
)
from sts_qa.catalogue import actions
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.models import Dataset, ImportEntry, ImportRun
from sts_qa.catalogue.queries.folders import open_folders
from sts_qa.catalogue.queries.imports import may_be_applied
from sts_qa.catalogue.queries.plans import listed_entries, run_or_404
from sts_qa.catalogue.uploads import is_upload
from sts_qa.jobs.queries import may_follow


@endpoint("GET", scope="read", answers=ImportRootSchema, paged=True, coordinators=True)
def list_import_roots(request: Request) -> Listing:
    """List the folders on the server that are open for import (STS_QA_IMPORT_ROOTS).

    Whatever lies below one of them may be imported.
    """
    rows = [
        {"root": str(root), "folders": [str(root / name) for name in names]}
        for root, names in sorted(open_folders().items())
    ]
    return Listing(rows, order=("root",))


def import_run(request: Request, dataset_id: int, run_id: int) -> ImportRun:
    """Return an import of a dataset that the account may see."""
    return run_or_404(visible_dataset(request, dataset_id), run_id)


@endpoint(
    "POST",
    scope="manage",
    access=visible_dataset,
    body={JSON: NewImportSchema, "multipart/form-data": NewUploadSchema},
    answers={202: ImportSchema},
    idempotent="accepted",
    # A file takes long to receive. Again, it makes at worst a second plan, which changes nothing
    atomic=False,
    coordinators=True,
    before_reading=prepare_for_archive,
    located=[202],
)
def start_import(request: Request, dataset: Dataset, body: dict[str, Any]) -> Answer:
    """Ask for the plan of an import: of a folder on the server, or of a ZIP file that is sent.

    A job makes the plan; nothing in the dataset changes before the plan is applied. Follow the job
    or this import until its state is `planned`.
    """
    run = _upload(request, dataset, body) if "archive" in body else _folder(request, dataset, body)
    place = reverse("api:show_import", args=[dataset.pk, run.pk])
    return Answer(_told(request, run), status=202, headers={"Location": place})


@endpoint(
    "GET", scope="read", access=visible_dataset, answers=ImportSchema, paged=True, coordinators=True
)
def list_imports(request: Request, dataset: Dataset) -> Listing:
    """List the imports of a dataset, the newest first."""
    runs = ImportRun.objects.filter(dataset=dataset).select_related("job", "created_by")
    return Listing(runs, order=("-pk",), each=lambda some: [_told(request, run) for run in some])


@endpoint("GET", scope="read", access=import_run, answers=ImportSchema, coordinators=True)
def show_import(request: Request, run: ImportRun) -> dict[str, Any]:
    """Show one import: its state, the sum of its plan and its job."""
    return _told(request, run)


@endpoint(
    "GET",
    scope="read",
    access=import_run,
    answers=ImportEntrySchema,
    query=EntryFilterSchema,
    paged=True,
    streams=True,
    coordinators=True,
)
def list_import_entries(request: Request, run: ImportRun, query: dict[str, Any]) -> Listing:
    """List what the plan says of each file, errors and what else needs attention first."""
    entries = listed_entries(run, outcome=query.get("outcome", ""), text=query.get("text", ""))
    return Listing(entries, order=("rank", "key"), each=lambda some: [_entry(one) for one in some])


@endpoint(
    "POST",
    scope="manage",
    access=import_run,
    answers={202: ImportSchema},
    idempotent="accepted",
    coordinators=True,
)
def apply_import(request: Request, run: ImportRun) -> Answer:
    """Apply the plan, or take up its application again; a job does it."""
    actions.apply_import(run=run, acting_user=request.user)
    return Answer(_told(request, import_run(request, run.dataset_id, run.pk)), status=202)


@endpoint("POST", scope="manage", access=import_run, answers=ImportSchema, coordinators=True)
def cancel_import(request: Request, run: ImportRun) -> dict[str, Any]:
    """Stop the work on the import; a plan that nothing is working on is put aside for good.

    What was applied stays. An application that was stopped can be taken up again.
    """
    actions.cancel_import(run=run, acting_user=request.user)
    return _told(request, import_run(request, run.dataset_id, run.pk))


def _folder(request: Request, dataset: Dataset, body: dict[str, Any]) -> ImportRun:
    if not Path(body["root"]).is_absolute():
        raise invalid("/root", _("Give the whole path of the folder."))
    try:
        actions.checked_place(body["root"], settings.IMPORT_ROOTS)
    except CatalogueRefused as refusal:
        raise invalid("/root", str(refusal)) from None
    return actions.start_import(
        dataset=dataset,
        root=body["root"],
        layout=body["layout"],
        keep_files=body["keep_files"],
        acting_user=request.user,
        roots=settings.IMPORT_ROOTS,
    )


def _upload(request: Request, dataset: Dataset, body: dict[str, Any]) -> ImportRun:
    archive = body["archive"]
    run = actions.start_upload(
        dataset=dataset,
        archive=archive.path,
        name=archive.name or "",
        layout=body["layout"],
        acting_user=request.user,
    )
    archive.taken = True
    return run


def _told(request: Request, run: ImportRun) -> dict[str, Any]:
    follows = run.job is not None and may_follow(request.user, run.job)
    return {
        "run": run,
        "root": "" if is_upload(run) else run.root,
        "may_be_applied": may_be_applied(run),
        "plan": _plan(run.summary) if run.summary.get("counts") else None,
        "job": run.job if follows else None,
    }


def _plan(summary: dict[str, Any]) -> dict[str, Any]:
    categories = [
        {"name": name, **{part: counts.get(part, 0) for part in ("labelled", "unlabelled")}}
        for name, counts in sorted(summary["categories"].items())
    ]
    return {"dataset_hash": "", **summary, "categories": categories}


def _entry(entry: ImportEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "reason": in_page_language(entry.reason),
        "category": entry.content.get("category"),
        "labelled": entry.content.get("labelled"),
    }


imports = "datasets/<int:dataset_id>/imports/"
addresses = [
    *route("import-roots/", list_import_roots),
    *route(imports, list_imports, start_import),
    *route(f"{imports}<int:run_id>/", show_import),
    *route(f"{imports}<int:run_id>/entries/", list_import_entries),
    *route(f"{imports}<int:run_id>/apply/", apply_import),
    *route(f"{imports}<int:run_id>/cancel/", cancel_import),
]
