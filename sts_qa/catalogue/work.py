"""The jobs of an import: making the plan, and applying it.

Reading and hashing happen in other processes and outside transactions; writing happens in short
batches. Both jobs can be stopped at any moment and go on where they were.
"""

from __future__ import annotations

import itertools
import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from sts_qa.catalogue import files, uploads
from sts_qa.catalogue.actions import plans
from sts_qa.catalogue.actions.applying import apply_batch, finish_import
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.layouts import AUTO, LAYOUTS, Candidate, Finding, Listing, detect_layout
from sts_qa.catalogue.layouts.candidates import LayoutResult
from sts_qa.catalogue.layouts.listing import list_folder, without_duplicates
from sts_qa.catalogue.models import NAME_LENGTH, ImportEntry, ImportRun
from sts_qa.catalogue.planning import (
    Comparison,
    clean,
    plan_candidate,
    plan_finding,
    plan_missing,
    signature,
)
from sts_qa.catalogue.queries.imports import dataset_hash, planned_signatures, stored_items
from sts_qa.jobs.running import JobCancelled, JobContext, JobError
from sts_qa.science.imaging.pairs import PairFacts, Problem, read_pair

State = ImportRun.State
LISTED_ERRORS = 200


def plan_import(work: JobContext) -> dict[str, Any]:
    """Compare a folder with the dataset and write the plan down."""
    run = ImportRun.objects.select_related("dataset").get(pk=work.parameters["run"])
    if run.state != State.PLANNING:
        return run.summary
    with _state_after(run, stopped=State.CANCELLED, failed=State.FAILED):
        if archive := work.parameters.get("archive"):
            _unpack(work, Path(archive), Path(run.root))
        listing = _list(work, run)
        layout = detect_layout(listing) if run.layout == AUTO else run.layout
        result = _read_layout(layout, listing)
        comparison = Comparison(run, stored_items(run.dataset), run.dataset.subject_salt)
        taken = _plan_candidates(work, result.candidates, comparison)
        _plan_others(result.findings, comparison, taken)
        summary = plans.finish_plan(run, layout)
    return {**summary, "errors": _errors(run)}


def apply_import(work: JobContext) -> dict[str, Any]:
    """Bring the catalogue to what the plan says."""
    run = ImportRun.objects.select_related("dataset").get(pk=work.parameters["run"])
    person = work.job.created_by
    with _state_after(run, stopped=State.PLANNED, failed=State.PLANNED):
        waiting = run.entries.filter(applied=False).order_by("id")
        work.set_total(waiting.count())
        while batch := list(waiting[: plans.BATCH]):
            work.check_cancelled()
            failures = _prepare_files(run, batch)
            apply_batch(run, batch, failures, person)
            work.advance(len(batch), message=batch[-1].key)
        summary = finish_import(run, person, content_hash=dataset_hash(run.dataset))
    uploads.remove_folder(run)
    return {**summary, "errors": _errors(run)}


@contextmanager
def _state_after(run: ImportRun, *, stopped: str, failed: str) -> Iterator[None]:
    """Say in the run how its job ended when it did not reach its end."""
    try:
        yield
    except (JobCancelled, KeyboardInterrupt):
        plans.set_state(run, stopped)
        raise
    except Exception:
        plans.set_state(run, failed)
        raise


def _unpack(work: JobContext, archive: Path, target: Path) -> None:
    """Unpack an upload unless an interrupted attempt has done it."""
    if target.exists():
        return
    refusals = uploads.check_zip(archive, check=work.check_cancelled)
    if refusals:
        raise JobError(uploads.refusal_text(refusals))
    uploads.unpack(archive, target, check=work.check_cancelled)
    archive.unlink(missing_ok=True)


def _list(work: JobContext, run: ImportRun) -> Listing:
    work.job.message = _("Listing the folder")
    try:
        listing = list_folder(Path(run.root), work.check_cancelled)
    except OSError as error:
        raise JobError(
            _("The folder %(root)s cannot be listed: %(text)s.")
            % {"root": run.root, "text": error.strerror}
        ) from error
    return listing


