"""Metrics of a volume: one value per axial slice, streamed, and their summary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, repeat

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.compute import MetricValue, chosen, measure
from sts_qa.science.metrics.image import Array, PreparedImage, Reason
from sts_qa.science.metrics.table import METRICS

CONTENT_LEVEL = 0.25
CONTENT_SHARE = 0.01
"""A slice has content when at least this share of it reaches CONTENT_LEVEL of the robust range."""

WORST_PERCENT = 5

NO_CONTENT = MetricValue(None, Reason.NO_CONTENT.value)


@dataclass(frozen=True)
class VolumeRange:
    """Grey values of a whole volume: p0.5 and p99.5 stand for 0 and 1; its extremes.

    `metal_level` is the value above which a voxel counts as metal; None: each slice finds its own.
    """

    low: float
    high: float
    minimum: float
    maximum: float
    metal_level: float | None = None


@dataclass(frozen=True)
class SliceSummary:
    """Summary over the slices that have a value; None where there is none.

    `worst_5_percent` is the 95th percentile in the bad direction, `worst_slice` the number
    (from 0) of the slice with the worst value; both None for metrics without a direction.
    """

    counted: int
    median: float | None = None
    quartile_1: float | None = None
    quartile_3: float | None = None
    worst_5_percent: float | None = None
    worst_slice: int | None = None

    @property
    def iqr(self) -> float | None:
        """Interquartile range."""
        if self.quartile_1 is None or self.quartile_3 is None:
            return None
        return self.quartile_3 - self.quartile_1


@dataclass(frozen=True)
class GreyScale:
    """What grey values of a volume stand for, in the file's units: slope and intercept applied.

    `black` (p0.5) and `white` (p99.5) are measured as 0 and 255; above `metal_level` a voxel counts
    as metal, None where each slice finds its own.
    """

    black: float
    white: float
    metal_level: float | None


@dataclass(frozen=True, eq=False)
class SliceValues:
    """One metric on every slice.

    `values` is float64 of shape (slices,), NaN where missing; `reasons` says for each slice why,
    "" where there is a value. `errors` tells by number of the slice what nobody foresaw. `scale` is
    that of the whole volume, None where it is not known.
    """

    values: NDArray[np.float64]
    reasons: tuple[str, ...]
    summary: SliceSummary
    errors: Mapping[int, str] = field(default_factory=dict)
    scale: GreyScale | None = None


def compute_volume(
    names: Iterable[str],
    slices: Iterable[Array],
    masks: Iterable[Array | None] | None = None,
    *,
    volume_range: VolumeRange,
    spacing: tuple[float, float] | None = None,
) -> dict[str, SliceValues]:
    """Metrics on the axial slices of a volume, or of a slab of it, one slice in memory at a time.

    Parameters
    ----------
    names : iterable of str
        Entries of METRICS of scope "image".
    slices : iterable of ndarray of shape (M, N)
        In the order in which they are numbered, from the inferior end.
    masks : iterable of ndarray or None, optional
        As many as slices.
    volume_range : VolumeRange
        Of the whole volume; grey values are measured as (v - p0.5) / (p99.5 - p0.5), not clipped.
    spacing : (row, column), optional
        Size of a pixel in mm.

    Returns
    -------
    dict of str to SliceValues
        Slices without content have no value: see `has_content`.
    """
    metrics = chosen(names, "image")
    found: dict[str, list[MetricValue]] = {metric.name: [] for metric in metrics}
    pairs = zip(slices, repeat(None)) if masks is None else zip(slices, masks, strict=True)
    for pixels, mask in pairs:
        content = has_content(pixels, volume_range)
        image = PreparedImage(
            pixels,
            mask,
            spacing=spacing,
            kind="volume",
            value_range=(volume_range.low, volume_range.high),
            limits=(volume_range.minimum, volume_range.maximum),
            metal_level=volume_range.metal_level,
        )
        for metric in metrics:
            found[metric.name].append(measure(metric, image) if content else NO_CONTENT)
    return {name: _collected(name, values) for name, values in found.items()}


def join_slabs(slabs: Sequence[Mapping[str, SliceValues]]) -> dict[str, SliceValues]:
    """Values of a whole volume out of those of its slabs, given from the inferior end.

    Each is what `compute_volume` gives of the slab with the range of the whole volume.
    """
    return {name: _joined(name, [slab[name] for slab in slabs]) for name in slabs[0]}


def has_content(pixels: Array, volume_range: VolumeRange) -> bool:
    """Whether at least 1% of a slice reaches a quarter of the volume's robust range.

    Leaves out air and padding above and below the patient, whose values would say nothing about
    the part that is rated.
    """
    level = volume_range.low + CONTENT_LEVEL * (volume_range.high - volume_range.low)
    return bool(np.count_nonzero(pixels >= level) >= CONTENT_SHARE * pixels.size)


def summarise(name: str, values: NDArray[np.float64]) -> SliceSummary:
    """Summary of the per-slice values of a metric; NaN is left out."""
    present = values[~np.isnan(values)]
    if present.size == 0:
        return SliceSummary(counted=0)
    quartile_1, median, quartile_3 = (float(v) for v in np.percentile(present, (25, 50, 75)))
    direction = METRICS[name].direction
    if direction == "none":
        return SliceSummary(present.size, median, quartile_1, quartile_3)
    high_is_bad = direction == "down"
    worst = np.percentile(present, 100 - WORST_PERCENT if high_is_bad else WORST_PERCENT)
    worst_slice = np.nanargmax(values) if high_is_bad else np.nanargmin(values)
    return SliceSummary(
        present.size, median, quartile_1, quartile_3, float(worst), int(worst_slice)
    )


def _collected(name: str, found: list[MetricValue]) -> SliceValues:
    values = np.array(
        [np.nan if entry.value is None else entry.value for entry in found], dtype=np.float64
    )
    errors = {number: entry.error for number, entry in enumerate(found) if entry.error}
    reasons = tuple(entry.reason for entry in found)
    return SliceValues(values, reasons, summarise(name, values), errors)


def _joined(name: str, slabs: list[SliceValues]) -> SliceValues:
    values = np.concatenate([slab.values for slab in slabs])
    reasons = tuple(reason for slab in slabs for reason in slab.reasons)
    starts = accumulate((slab.values.size for slab in slabs), initial=0)
    errors = {
        start + number: error
        for start, slab in zip(starts, slabs, strict=False)
        for number, error in slab.errors.items()
    }
    return SliceValues(values, reasons, summarise(name, values), errors, slabs[0].scale)
