"""Metrics of one item from its files: the units of work that many processes share.

Arguments and results are plain values, so that they can be sent to another process or machine.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sts_qa.science.metrics.compute import MetricValue, compute, compute_on_mask, of_scope
from sts_qa.science.metrics.image import Kind, Reason
from sts_qa.science.metrics.slabs import Slab, measure_slab
from sts_qa.science.metrics.sources import (
    Inside,
    SourceFile,
    inside_radiograph,
    inside_volume,
    radiograph_pixels,
)
from sts_qa.science.metrics.volumes import SliceValues, join_slabs

OVERFLOW = "value beyond what numbers hold"
"""Reason of a value that came out infinite, for example of grey values near 1e38."""


@dataclass(frozen=True)
class FurtherMask:
    """Another mask of the item; `mask_version` and `name` only name it for the caller.

    `fits` says whether it lies on the image's grid, which its voxels alone do not show.
    """

    mask_version: int
    name: str
    file: SourceFile
    fits: bool = True


@dataclass(frozen=True)
class MetricUnit:
    """What one process measures at a time.

    Of a radiograph all its metrics; of a volume those of scope "image" on a slab of axial slices,
    or those of scope "mask" on its mask; of either the agreement of its mask with a further one.

    Parameters
    ----------
    item_version : int
    name : str
        As `item_version`, only for the caller.
    kind : {'radiograph', 'volume'}
    image : SourceFile
    mask : SourceFile, optional
    metrics : tuple of str
        Entries of METRICS.
    slab : (first, stop), optional
        Numbers of the axial slices, from the inferior end; the last is `stop` - 1.
    further : FurtherMask, optional
    """

    item_version: int
    name: str
    kind: Kind
    image: SourceFile
    mask: SourceFile | None
    metrics: tuple[str, ...]
    slab: tuple[int, int] | None = None
    further: FurtherMask | None = None


@dataclass(frozen=True)
class MeasuredValue:
    """A metric of an item as it is stored.

    Parameters
    ----------
    value : float, optional
        Measured on the slices of a volume: the median. None: `reason` says why.
    reason : str
    slice_values : list of float or None, optional
        Of a volume, from the inferior end; None where missing.
    summary : dict, optional
        Of a volume: the fields of `SliceSummary` and `GreyScale`, `iqr`, and `missing`: reason to
        slice numbers.
    error : str
        What nobody foresaw; such a value is not stored, but told and measured again.
    """

    value: float | None
    reason: str = ""
    slice_values: list[float | None] | None = None
    summary: dict[str, Any] | None = None
    error: str = ""


Measured = dict[str, MeasuredValue]


def measure_files(unit: MetricUnit) -> Measured | Slab:
    """Metrics of one unit by name; slabs are put together by `join_measured`.

    Raises
    ------
    UnreadableFile
        When a file is needed and cannot be read or has other bytes than those imported.
    """
    if unit.further is not None:
        return measure_agreement(unit.kind, unit.image, unit.mask, unit.further, unit.metrics)
    if unit.kind == "radiograph":
        return measure_radiograph(unit.image, unit.mask, unit.metrics)
    if unit.slab is None:
        return measure_volume_mask(unit.image, unit.mask, unit.metrics)
    return measure_slab(unit.image, unit.mask, unit.metrics, unit.slab)


def measure_radiograph(
    image: SourceFile, mask: SourceFile | None, metrics: Sequence[str]
) -> Measured:
    """Metrics of a radiograph and of its mask."""
    inside = None if mask is None else inside_radiograph(mask)
    on_image = of_scope(metrics, "image")
    found: dict[str, MetricValue] = {}
    if on_image:
        found = compute(on_image, radiograph_pixels(image), inside)
    found |= _on_mask(of_scope(metrics, "mask"), inside)
    return {name: _single(found[name]) for name in metrics}


def measure_volume_mask(
    image: SourceFile, mask: SourceFile | None, metrics: Sequence[str]
) -> Measured:
    """Metrics of scope "mask" on the whole mask of a volume."""
    inside, spacing = (None, None) if mask is None else inside_volume(image, mask)
    return {name: _single(value) for name, value in _on_mask(metrics, inside, spacing).items()}


def measure_agreement(
    kind: Kind,
    image: SourceFile,
    mask: SourceFile | None,
    further: FurtherMask,
    metrics: Sequence[str],
) -> Measured:
    """Metrics that compare the mask of an item with a further one."""
    if mask is None:
        return dict.fromkeys(metrics, MeasuredValue(None, Reason.NO_MASK.value))
    if not further.fits:
        return dict.fromkeys(metrics, MeasuredValue(None, Reason.MISFIT.value))
    spacing = None
    if kind == "volume":
        inside, spacing = inside_volume(image, mask)
        reference, _ = inside_volume(image, further.file)
    else:
        inside, reference = inside_radiograph(mask), inside_radiograph(further.file)
    if inside.shape != reference.shape:
        return dict.fromkeys(metrics, MeasuredValue(None, Reason.MISFIT.value))
    found = compute_on_mask(metrics, inside, reference=reference, spacing=spacing)
    return {name: _single(value) for name, value in found.items()}


def join_measured(slabs: Sequence[Slab]) -> Measured:
    """Metrics of a volume out of those of all its slabs, given from the inferior end."""
    return {name: _checked(_of_slices(values)) for name, values in join_slabs(slabs).items()}


def _on_mask(
    metrics: Sequence[str], inside: Inside | None, spacing: tuple[float, ...] | None = None
) -> dict[str, MetricValue]:
    if inside is None or not metrics:
        return dict.fromkeys(metrics, MetricValue(None, Reason.NO_MASK.value))
    return compute_on_mask(metrics, inside, spacing=spacing)


def _single(found: MetricValue) -> MeasuredValue:
    return _checked(MeasuredValue(found.value, found.reason, error=found.error))


def _of_slices(found: SliceValues) -> MeasuredValue:
    if found.errors:
        number, error = next(iter(found.errors.items()))
        return MeasuredValue(None, error=f"slice {number + 1}: {error}")
    missing: dict[str, list[int]] = {}
    for number, reason in enumerate(found.reasons):
        if reason:
            missing.setdefault(reason, []).append(number)
    summary = {**asdict(found.summary), "iqr": found.summary.iqr, "missing": missing}
    if found.scale is not None:
        summary |= asdict(found.scale)
    return MeasuredValue(
        value=found.summary.median,
        reason="" if found.summary.counted else _main_reason(found.reasons),
        slice_values=[None if math.isnan(value) else value for value in found.values.tolist()],
        summary=summary,
    )


def _main_reason(reasons: Sequence[str]) -> str:
    """The commonest reason; that of slices with content before that of empty ones."""
    telling = [reason for reason in reasons if reason != Reason.NO_CONTENT]
    return Counter(telling or reasons).most_common(1)[0][0]


def _checked(found: MeasuredValue) -> MeasuredValue:
    """Infinity is neither a result nor a number that a database keeps."""
    numbers = [found.value, *(found.slice_values or ())]
    if all(number is None or math.isfinite(number) for number in numbers):
        return found
    return MeasuredValue(None, OVERFLOW)
