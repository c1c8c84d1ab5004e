"""What a volume's store tells of its values, kept in memory, and made ready before it is needed."""

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
from sts_qa.science.imaging.store import StoreFacts

logger = logging.getLogger(__name__)
UNREADABLE = (DamagedStore, files.ChangedFile, files.UnreadableFile, OSError)
VOLUMES_REMEMBERED = 128
# A volume that cannot be opened is not tried again with every question for the queue
RETRY_SECONDS = 60.0


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
    """Facts of the volumes asked for last, those that cannot be opened, and those being opened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facts: OrderedDict[Path, VolumeFacts] = OrderedDict()
        self._failures: dict[Path, float] = {}
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
            self._facts[path] = facts
            while len(self._facts) > VOLUMES_REMEMBERED:
                self._facts.popitem(last=False)

    def fail(self, path: Path) -> None:
        with self._lock:
            self._failures[path] = time.monotonic()

    def begin(self, path: Path) -> bool:
        """Note that a thread opens the volume; False when one does already."""
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


def is_ready(version: ItemVersion) -> bool:
    """Say whether a volume can be described at once, and its slices be read at once."""
    path = files.store_path(version)
    return _known.has_failed(path) or (_known.facts(path) is not None and path.exists())


def make_ready(version: ItemVersion, mask: FileVersion | None) -> None:
    """Open, and build where missing, the stores of a volume and its mask in the background."""
    path = files.store_path(version)
    if _known.begin(path):
        threading.Thread(target=_open, args=(path, version, mask), daemon=True).start()


def _open(path: Path, version: ItemVersion, mask: FileVersion | None) -> None:
    try:
        _known.keep(path, _real(files.open_volume(version).facts))
        if mask is not None:
            files.open_volume(mask)
    except UNREADABLE:
        logger.exception("The volume of item version %s cannot be opened", version.pk)
        if _known.facts(path) is None:
            _known.fail(path)
    finally:
        _known.end(path)


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
