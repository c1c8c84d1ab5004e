"""Streaks: bright and dark rays that come from metal."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.air import even_tissue
from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
)
from sts_qa.science.metrics.metal import over_range
from sts_qa.science.metrics.noise_exposure import MAD_OF_NORMAL

RAYS = 120
"""Directions of 3 degrees each."""

LEAST_PIXELS = 8
"""A ray with fewer pixels of even tissue does not count."""

LEAST_RAYS = 12

NEAREST, FARTHEST = 3.0, 30.0
"""Rays begin and end at these distances in mm from the centre of metal."""


@once_per_image
def streak_energy(image: PreparedImage) -> float:
    """Variance between the rays that come from metal, that of noise taken off.

    Rays are sectors of 3 degrees around the largest piece of metal, from 3 to 30 mm, of which the
    pixels of even soft tissue count. Variance over the rays of their medians (rings cross a ray
    only here and there), less pi / 2 SD^2 / n, by which the median of n pixels of noise scatters;
    SD is the mean over the rays of the median absolute deviation / 0.6745. Grey values on the scale
    0..255. Lower is better; may be slightly negative without streaks. A slice without metal
    has no value.

    References
    ----------
    Low frequencies of lines near metal as in Grosse Hokamp et al. 2020,
    doi 10.21037/qims.2020.04.03; rule of this project, docs/methods/metrics.md
    """
    values, rays = _near_metal(image)
    counts = np.bincount(rays, minlength=RAYS)
    counted = counts >= LEAST_PIXELS
    if np.count_nonzero(counted) < LEAST_RAYS:
        raise NotApplicable(Reason.NO_TISSUE)
    medians = _medians(values, rays, counts)
    spread = _medians(np.abs(values - medians[rays]), rays, counts)[counted].mean() / MAD_OF_NORMAL
    by_noise = np.pi / 2 * spread**2 * np.mean(1 / counts[counted])
    return float((np.var(medians[counted]) - by_noise) * (GREY_LEVELS / image.span) ** 2)


def _medians(
    values: NDArray[np.float64], rays: NDArray[np.intp], counts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Median of the values of each ray, shape (RAYS,); 0 for a ray without pixels."""
    # one sort: the range of each ray begins where that of the ray before ends
    step = 2.0 ** np.ceil(np.log2(np.ptp(values) + 1))
    lowest = values.min()
    ordered = np.sort(values - lowest + step * rays)
    ordered = np.append(ordered % step + lowest, 0.0)
    first = np.cumsum(counts) - counts
    lower, upper = first + np.maximum(counts - 1, 0) // 2, first + counts // 2
    return np.where(counts > 0, (ordered[lower] + ordered[upper]) / 2, 0.0)


def _near_metal(image: PreparedImage) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Grey values of even tissue near metal, and the number of the ray of each."""
    metal = over_range(image)
    if not metal.any():
        raise NotApplicable(Reason.NO_METAL)
    if image.spacing is None:
        raise NotApplicable(Reason.NO_SPACING)
    centre = _centre(metal, image.spacing)
    first, stop = (
        [
            min(max(0, int((middle + sign * FARTHEST) / side) + offset), count)
            for middle, side, count in zip(centre, image.spacing, image.shape, strict=True)
        ]
        for sign, offset in ((-1, 0), (1, 2))
    )
    window = (slice(first[0], stop[0]), slice(first[1], stop[1]))
    down, right = (
        np.arange(begin, end) * side - middle
        for begin, end, side, middle in zip(first, stop, image.spacing, centre, strict=True)
    )
    distance = np.hypot(*np.ix_(down, right))
    near = even_tissue(image)[window] & (distance >= NEAREST) & (distance <= FARTHEST)
    rows, columns = np.nonzero(near)
    turn = np.arctan2(down[rows], right[columns]) / (2 * np.pi) % 1
    values = image.pixels[window][near].astype(np.float64)
    return values, np.minimum((turn * RAYS).astype(np.intp), RAYS - 1)


def _centre(metal: NDArray[np.bool_], spacing: tuple[float, float]) -> tuple[float, float]:
    """Row and column in mm of the centre of the largest piece of metal."""
    top, left = (int(np.flatnonzero(metal.any(axis=axis))[0]) for axis in (1, 0))
    _, _, facts, centres = cv2.connectedComponentsWithStats(
        metal[top:, left:].astype(np.uint8), connectivity=8
    )
    column, row = centres[1 + int(np.argmax(facts[1:, cv2.CC_STAT_AREA]))]
    return float((top + row) * spacing[0]), float((left + column) * spacing[1])
