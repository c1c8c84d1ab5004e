"""The jobs of an import: making the plan, and applying it.

Reading and hashing happen in other processes and outside transactions; writing happens in short
batches. Both jobs can be stopped at any moment and go on where they were.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from sts_qa.catalogue import files, uploads
from sts_qa.catalogue.actions import plans
from sts_qa.catalogue.actions.applying import apply_batch, finish_import
from sts_qa.catalogue.actions.stores import prepare_volumes
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.layouts import Candidate
from sts_qa.catalogue.layouts.candidates import LayoutResult
from sts_qa.catalogue.models import ImportEntry, ImportRun
from sts_qa.catalogue.planning import Comparison, clean, signature
from sts_qa.catalogue.queries.imports import dataset_hash, planned_signatures, stored_items
from sts_qa.catalogue.reading import candidate_entries, other_entries, read_folder
from sts_qa.jobs.running import JobCancelled, JobContext, JobError

State = ImportRun.State
LISTED_ERRORS = 200
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def plan_import(work: JobContext) -> dict[str, Any]:
    """Compare a folder with the dataset and write the plan down."""
    run = ImportRun.objects.select_related("dataset", "job").get(pk=work.parameters["run"])
    if run.state != State.PLANNING:
        return run.summary
    with _state_after(run, stopped=State.CANCELLED, failed=State.FAILED):
        if archive := work.parameters.get("archive"):
            _unpack(work, Path(archive), Path(run.root))
        layout, result = _read(work, run)
        comparison = Comparison(run, stored_items(run.dataset), run.dataset.subject_salt)
        _plan_candidates(work, result.candidates, comparison)
        taken = {candidate.key for candidate in result.candidates}
        plans.write_entries(other_entries(result.findings, comparison, taken))
        summary = plans.finish_plan(run, layout)
    return {**summary, "errors": _errors(run)}


def apply_import(work: JobContext) -> dict[str, Any]:
    """Bring the catalogue to what the plan says."""
    run = ImportRun.objects.select_related("dataset", "job").get(pk=work.parameters["run"])
    person = work.job.created_by
    with _state_after(run, stopped=State.PLANNED, failed=State.PLANNED):
        waiting = run.entries.filter(applied=False).order_by("id")
        work.set_total(waiting.count())
        while batch := list(waiting[: plans.BATCH]):
            work.check_cancelled()
            failures = _prepare_files(run, batch)
            with work.brief_write():
                apply_batch(run, batch, failures, person)
            work.advance(len(batch), message=batch[-1].key)
        summary = finish_import(run, person, content_hash=dataset_hash(run.dataset))
    uploads.remove_folder(run)
    prepare_volumes(dataset=run.dataset, acting_user=person)
    return {**summary, "errors": _errors(run)}


@contextmanager
def _state_after(run: ImportRun, *, stopped: str, failed: str) -> Iterator[None]:
    """Say in the run how its job ended when it did not reach its end."""
    try:
        yield
    except (JobCancelled, KeyboardInterrupt):
        _give_up(run, stopped)
        raise
    except Exception:
        _give_up(run, failed)
        raise


def _give_up(run: ImportRun, state: str) -> None:
    plans.set_state(run, state)
    if state != State.PLANNED:
        uploads.remove_folder(run)


def _unpack(work: JobContext, archive: Path, target: Path) -> None:
    """Unpack an upload unless an interrupted attempt has done it."""
    if target.exists():
        return
    refusals = uploads.check_zip(archive, check=work.check_cancelled)
    if refusals:
        raise JobError(uploads.refusal_text(refusals))
    uploads.unpack(archive, target, check=work.check_cancelled)
    archive.unlink(missing_ok=True)


def _read(work: JobContext, run: ImportRun) -> tuple[str, LayoutResult]:
    try:
        return read_folder(Path(run.root), run.layout, work.check_cancelled)
    except CatalogueRefused as error:
        raise JobError(str(error)) from error


def _plan_candidates(work: JobContext, candidates: list[Candidate], comparison: Comparison) -> None:
    """Read all images that an interrupted attempt has not read, and write their entries."""
    planned = planned_signatures(comparison.run)
    unread, keep_ids = [], set()
    for candidate in candidates:
        entry_id, known = planned.get(candidate.key, (0, ""))
        if known == signature(candidate):
            keep_ids.add(entry_id)
        else:
            unread.append(candidate)
    plans.forget_entries(comparison.run, keep_ids)
    work.set_total(len(candidates))
    work.advance(len(keep_ids))
    entries = []
    for entry in candidate_entries(unread, comparison, work.map_units):
        entries.append(entry)
        work.advance(message=entry.key)
        if len(entries) == plans.BATCH:
            plans.write_entries(entries)
            entries = []
    plans.write_entries(entries)


def _prepare_files(run: ImportRun, batch: list[ImportEntry]) -> dict[int, tuple[str, str]]:
    """Check, and keep where wanted, the files of a batch; return code and reason of failures."""
    failures = {}
    for entry in batch:
        try:
            for part in ("image", "mask"):
                if file := entry.content.get(part):
                    _prepare_file(run, file)
        except files.ChangedFile:
            reason = _("The file has changed since the plan was made. Make a new plan.")
            failures[entry.pk] = ("changed-since-plan", reason)
        except OSError as error:
            if error.errno in NO_ROOM:
                text = _(
                    "The disk of the data folder is full. Make room, then apply the plan again."
                )
                raise JobError(text) from error
            reason = _("The file cannot be read: %(text)s.") % {"text": error.strerror}
            failures[entry.pk] = ("cannot-open", clean(reason))
    return failures


def _prepare_file(run: ImportRun, file: dict[str, Any]) -> None:
    location = file["location"]
    if run.keep_files:
        file["location"] = str(files.keep_bytes(location, file["sha256"]))
        return
    status = os.stat(location)
    is_same = (status.st_size, status.st_mtime_ns) == (file["size_bytes"], file["modified_ns"])
    if not is_same and files.checksum_of(location) != file["sha256"]:
        raise files.ChangedFile(location)


def _errors(run: ImportRun) -> list[dict[str, str]]:
    """Return the first errors for the job's page; the run's own page lists all."""
    rows = run.entries.filter(outcome=ImportEntry.Outcome.ERROR).order_by("key")
    return [
        {"where": key, "reason": reason}
        for key, reason in rows.values_list("key", "reason")[:LISTED_ERRORS]
    ]
