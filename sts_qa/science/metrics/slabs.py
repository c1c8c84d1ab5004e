"""Metrics of some neighbouring slices of a volume, so that several processes share one volume."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from sts_qa.science.imaging.store import VolumeStore
from sts_qa.science.imaging.stored_raster import Array
from sts_qa.science.metrics.distribution import Distribution
from sts_qa.science.metrics.metal import metal_level
from sts_qa.science.metrics.sources import SourceFile, open_volume
from sts_qa.science.metrics.volumes import GreyScale, SliceValues, VolumeRange, compute_volume

Slab = dict[str, SliceValues]


def measure_slab(
    image: SourceFile, mask: SourceFile | None, metrics: Sequence[str], slab: tuple[int, int]
) -> Slab:
    """Metrics of scope "image" on some axial slices of a volume, few slices in memory at a time.

    Parameters
    ----------
    image, mask : SourceFile
        With their `store_path`.
    metrics : sequence of str
    slab : (first, stop)
        Numbers of the slices, from the inferior end; the last is `stop` - 1.
    """
    store = open_volume(image)
    mask_store = None if mask is None else open_volume(mask, affine=store.facts.affine)
    volume_range = _range_of_volume(image, mask)
    found = compute_volume(
        metrics,
        store.axial_run(*slab),
        None if mask_store is None else mask_store.axial_run(*slab),
        volume_range=volume_range,
        spacing=store.spacing_of_axial,
    )
    scale = _in_units_of_file(volume_range, *store.scale)
    return {name: replace(values, scale=scale) for name, values in found.items()}


def _in_units_of_file(found: VolumeRange, slope: float, intercept: float) -> GreyScale:
    low, high = (slope * value + intercept for value in (found.low, found.high))
    level = found.metal_level
    return GreyScale(low, high, None if level is None else slope * level + intercept)


@lru_cache(maxsize=4)
def _range_of_volume(image: SourceFile, mask: SourceFile | None) -> VolumeRange:
    """What slices must know of the whole volume; worked out once in each process."""
    store = open_volume(image)
    percentiles = np.array(store.facts.percentiles)
    values = Distribution(percentiles, np.ones(percentiles.size, dtype=np.int64))
    low, high = store.robust_range
    tooth_median = None if mask is None else _tooth_median(store, mask)
    metal = metal_level(values, low, high, tooth_median)
    return VolumeRange(low, high, *store.facts.extremes, metal)


def _tooth_median(store: VolumeStore, mask: SourceFile) -> float | None:
    """Median grey value inside the mask, None when it is empty."""
    mask_store = open_volume(mask, affine=store.facts.affine)
    masks = mask_store.axial_run(0, store.axial_count)
    counts = [int(np.count_nonzero(inside)) for inside in masks]
    with_teeth = np.flatnonzero(counts)
    if with_teeth.size == 0:
        return None
    run = int(with_teeth[0]), int(with_teeth[-1]) + 1
    # One array, as a mask may well be most of the volume
    values, filled = np.empty(sum(counts), dtype=store.dtype), 0
    pairs = zip(store.axial_run(*run), mask_store.axial_run(*run), strict=True)
    for pixels, inside in pairs:
        found = pixels[inside != 0]
        found = found[np.isfinite(found)]
        values[filled : filled + found.size] = found
        filled += found.size
    return _median(values[:filled]) if filled else None


def _median(values: Array) -> float:
    """Median of values that are rearranged."""
    ranks = (values.size - 1) // 2, values.size // 2
    values.partition(ranks)
    low, high = (float(values[rank]) for rank in ranks)
    return low + (high - low) / 2
