"""Teeth and the background beside them."""

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.distribution import Distribution
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason, once_per_image

RING_NEAR, RING_FAR = 2, 15
"""Background: pixel centres 2..15 px (Euclidean) from the nearest tooth pixel's centre."""

LEAST_PIXELS = 25
"""A mean and an SD of fewer pixels would say nothing about the region."""


@once_per_image
def background_ring(image: PreparedImage) -> NDArray[np.bool_]:
    """Pixels 2..15 px outside the mask, shape (M, N); the touching pixels are left out."""
    ring = np.zeros(image.shape, dtype=np.bool_)
    rows = np.flatnonzero(image.mask.any(axis=1))
    if rows.size == 0:
        return ring
    columns = np.flatnonzero(image.mask.any(axis=0))
    window = tuple(
        slice(max(0, int(places[0]) - RING_FAR), int(places[-1]) + RING_FAR + 1)
        for places in (rows, columns)
    )
    inside = image.mask[window]
    ring[window] = _within(RING_FAR**2, inside) & ~_within(RING_NEAR**2 - 1, inside)
    return ring


@once_per_image
def teeth(image: PreparedImage) -> Distribution:
    """Grey values inside the mask."""
    if np.count_nonzero(image.mask) < LEAST_PIXELS:
        raise NotApplicable(Reason.SMALL_MASK)
    return Distribution.of(image.pixels[image.mask])


@once_per_image
def background(image: PreparedImage) -> Distribution:
    """Grey values in the ring around the mask."""
    ring = background_ring(image)
    if np.count_nonzero(ring) < LEAST_PIXELS:
        raise NotApplicable(Reason.NO_BACKGROUND)
    return Distribution.of(image.pixels[ring])


def _within(squared: int, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels at most sqrt(`squared`) px from the mask, in a quarter of a distance transform's time.

    A disk is laid around every pixel of the mask, row by row of the disk, from its shortest row on.
    """
    found = np.zeros_like(mask)
    wide, width = mask.copy(), 0
    for step in range(min(isqrt(squared), len(mask) - 1), -1, -1):
        while width < isqrt(squared - step**2):
            wide[:, 1:] |= wide[:, :-1]
            wide[:, :-1] |= wide[:, 1:]
            width += 1
        rest = len(mask) - step
        found[step:] |= wide[:rest]
        found[:rest] |= wide[step:]
    return found
