"""Rings around the axis of rotation, from uneven detector elements."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
)
from sts_qa.science.metrics.noise_exposure import noise_sigma

SECTORS, POINTS = 24, 15
"""Means of 15 points keep the noise of a single one from hiding faint rings."""

COMMON = 2 / 3
"""A ring is what this share of the sectors shows: streaks and anatomy are in fewer of them."""

INNERMOST = 10
"""Radius in pixels of the smallest circle; smaller ones have too few pixels for a median."""

REACH = 5
"""The radial median is that of a pixel and of those 5 px further in and out."""

LEAST_RADII = 20

LEAST_NOISE = 0.25
"""Noise below this many grey levels of 255 is counted as this much."""


@once_per_image
def ring_index(image: PreparedImage) -> float:
    """SD over the radius of what two thirds of all angles have in common, over the noise SD.

    The slice is laid out by angle and radius around its centre, in circles of equal mm: 24 sectors,
    in each the mean of the pixels nearest to 15 points of a circle. From each value the median of
    it and of the values 5 px further in and out is taken off, which leaves nothing of edges and
    slopes. Of the rest a ring is what at least two thirds of the sectors exceed, or fall below: the
    value nearest to 0 from the 33rd to the 67th percentile over the sectors. Its SD over the radii
    is divided by `noise_sigma`, at least 0.25. At least 0, lower is better. Rings around another
    centre, and wider than 4 px, are not found.

    References
    ----------
    Polar coordinates as in the removal of rings, doi 10.1186/1475-925X-10-72; rule of this
    project, docs/methods/metrics.md
    """
    spread = float(np.std(ring_profile(image))) * GREY_LEVELS / image.span
    return spread / max(noise_sigma(image), LEAST_NOISE)


@once_per_image
def ring_profile(image: PreparedImage) -> NDArray[np.float64]:
    """What rings add at each radius from INNERMOST on, in stored values, shape (radii,)."""
    height, width = image.spacing or (1.0, 1.0)
    places = _circles(image.shape, height / width)
    polar = image.pixels.reshape(-1)[places].mean(axis=2, dtype=np.float64)
    further_in, middle, further_out = (
        polar[shift : len(polar) - 2 * REACH + shift] for shift in (0, REACH, 2 * REACH)
    )
    median = np.maximum(
        np.minimum(further_in, further_out),
        np.minimum(np.maximum(further_in, further_out), middle),
    )
    shares = (100 * (1 - COMMON), 100 * COMMON)
    lower, upper = np.percentile(middle - median, shares, axis=1)
    profile: NDArray[np.float64] = np.clip(0.0, lower, upper)
    return profile


@lru_cache(maxsize=4)
def _circles(shape: tuple[int, int], height_over_width: float) -> NDArray[np.intp]:
    """Places of the pixels of each circle in the flattened slice, shape (radii, SECTORS, POINTS).

    The smaller side of a pixel is the step of the radii.
    """
    step = np.array([1.0, height_over_width]) / max(1.0, height_over_width)
    centre = (np.array(shape) - 1) / 2
    radii = np.arange(INNERMOST - REACH, int((centre / step).min()) + 1)
    if len(radii) < LEAST_RADII + 2 * REACH:
        raise NotApplicable(Reason.TOO_SMALL)
    angles = np.arange(SECTORS * POINTS) * (2 * np.pi / (SECTORS * POINTS))
    rows = np.rint(centre[0] + step[0] * np.outer(radii, np.sin(angles)))
    columns = np.rint(centre[1] + step[1] * np.outer(radii, np.cos(angles)))
    places: NDArray[np.intp] = (rows * shape[1] + columns).astype(np.intp)
    return places.reshape(len(radii), SECTORS, POINTS)
