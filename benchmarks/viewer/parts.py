"""The parts of the benchmark by name, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from benchmarks.report import Measurement
from benchmarks.viewer import five_raters, niivue, radiographs, slow_line, volumes, weight
from benchmarks.viewer.setting import Setting


class Part(Protocol):
    """A module: what `--only` calls it, how its rows begin, which studies it needs."""

    NAME: str
    PREFIX: str
    NEEDS: tuple[str, ...]
    measure: Callable[[Setting], list[Measurement]]


PARTS: dict[str, Part] = {
    part.NAME: part for part in (radiographs, volumes, niivue, slow_line, five_raters, weight)
}
