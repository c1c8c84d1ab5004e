"""Asking for an import: its plan, its application, its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.catalogue import uploads
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.layouts import AUTO, LAYOUTS
from sts_qa.catalogue.models import Dataset, ImportRun
from sts_qa.catalogue.queries.imports import free_bytes, is_at_work, may_be_applied
from sts_qa.jobs.actions import enqueue, request_cancel
from sts_qa.jobs.models import Job

State = ImportRun.State
ROOT_LENGTH = 1000


def start_import(
    *,
    dataset: Dataset,
    root: str,
    layout: str = AUTO,
    acting_user: Any,
    keep_files: bool = False,
    roots: Sequence[Path] | None = None,
) -> ImportRun:
    """Ask for a plan of what importing a folder would do; nothing in the dataset changes yet.

    Parameters
    ----------
    root
        A folder, or the CSV manifest in it.
    layout
        A name of `LAYOUTS`, or "auto".
    keep_files
        Copy the files below the data folder when the plan is applied.
    roots
        Folders below which `root` must lie. Pages give the setting STS_QA_IMPORT_ROOTS; None, for
        whoever has the command line, allows any folder.

    Raises
    ------
    CatalogueRefused
        When the folder cannot be imported, or another import of the dataset is at work.
    """
    place = checked_place(root, roots)
    return _start(
        dataset=dataset,
        root=str(place),
        layout=layout,
        acting_user=acting_user,
        keep_files=keep_files,
        archive="",
    )


def start_upload(
    *, dataset: Dataset, archive: Path, name: str, layout: str = AUTO, acting_user: Any
) -> ImportRun:
    """Ask for a plan of importing an uploaded ZIP file, which the import takes over.

    Parameters
    ----------
    archive
        The file as uploaded, below `uploads.upload_folder()`; deleted once unpacked or refused.
    name
        Name that the ZIP file had; names the category of files that lie in no folder.

    Raises
    ------
    CatalogueRefused
        When the ZIP's table of contents is refused. Its content is checked by the job, before
        anything is unpacked.
    """
    refusals = uploads.check_contents(archive)
    if refusals:
        archive.unlink()
        raise CatalogueRefused(uploads.refusal_text(refusals), field="archive")
    target = uploads.new_folder() / uploads.folder_name(name)
    return _start(
        dataset=dataset,
        root=str(target),
        layout=layout,
        acting_user=acting_user,
        keep_files=True,
        archive=str(archive),
    )


@transaction.atomic
def apply_import(*, run: ImportRun, acting_user: Any) -> Job:
    """Ask for a plan to be applied, or for its application to be taken up again.

    Raises
    ------
    CatalogueRefused
        When the plan is not ready or no longer holds, or the disk has no room for its files.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("job").get(pk=run.pk)
    if not may_be_applied(run):
        raise CatalogueRefused(
            _(
                "This plan cannot be applied: it is not finished, was applied already, or a later "
                "import was applied. Make a new plan."
            )
        )
    needed = run.summary.get("kept_bytes", 0)
    if needed > free_bytes():
        raise CatalogueRefused(
            _("The files need %(needed)s MB and the disk has %(free)s MB left. Make room first.")
            % {"needed": needed // 2**20 + 1, "free": free_bytes() // 2**20}
        )
    job = enqueue(
        kind="apply_import",
        parameters={"run": run.pk},
        acting_user=acting_user,
        subject_type="dataset",
        subject_id=run.dataset_id,
    )
    since = run.summary.get("applying_since") or timezone.now().isoformat()
    ImportRun.objects.filter(pk=run.pk).update(
        state=State.APPLYING, job=job, summary={**run.summary, "applying_since": since}
    )
    return job


def cancel_import(*, run: ImportRun, acting_user: Any) -> ImportRun:
    """Stop what the run is doing; a plan that nothing is working on is put aside for good.

    What was applied stays. A stopped application can be taken up again with `apply_import`.
    """
    run = ImportRun.objects.select_related("job").get(pk=run.pk)
    if run.job is not None and is_at_work(run):
        job = request_cancel(job=run.job, acting_user=acting_user)
        if job.is_finished:
            next_state = State.PLANNED if run.state == State.APPLYING else State.CANCELLED
            ImportRun.objects.filter(pk=run.pk, state=run.state).update(state=next_state)
    elif run.state in (State.PLANNING, State.PLANNED, State.APPLYING):
        ImportRun.objects.filter(pk=run.pk, state=run.state).update(state=State.CANCELLED)
    run.refresh_from_db()
    if run.state == State.CANCELLED:
        uploads.remove_folder(run)
    return run


def _start(
    *, dataset: Dataset, root: str, layout: str, acting_user: Any, keep_files: bool, archive: str
) -> ImportRun:
    if layout != AUTO and layout not in LAYOUTS:
        known = ", ".join([AUTO, *LAYOUTS])
        raise CatalogueRefused(
            _("There is no layout %(layout)s; known are %(known)s.")
            % {"layout": layout, "known": known}
        )
    with transaction.atomic():
        # One at a time, or two plans would both promise what only one of them can do
        Dataset.objects.select_for_update().get(pk=dataset.pk)
        for other in dataset.imports.select_related("job").filter(
            state__in=[State.PLANNING, State.APPLYING]
        ):
            if is_at_work(other):
                raise CatalogueRefused(
                    _("Another import of this dataset is at work. Wait for it, or cancel it.")
                )
        run = ImportRun.objects.create(
            dataset=dataset,
            root=root,
            layout=layout,
            keep_files=keep_files,
            created_by=acting_user,
        )
        run.job = enqueue(
            kind="plan_import",
            parameters={"run": run.pk, "archive": archive},
            acting_user=acting_user,
            subject_type="dataset",
            subject_id=dataset.pk,
        )
        ImportRun.objects.filter(pk=run.pk).update(job=run.job)
    return run


def checked_place(root: str, roots: Sequence[Path] | None = None) -> Path:
    """Return the folder or manifest that `root` names, as `start_import` takes it."""
    place = _open_place(root, roots)
    if not place.is_dir() and place.suffix.lower() != ".csv":
        raise CatalogueRefused(
            _("%(root)s is neither a folder nor a CSV manifest.") % {"root": root}
        )
    return place


def checked_folder(root: str, roots: Sequence[Path] | None = None) -> Path:
    """Return the folder that `root` names, below one of the `roots` where these are given."""
    place = _open_place(root, roots)
    if not place.is_dir():
        raise CatalogueRefused(_("%(root)s is not a folder.") % {"root": root})
    return place


def _open_place(root: str, roots: Sequence[Path] | None) -> Path:
    if not root.strip():
        raise CatalogueRefused(_("Name the folder to import."))
    try:
        place = Path(root).expanduser().resolve(strict=True)
        str(place).encode()
    except (OSError, RuntimeError, ValueError):
        raise CatalogueRefused(
            _("There is no folder %(root)s on the server.") % {"root": root}
        ) from None
    if roots is not None and not any(place.is_relative_to(allowed) for allowed in roots):
        raise CatalogueRefused(
            _("%(root)s lies below none of the folders open for import (STS_QA_IMPORT_ROOTS).")
            % {"root": root}
        )
    if len(str(place)) > ROOT_LENGTH:
        raise CatalogueRefused(_("The path of the folder is too long."))
    return place
