"""Axial slices of a volume as units of a sample."""

from __future__ import annotations

from collections.abc import Sequence

from sts_qa.catalogue.models import ItemVersion
from sts_qa.science.imaging.slicing import axial_axis
from sts_qa.science.statistics.drawing import draw_slices
from sts_qa.studies.models import Study


def axial_slices(version: ItemVersion, *, within_mask: bool = False) -> list[int]:
    """Return the indices of the volume's axial slices, from 0 at the inferior end.

    `within_mask` leaves only those between the first and the last slice with mask pixels, where
    the item has a mask that is not empty.
    """
    axis, is_reversed = axial_axis(version.affine)
    count = version.shape[axis]
    first, last = 0, count - 1
    if within_mask and version.mask is not None and version.mask.extent:
        first, last = version.mask.extent[axis]
        if is_reversed:
            first, last = count - 1 - last, count - 1 - first
    return list(range(first, last + 1))


def slice_draw(study: Study, key: str, allowed: Sequence[int]) -> tuple[int, ...]:
    """Draw the study's number of slices of the volume `key`; the same at every call."""
    return draw_slices(allowed, study.slices_per_volume, seed=study.seed, key=key).drawn
