"""The limit of what is kept only to be quick: volume stores, and pictures of volumes.

The least recently used goes first. Kept beyond the limit are stores of studies that are not closed,
and those that could not be made again. Whoever has a removed file open reads on undisturbed.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from sts_qa.catalogue.extensions import NEEDED_CHECKSUMS
from sts_qa.catalogue.models import ItemVersion, MaskVersion
from sts_qa.catalogue.places import kept_path_of
from sts_qa.science.imaging.store_building import alone

logger = logging.getLogger(__name__)
STORES, PREVIEWS = "store", "previews"
AT_A_TIME = 50
# Of the disk, left for the database and uploads
RESERVE_BYTES = 2**30


@dataclass(frozen=True)
class QuickFile:
    """A store or a picture; both names begin with the checksum of the image."""

    path: Path
    folder: str
    size_bytes: int
    used_ns: int

    @property
    def checksum(self) -> str:
        return self.path.name.split(".")[0].split("-")[0]


def keep_within_limit() -> None:
    """Remove what was not used for longest until the rest fits.

    Within a transaction it waits for its end, because looking takes its time.
    """
    limit = settings.STORE_LIMIT_BYTES
    if not limit or _size(quick_files()) <= limit:
        return
    if connection.in_atomic_block:
        transaction.on_commit(keep_within_limit)
        return
    with alone(settings.DATA_FOLDER / "limit"):
        _remove_least_used(limit)


def room() -> int:
    """Return how many bytes can be added without removing anything or filling the disk."""
    disk = max(0, shutil.disk_usage(settings.DATA_FOLDER).free - RESERVE_BYTES)
    limit = settings.STORE_LIMIT_BYTES or sys.maxsize
    return max(0, min(disk, limit - _size(quick_files())))


def quick_files() -> list[QuickFile]:
    """Return every store and picture, except those that are being written."""
    found = []
    for folder in (STORES, PREVIEWS):
        for path in (settings.DATA_FOLDER / folder).glob("*/[!.]*"):
            try:
                status = path.stat()
            except FileNotFoundError:
                # Another process has just removed it
                continue
            found.append(QuickFile(path, folder, status.st_size, status.st_atime_ns))
    return found


def _remove_least_used(limit: int) -> None:
    files = sorted(quick_files(), key=lambda file: file.used_ns)
    excess = _size(files) - limit
    removed = 0
    # Never the newest, which somebody has just asked for
    candidates = files[:-1]
    for start in range(0, len(candidates), AT_A_TIME):
        if excess <= 0:
            break
        batch = candidates[start : start + AT_A_TIME]
        held = _held({file.checksum for file in batch if file.folder == STORES})
        for file in batch:
            if excess > 0 and (file.folder == PREVIEWS or file.checksum not in held):
                file.path.unlink(missing_ok=True)
                excess -= file.size_bytes
                removed += 1
    if removed:
        logger.info("Removed %d least recently used stores and pictures of volumes", removed)
    if excess > 0:
        logger.warning(
            "The volume store is %d MB above STS_QA_STORE_LIMIT_MB; the rest of it is needed by "
            "studies, or its sources are gone",
            excess // 2**20 + 1,
        )


def _held(checksums: set[str]) -> set[str]:
    """Return those of the checksums whose stores must stay."""
    needed: set[str] = set()
    for ask in NEEDED_CHECKSUMS:
        needed |= ask(checksums)
    known, lost = set(), set()
    for model in (ItemVersion, MaskVersion):
        rows = model.objects.filter(sha256__in=checksums)
        for checksum, location, size in rows.values_list("sha256", "location", "size_bytes"):
            known.add(checksum)
            if not _is_there(checksum, location, size):
                lost.add(checksum)
    return needed | lost | (checksums - known)


def _is_there(checksum: str, location: str, size_bytes: int) -> bool:
    """Say whether the source, or its kept copy, seems to be there; reading it takes too long."""
    if kept_path_of(checksum, location).exists():
        return True
    try:
        return os.stat(location).st_size == size_bytes
    except OSError:
        return False


def _size(files: Iterable[QuickFile]) -> int:
    return sum(file.size_bytes for file in files)
