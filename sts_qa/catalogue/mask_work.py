"""The job that imports further masks of a dataset's items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from sts_qa.catalogue.actions.further_masks import add_masks
from sts_qa.catalogue.actions.plans import BATCH
from sts_qa.catalogue.further_masks import (
    ComparedMasks,
    PairedMasks,
    ReadMask,
    compare_masks,
    mask_files,
    pair_with_items,
)
from sts_qa.catalogue.layouts.listing import Finding, list_folder
from sts_qa.catalogue.models import Dataset, MaskVersion
from sts_qa.catalogue.planning import clean
from sts_qa.catalogue.queries.further_masks import pairable_items
from sts_qa.jobs.running import JobContext, JobError
from sts_qa.science.imaging.pairs import Problem, read_mask_alone

MOST_ERRORS_KEPT = 1000


def import_masks(work: JobContext) -> dict[str, Any]:
    """Add what is new or has changed; what cannot be used is listed and the rest done."""
    dataset = Dataset.objects.get(pk=work.parameters["dataset"])
    paired = _paired(work, dataset)
    results = _Results(work, dataset)
    results.refuse(paired.refused)
    work.set_total(len(paired.chosen))
    by_path = {found.path: (found, item_id) for found, item_id in paired.chosen}
    waiting: list[ReadMask] = []
    for path, facts, error in work.map_units(read_mask_alone, by_path):
        found, item_id = by_path[path]
        if facts is None:
            facts = Problem("not-read", error or "")
        if isinstance(facts, Problem):
            results.refuse([Finding(found.key, facts.code, clean(facts.reason))])
        else:
            waiting.append(ReadMask(item_id, found, facts))
        if len(waiting) == BATCH:
            results.settle(waiting)
            waiting = []
        work.advance(message=found.key)
    results.settle(waiting)
    return results.summary()


def _paired(work: JobContext, dataset: Dataset) -> PairedMasks:
    """List the folder and find each file's item."""
    root = Path(work.parameters["root"])
    try:
        listing = list_folder(root, work.check_cancelled)
    except OSError as error:
        text = _("The folder %(root)s cannot be listed: %(text)s.")
        raise JobError(text % {"root": root, "text": error.strerror}) from error
    wrong = [finding for finding in listing.findings if not finding.ignored]
    if not listing.files and not wrong:
        text = _("There are no masks in the folder “%(name)s”. Check what was given.")
        raise JobError(text % {"name": root.name})
    paired = pair_with_items(mask_files(listing), pairable_items(dataset))
    paired.refused += wrong
    return paired


class _Results:
    """Writes masks, unless it is a dry run, and counts."""

    def __init__(self, work: JobContext, dataset: Dataset) -> None:
        self._work, self._dataset = work, dataset
        self._name: str = work.parameters["name"]
        self._errors: list[dict[str, str]] = []
        self._counts: Counter[str] = Counter(
            {"added": 0, "changed": 0, "unchanged": 0, "refused": 0}
        )

    def refuse(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._counts["refused"] += 1
            if len(self._errors) < MOST_ERRORS_KEPT:
                self._errors.append({"where": finding.key, "reason": finding.reason})

    def settle(self, read: list[ReadMask]) -> None:
        if not read:
            return
        compared = self._compared(read)
        self.refuse(compared.refused)
        for mask in compared.new:
            self._count(mask)
        for mask, _location in compared.unchanged:
            if self._is_mine(mask):
                self._count(mask)
            else:
                self._counts["unchanged"] += 1

    def summary(self) -> dict[str, Any]:
        """Return the job's result."""
        return {**self._counts, "errors": sorted(self._errors, key=lambda error: error["where"])}

    def _compared(self, read: list[ReadMask]) -> ComparedMasks:
        if self._work.parameters["dry_run"]:
            return compare_masks(self._name, read)
        with self._work.brief_write():
            return add_masks(
                dataset=self._dataset,
                name=self._name,
                read=read,
                acting_user=self._work.job.created_by,
            )

    def _count(self, mask: MaskVersion) -> None:
        self._counts["added" if mask.number == 1 else "changed"] += 1

    def _is_mine(self, mask: MaskVersion) -> bool:
        """Say whether an interrupted attempt of this very job has written it."""
        started_at = self._work.job.started_at
        return started_at is not None and mask.created_at >= started_at