def _read_layout(layout: str, listing: Listing) -> LayoutResult:
    try:
        result = LAYOUTS[layout](listing)
    except CatalogueRefused as error:
        raise JobError(str(error)) from error
    for table in listing.tables:
        if layout != "manifest" or table.name.casefold() != listing.manifest_name.casefold():
            result.findings.append(
                Finding(table.key, "no-image", _("No image."), table.size_bytes, ignored=True)
            )
    result.findings += listing.findings
    if not result.candidates and all(finding.ignored for finding in result.findings):
        # More likely a disk that is not mounted than a dataset of which every file is gone
        raise JobError(
            _("There are no images in %(root)s. Check the path.") % {"root": listing.root}
        )
    return _without_bad_names(result)


def _without_bad_names(result: LayoutResult) -> LayoutResult:
    """Turn candidates whose category cannot be stored, or has two groups, into findings."""
    good, findings = [], list(result.findings)
    groups: dict[str, str] = {}
    for candidate in result.candidates:
        name, group = candidate.category, candidate.group
        if len(name) > NAME_LENGTH or len(group) > NAME_LENGTH or not name.isprintable():
            reason = _("The name of the category is longer than %(longest)s characters.") % {
                "longest": NAME_LENGTH
            }
        elif groups.setdefault(name, group) != group:
            reason = _("The category %(name)s stands in two groups.") % {"name": name}
        else:
            good.append(candidate)
            continue
        findings.append(Finding(candidate.key, "bad-category", reason))
    return LayoutResult(good, findings)


def _plan_candidates(
    work: JobContext, candidates: list[Candidate], comparison: Comparison
) -> set[str]:
    """Read all images that an interrupted attempt has not read; return the keys planned for."""
    run = comparison.run
    planned = planned_signatures(run)
    by_paths: dict[tuple[str, str | None], Candidate] = {}
    keep_ids = set()
    for candidate in candidates:
        entry_id, known = planned.get(candidate.key, (0, ""))
        if known == signature(candidate):
            keep_ids.add(entry_id)
        else:
            by_paths[_paths(candidate)] = candidate
    plans.forget_entries(run, keep_ids)
    work.set_total(len(candidates))
    work.advance(len(keep_ids))
    entries: list[ImportEntry] = []
    for paths, facts, error in work.map_units(read_pair, by_paths):
        candidate = by_paths[paths]
        if facts is None:
            facts = PairFacts(Problem("not-read", error or ""), None, "")
        entries.append(plan_candidate(candidate, facts, comparison))
        work.advance(message=candidate.key)
        if len(entries) >= plans.BATCH:
            plans.write_entries(entries)
            entries = []
    plans.write_entries(entries)
    return {candidate.key for candidate in candidates}


def _paths(candidate: Candidate) -> tuple[str, str | None]:
    return candidate.image.path, candidate.mask.path if candidate.mask else None


def _plan_others(findings: list[Finding], comparison: Comparison, taken: set[str]) -> None:
    """Write entries for files that are not imported and for items whose files are gone."""
    entries: dict[str, ImportEntry] = {}
    for finding in without_duplicates(findings):
        normal = unicodedata.normalize("NFC", finding.key)
        is_item = normal in comparison.stored and normal not in taken | entries.keys()
        key = normal if is_item else finding.key
        if key in taken or key in entries:
            continue
        entry = plan_finding(finding, comparison, key)
        entries[entry.key] = entry
    for key, stored in comparison.stored.items():
        if key not in taken and key not in entries:
            entries[key] = plan_missing(key, stored, comparison.run)
    waiting = iter(entries.values())
    while batch := list(itertools.islice(waiting, plans.BATCH)):
        plans.write_entries(batch)


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
            reason = _("The file cannot be read: %(text)s.") % {"text": error.strerror}
            failures[entry.pk] = ("cannot-open", clean(reason))
    return failures


def _prepare_file(run: ImportRun, file: dict[str, Any]) -> None:
    location = file["location"]
    if run.keep_files:
        target = files.kept_path_of(file["sha256"], location)
        if not target.exists():
            files.copy_checked(location, target, file["sha256"])
        file["location"] = str(target)
        return
    status = os.stat(location)
    if (status.st_size, status.st_mtime_ns) != (file["size_bytes"], file["modified_ns"]):
        raise files.ChangedFile(location)


def _errors(run: ImportRun) -> list[dict[str, str]]:
    """Return the first errors for the job's page; the run's own page lists all."""
    rows = run.entries.filter(outcome=ImportEntry.Outcome.ERROR).order_by("key")
    return [
        {"where": key, "reason": reason}
        for key, reason in rows.values_list("key", "reason")[:LISTED_ERRORS]
    ]
