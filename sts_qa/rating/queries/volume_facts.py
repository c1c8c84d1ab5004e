"""What a volume's store tells of its values, kept in memory, and looked at before it is needed."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from sts_qa.catalogue import files
from sts_qa.catalogue.models import FileVersion, ItemVersion
from sts_qa.science.imaging.errors import DamagedStore
from sts_qa.science.imaging.store import StoreFacts, is_current

logger = logging.getLogger(__name__)
UNREADABLE = (DamagedStore, files.ChangedFile, files.UnreadableFile, OSError)
VOLUMES_REMEMBERED = 128
# A volume that cannot be opened is not tried again with every question for the queue
RETRY_SECONDS = 60.0
# Of a file: inode, size, time of change
Identity = tuple[int, int, int]


@dataclass(frozen=True)
class VolumeFacts:
    """Type of the stored values, and the spread of the real values = slope * stored + intercept.

    `percentiles` are 1001, at 0.0, 0.1 ... 100.0 %; `histogram` counts over equal parts of
    `extremes`.
    """

    dtype: str
    slope: float
    intercept: float
    extremes: tuple[float, float]
    percentiles: tuple[float, ...]
    histogram: tuple[int, ...]

    def percentile(self, percent: float) -> float:
        """Return a percentile of all values; `percent` has at most one decimal."""
        return self.percentiles[round(percent * 10)]


class _Known:
    """Facts of the stores asked for last; which cannot be had, are damaged, or are being opened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facts: OrderedDict[Path, VolumeFacts] = OrderedDict()
        self._failures: dict[Path, float] = {}
        self._damaged: dict[Path, Identity | None] = {}
        self._opening: set[Path] = set()

    def facts(self, path: Path) -> VolumeFacts | None:
        with self._lock:
            if path in self._facts:
                self._facts.move_to_end(path)
            return self._facts.get(path)

    def has_failed(self, path: Path) -> bool:
        with self._lock:
            failed_at = self._failures.get(path)
            return failed_at is not None and time.monotonic() - failed_at < RETRY_SECONDS

    def keep(self, path: Path, facts: VolumeFacts) -> None:
        with self._lock:
            self._failures.pop(path, None)
            self._damaged.pop(path, None)
            self._facts[path] = facts
            while len(self._facts) > VOLUMES_REMEMBERED:
                self._facts.popitem(last=False)

    def fail(self, path: Path) -> None:
        with self._lock:
            self._failures[path] = time.monotonic()

    def note_damage(self, path: Path, identity: Identity | None) -> None:
        with self._lock:
            self._damaged[path] = identity

    def is_damaged(self, path: Path, identity: Identity | None) -> bool:
        with self._lock:
            return path in self._damaged and self._damaged[path] == identity

    def begin(self, path: Path) -> bool:
        """Note that a thread opens the store; False when one does already."""
        with self._lock:
            is_first = path not in self._opening
            self._opening.add(path)
            return is_first

    def end(self, path: Path) -> None:
        with self._lock:
            self._opening.discard(path)


_known = _Known()


def volume_facts(version: ItemVersion) -> VolumeFacts | None:
    """Return a volume's facts, building its store when that is missing.

    Returns None for a volume that cannot be opened; it still gets its place in the queue, where
    a rater can report it.
    """
    path = files.store_path(version)
    if facts := _known.facts(path):
        return facts
    if _known.has_failed(path):
        return None
    try:
        facts = _real(files.open_volume(version).facts)
    except UNREADABLE:
        logger.exception("The volume of item version %s cannot be opened", version.pk)
        _known.fail(path)
        return None
    _known.keep(path, facts)
    return facts


def is_ready(file: FileVersion) -> bool:
    """Say whether slices of a volume or mask can be read at once, or are known not to be had."""
    path = files.store_path(file)
    return _known.has_failed(path) or (_known.facts(path) is not None and path.exists())


def is_stored(file: FileVersion) -> bool:
    """Say whether a store seems to be there; one that was found damaged does not count."""
    path = files.store_path(file)
    return is_current(path, file.sha256) and not _known.is_damaged(path, _identity(path))


def give_up(file: FileVersion) -> None:
    """Note that a store cannot be built, so that nobody waits for it before the next try."""
    _known.fail(files.store_path(file))


def look_at_in_background(file: FileVersion) -> None:
    threading.Thread(target=look_at, args=(file,), daemon=True).start()


def look_at(file: FileVersion) -> None:
    """Open and verify the store that is there, unless somebody does already; nothing is built."""
    path = files.store_path(file)
    if not _known.begin(path):
        return
    try:
        # Before opening: whoever mends it meanwhile puts another file there
        identity = _identity(path)
        if store := files.open_stored(file):
            _known.keep(path, _real(store.facts))
        else:
            _known.note_damage(path, identity)
    finally:
        _known.end(path)


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _real(facts: StoreFacts) -> VolumeFacts:
    slope, intercept = facts.scale_slope, facts.scale_intercept
    # A negative slope turns the order of values round
    step = -1 if slope < 0 else 1
    low, high = (slope * value + intercept for value in facts.extremes[::step])
    return VolumeFacts(
        dtype=facts.dtype,
        slope=slope,
        intercept=intercept,
        extremes=(low, high),
        percentiles=tuple(slope * value + intercept for value in facts.percentiles[::step]),
        histogram=tuple(facts.histogram[::step]),
    )
