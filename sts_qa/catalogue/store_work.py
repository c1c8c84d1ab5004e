"""The job that makes volumes ready for viewing, so that nobody waits when one is first shown.

It builds what a dataset lacks after an import, or what one volume lacks that a rater comes to soon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.catalogue import files, store_limit
from sts_qa.catalogue.models import Dataset, ItemVersion, MaskVersion
from sts_qa.catalogue.queries.stores import files_of, volume_files
from sts_qa.jobs.running import JobContext
from sts_qa.science.imaging.store import is_current
from sts_qa.science.imaging.store_building import StoreUnit, build_unit

LISTED_ERRORS = 200
# What a store holds beside its values
FACTS_BYTES = 16 * 1024


def build_stores(work: JobContext) -> dict[str, Any]:
    """Build what is missing; what cannot be read is listed and the rest done."""
    if "volume" in work.parameters:
        return _build_for_volume(work)
    return _build_for_dataset(work)


def _build_for_dataset(work: JobContext) -> dict[str, Any]:
    """Nothing is removed for it: what does not fit is built when it is first shown."""
    dataset = Dataset.objects.get(pk=work.parameters["dataset"])
    pending = _Pending(work, dataset)
    errors = []
    for unit, size, error in work.map_units(build_unit, pending.units()):
        pending.settle(unit, size or 0)
        if error is None:
            pending.counts["built"] += 1
        else:
            pending.counts["failed"] += 1
            errors.append({"where": unit.name, "reason": error})
        work.advance(message=unit.name)
    errors = sorted(errors, key=lambda error: error["where"])[:LISTED_ERRORS]
    return {**pending.counts, "errors": [*pending.notices(), *errors]}


def _build_for_volume(work: JobContext) -> dict[str, Any]:
    """Somebody waits for it: room is made, and what seems to be there is compared.

    Done in this process, as starting another one takes longer than a volume does.
    """
    versions = ItemVersion.objects.select_related("item", "mask")
    version = versions.get(pk=work.parameters["volume"])
    needed, errors = files_of(version), []
    work.set_total(len(needed))
    for file in needed:
        work.check_cancelled()
        key = file.key if isinstance(file, MaskVersion) else version.item.key
        try:
            files.build_store(file, recheck=True)
        except (files.ChangedFile, files.UnreadableFile, OSError) as error:
            errors.append({"where": key, "reason": str(error)})
        work.advance(message=key)
    return {"ready": len(needed) - len(errors), "failed": len(errors), "errors": errors}


class _Pending:
    """The stores still to be built, handed out as long as they fit."""

    def __init__(self, work: JobContext, dataset: Dataset) -> None:
        self._work = work
        self._files = list(volume_files(dataset))
        self._room = store_limit.room()
        self.counts: Counter[str] = Counter({"built": 0, "present": 0, "left_out": 0, "failed": 0})
        work.set_total(len(self._files))

    def units(self) -> Iterator[StoreUnit]:
        for key, version in self._files:
            target = files.store_path(version)
            # A store is about as large as its gzipped source
            expected = version.size_bytes + FACTS_BYTES
            if is_current(target, version.sha256):
                self._skip("present")
            elif expected > self._room:
                self._skip("left_out")
            else:
                self._room -= expected
                source = str(files.available_path(version))
                yield StoreUnit(source, version.sha256, str(target), key, expected)

    def settle(self, unit: StoreUnit, size_bytes: int) -> None:
        """Take the store's true size for the one that was expected."""
        self._room += unit.expected_bytes - size_bytes

    def notices(self) -> list[dict[str, str]]:
        if not self.counts["left_out"]:
            return []
        text = ngettext(
            "There was no room for %(n)d volume or mask; it is made ready when it is first "
            "shown, which takes seconds. Raise STS_QA_STORE_LIMIT_MB, or free some disk space.",
            "There was no room for %(n)d volumes and masks; each is made ready when it is first "
            "shown, which takes seconds. Raise STS_QA_STORE_LIMIT_MB, or free some disk space.",
            self.counts["left_out"],
        )
        return [{"where": _("Volume store"), "reason": text % {"n": self.counts["left_out"]}}]

    def _skip(self, reason: str) -> None:
        self._work.check_cancelled()
        self.counts[reason] += 1
        self._work.advance()
