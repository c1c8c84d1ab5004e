"""Kept copies and volume stores below the data folder, and which of them can be done without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from sts_qa.catalogue import files
from sts_qa.catalogue.models import ItemVersion, MaskVersion
from sts_qa.studies.models import SampledItem, Study

AT_A_TIME = 50


@dataclass(frozen=True)
class StoredFile:
    """One kept copy or store.

    `held_by` says why it stays: "study", "upload" (it is itself the source), "source" (the source
    is gone or has changed) or "unknown" (of no image or mask); empty when it can be made again.
    """

    path: Path
    size_bytes: int
    held_by: str


def stored_files() -> Iterator[StoredFile]:
    """Yield every kept copy and store; sources are read, so this takes its time.

    What studies need is asked anew every few files, as one may be drawn meanwhile.
    """
    paths = _paths()
    for start in range(0, len(paths), AT_A_TIME):
        checksums = {path: path.name.split(".")[0] for path in paths[start : start + AT_A_TIME]}
        needed = needed_checksums(set(checksums.values()))
        left = {path: checksum for path, checksum in checksums.items() if checksum not in needed}
        locations = _locations(set(left.values()))
        held = {
            path: _held_by_source(path, checksum, locations.get(checksum, set()))
            for path, checksum in left.items()
        }
        needed |= needed_checksums(set(left.values()))
        for path, checksum in checksums.items():
            held_by = "study" if checksum in needed else held[path]
            try:
                size = path.stat().st_size
            except FileNotFoundError:
                # The store is limited in size, and others may use it now
                continue
            yield StoredFile(path, size, held_by)


def _paths() -> list[Path]:
    folders = (settings.DATA_FOLDER / name for name in ("kept", "store"))
    found = (path for folder in folders for path in folder.glob("*/*"))
    # Files with a point in front are being written
    return sorted(path for path in found if not path.name.startswith("."))


def _locations(checksums: set[str]) -> dict[str, set[str]]:
    """Return, by checksum, where the files lie that were imported with it."""
    locations: dict[str, set[str]] = {}
    for model in (ItemVersion, MaskVersion):
        rows = model.objects.filter(sha256__in=checksums).values_list("sha256", "location")
        for checksum, location in rows:
            locations.setdefault(checksum, set()).add(location)
    return locations


def _held_by_source(path: Path, checksum: str, locations: set[str]) -> str:
    if not locations:
        return "unknown"
    if str(path) in locations:
        return "upload"
    # Every place, as different datasets may have imported the same bytes from different ones
    return "" if all(_is_there(location, checksum) for location in locations) else "source"


def _is_there(location: str, checksum: str) -> bool:
    try:
        return files.checksum_of(location) == checksum
    except OSError:
        return False


def needed_checksums(checksums: set[str]) -> set[str]:
    """Return those of the checksums that the sample of a study holds that is not closed."""
    drawn = (
        SampledItem.objects.exclude(study__state=Study.State.CLOSED)
        .order_by()
        .values("item_version")
    )
    images = ItemVersion.objects.filter(sha256__in=checksums, pk__in=drawn)
    masks = ItemVersion.objects.filter(mask__sha256__in=checksums, pk__in=drawn)
    return set(images.values_list("sha256", flat=True)) | set(
        masks.values_list("mask__sha256", flat=True)
    )
