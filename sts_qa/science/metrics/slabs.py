"""Metrics of some neighbouring slices of a volume, so that several processes share one volume."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from sts_qa.science.imaging.store import VolumeStore
from sts_qa.science.metrics.distribution import Distribution
from sts_qa.science.metrics.masks import extent
from sts_qa.science.metrics.metal import metal_level
from sts_qa.science.metrics.sources import SourceFile, open_volume
from sts_qa.science.metrics.volumes import SliceValues, VolumeRange, compute_volume

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
    return compute_volume(
        metrics,
        store.axial_run(*slab),
        None if mask_store is None else mask_store.axial_run(*slab),
        volume_range=_range_of_volume(image, mask),
        spacing=store.spacing_of_axial,
    )


@lru_cache(maxsize=4)
def _range_of_volume(image: SourceFile, mask: SourceFile | None) -> VolumeRange:
    """What slices must know of the whole volume; worked out once in each process."""
    store = open_volume(image)
    percentiles = np.array(store.facts.percentiles)
    low, high = store.robust_range
    metal = metal_level(
        Distribution(percentiles, np.ones(percentiles.size, dtype=np.int64)),
        low,
        high,
        None if mask is None else _tooth_median(store, open_volume(mask)),
    )
    return VolumeRange(low, high, *store.facts.extremes, metal)


def _tooth_median(store: VolumeStore, mask_store: VolumeStore) -> float | None:
    """Median grey value inside the mask, None without one."""
    inside = mask_store.stored() != 0
    box = extent(inside)
    if box is None:
        return None
    # Transposed, both lie in memory in the order in which they are gone through
    values = store.stored(*box).T[inside[box].T]
    values = values[np.isfinite(values)]
    return Distribution.of(values).percentile(50) if values.size else None
