"""Metal in a slice, and the artifacts around it."""

import cv2
import numpy as np
import scipy
from numpy.typing import NDArray

from sts_qa.science.metrics.distribution import Distribution, distribution
from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    Array,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
)
from sts_qa.science.metrics.noise_exposure import noise_sigma
from sts_qa.science.metrics.regions import LEAST_PIXELS, teeth
from sts_qa.science.metrics.tissue import air_and_soft_tissue

TIMES_TOOTH = 1.8
"""Metal is this many times as bright as the median tooth, counted from soft tissue."""

TIMES_SOFT_TISSUE = 2.8
"""And it lies this many times the step from air to soft tissue above the latter."""

CUT_OFF = 1.15
"""A volume cut off below the level of metal shows metal at its largest value, if that lies at
least here on the scale where p0.5 is 0 and p99.5 is 1."""

BELOW_CUT = 0.05
"""Of what is cut off more pixels have the largest value than lie below it by up to this share of
the range; of a peak, such as the brightest enamel, more lie below."""

ROUNDING = 1e-6

REACH = 10.0
"""Artifacts are measured up to this many mm from metal."""


def metal_level(
    values: Distribution, black: float, white: float, tooth_median: float | None = None
) -> float | None:
    """Stored value above which a voxel counts as metal.

    Parameters
    ----------
    values : Distribution
        Of a volume (its percentiles, each counted once, will do) or of one slice.
    black, white : float
        Percentiles 0.5 and 99.5 of the volume.
    tooth_median : float, optional
        Median grey value inside the mask.

    Returns
    -------
    float or None
        The higher of soft + 1.8 (tooth - soft), 1.8 times the median tooth where soft tissue is 0,
        and soft + 2.8 (soft - air), which is 2800 HU: blur and motion mix the median tooth with
        what is beside it, but hardly move air and soft tissue. Only one of both where there is no
        air or no mask; None where there is neither. soft and air are medians, see
        `tissue.air_and_soft_tissue`.
    """
    air, soft = air_and_soft_tissue(values, black, white)
    levels = []
    if tooth_median is not None:
        levels.append(soft + TIMES_TOOTH * (tooth_median - soft))
    if air is not None:
        levels.append(soft + TIMES_SOFT_TISSUE * (soft - air))
    return max(levels, default=None)


@once_per_image
def above_level(image: PreparedImage) -> NDArray[np.bool_]:
    """Pixels above `image.metal_level`; without one, above that of the slice by `metal_level`.

    Where the volume ends below the level, though well above p99.5, and the slice is cut off there,
    the largest value of the volume counts.
    """
    level = image.metal_level if image.metal_level is not None else _level_of_slice(image)
    largest = image.limits[1]
    if image.black + CUT_OFF * image.span <= largest <= level and _is_cut_off(image, largest):
        return image.pixels >= largest
    return image.pixels > level


@once_per_image
def over_range(image: PreparedImage) -> NDArray[np.bool_]:
    """Metal: pixels above the level in groups that hold a cross of five pixels."""
    # single bright pixels are noise
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    above = above_level(image).view(np.uint8)
    return cv2.morphologyEx(above, cv2.MORPH_OPEN, cross).view(np.bool_)


@once_per_image
def over_range_fraction(image: PreparedImage) -> float:
    """Share of pixels that are metal, see `over_range`. 0 to 1, lower is better.

    References
    ----------
    Rule of this project, docs/methods/metrics.md
    """
    metal = over_range(image)
    return float(np.count_nonzero(metal) / metal.size)


@once_per_image
def artifact_index(image: PreparedImage) -> float:
    """Artifact index (AIx), sqrt(max(0, SD^2 - noise_sigma^2)), grey values on the scale 0..255.

    SD of the pixels up to 10 mm from metal within the slice, without those above the level of
    metal. At least 0, lower is better. Anatomy near metal counts too: compare slices of one kind.

    References
    ----------
    As used in dental cone-beam CT in Diagnostics 2024, 14, 1280, doi 10.3390/diagnostics14121280
    """
    metal = over_range(image)
    if not metal.any():
        raise NotApplicable(Reason.NO_METAL)
    if image.spacing is None:
        raise NotApplicable(Reason.NO_SPACING)
    near = _near(metal, image.spacing) & ~above_level(image)
    if np.count_nonzero(near) < LEAST_PIXELS:
        raise NotApplicable(Reason.TOO_SMALL)
    variance = Distribution.of(image.pixels[near]).variance * (GREY_LEVELS / image.span) ** 2
    return float(np.sqrt(max(0.0, variance - noise_sigma(image) ** 2)))


def _is_cut_off(image: PreparedImage, largest: float) -> bool:
    """Whether `largest` has a plateau in the slice, as where brighter values were cut off."""
    at_the_top = np.count_nonzero(image.pixels >= largest)
    nearly = np.count_nonzero(image.pixels >= largest - BELOW_CUT * image.span) - at_the_top
    return bool(at_the_top > nearly)


def _level_of_slice(image: PreparedImage) -> float:
    try:
        tooth_median = teeth(image).percentile(50)
    except NotApplicable:
        tooth_median = None
    level = metal_level(distribution(image), image.black, image.white, tooth_median)
    if level is None:
        raise NotApplicable(Reason.NO_METAL_LEVEL)
    return level


def _near(metal: NDArray[np.bool_], spacing: tuple[float, float]) -> NDArray[np.bool_]:
    """Pixels that are at most REACH mm away from metal."""
    near = np.zeros_like(metal)
    window = tuple(
        slice(max(0, int(places[0]) - reach), int(places[-1]) + reach + 1)
        for places, reach in (
            (np.flatnonzero(metal.any(axis=1)), int(REACH / spacing[0]) + 1),
            (np.flatnonzero(metal.any(axis=0)), int(REACH / spacing[1]) + 1),
        )
    )
    near[window] = _distance(~metal[window], spacing) <= REACH + ROUNDING
    return near


def _distance(outside: NDArray[np.bool_], spacing: tuple[float, float]) -> Array:
    """Distance in mm from the nearest pixel that is not `outside`."""
    distance: Array
    if spacing[0] == spacing[1]:
        distance = cv2.distanceTransform(outside.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return distance * np.float32(spacing[0])
    distance = scipy.ndimage.distance_transform_edt(outside, sampling=spacing)
    return distance
