"""What a volume's values stand on: how its slices are spread, and which grey values count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class SliceFigures(NamedTuple):
    """One metric over the slices of a volume.

    `slices` is the number of those with a value, `worst_slice` a number from 1 at the inferior end;
    with `worst_5_percent` it is None for metrics without a direction. `black`, `white` and
    `metal_level` are grey values in the units of the file, None where they were not kept.
    """

    slices: int
    quartile_1: float | None
    quartile_3: float | None
    worst_5_percent: float | None
    worst_slice: int | None
    black: float | None
    white: float | None
    metal_level: float | None


SPREAD = ("slices", "quartile_1", "quartile_3", "worst_5_percent", "worst_slice")
"""Figures that each metric has of its own."""

WORST_OF_SPREAD = ("worst_5_percent", "worst_slice")
"""Those that only metrics with a direction have."""

SCALE = ("black", "white", "metal_level")
"""Figures that all metrics of a volume share."""

NO_SLICES = (None,) * len(SliceFigures._fields)


def slice_figures(summary: Mapping[str, Any] | None) -> SliceFigures | None:
    """Return what is stored of a volume's slices, None for a value of the whole item."""
    if not summary or not summary.get("counted"):
        return None
    worst = summary.get("worst_slice")
    return SliceFigures(
        slices=summary["counted"],
        quartile_1=summary.get("quartile_1"),
        quartile_3=summary.get("quartile_3"),
        worst_5_percent=summary.get("worst_5_percent"),
        worst_slice=None if worst is None else worst + 1,
        black=summary.get("black"),
        white=summary.get("white"),
        metal_level=summary.get("metal_level"),
    )
