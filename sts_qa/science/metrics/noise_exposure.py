"""Noise, and pixels lost at the ends of the grey scale."""

from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.distribution import distribution
from sts_qa.science.metrics.filters import REACH, second_difference
from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    Array,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
    require_side,
)

MAD_OF_NORMAL = 0.6744897501960817
"""Median absolute deviation of a normal variable of SD 1: its 75% quantile."""

DB2_AFTER_SECOND_DIFFERENCE = np.array([1 - 3**0.5, -1 - 3**0.5]) / (4 * 2**0.5)
"""Daubechies' high-pass filter with two vanishing moments is [1, -2, 1] followed by this."""

FLAT = 1e-9
"""Detail up to this share of the largest grey value is rounding: the area is flat."""

NEAR_WHITE = 250


@once_per_image
def noise_sigma(image: PreparedImage) -> float:
    """SD of white noise from the wavelet details, grey values on the scale 0..255.

    Median of the absolute diagonal db2 details divided by 0.6745. At least 0, lower is better.
    Flat areas at the lowest possible value (padding, cut-off background) are left out; 0 if there
    is nothing else. Correlated noise (after resizing or smoothing) is underestimated.

    References
    ----------
    Donoho & Johnstone 1994, doi 10.1093/biomet/81.3.425
    """
    require_side(image, 4)
    details = np.abs(_diagonal_details(image))
    largest = np.abs(distribution(image).values[[0, -1]].astype(np.float64)).max()
    flat = details <= FLAT * largest
    if flat.any():
        padding = flat & _at_lowest(image, flat.shape)
        details = details[~padding] if padding.any() else details
    if details.size == 0:
        return 0.0
    return _median(details) / MAD_OF_NORMAL * GREY_LEVELS / image.span


@once_per_image
def noise_present(image: PreparedImage) -> float:
    """`noise_sigma` for metrics that divide by it, missing where it is nothing but rounding."""
    noise = noise_sigma(image)
    if noise <= FLAT * GREY_LEVELS:
        raise NotApplicable(Reason.NO_NOISE)
    return noise


@once_per_image
def noise_sigma_immerkaer(image: PreparedImage) -> float:
    """SD of white noise from a difference of Laplacians, grey values on the scale 0..255.

    sqrt(pi/2) / (6 (W-2) (H-2)) sum |g * [[1,-2,1],[-2,4,-2],[1,-2,1]]|. At least 0, lower is
    better. Fine structure counts as noise, more so than in `noise_sigma`.

    References
    ----------
    Immerkaer 1996, doi 10.1006/cviu.1996.0060
    """
    require_side(image, 3)
    inner = second_difference(image)[REACH + 1 : -REACH - 1, REACH + 1 : -REACH - 1]
    mean = cv2.norm(inner, cv2.NORM_L1) / inner.size
    return float(np.sqrt(np.pi / 2) / 6 * mean * GREY_LEVELS / image.span)


@once_per_image
def clipped_low(image: PreparedImage) -> float:
    """Share of pixels at the lowest possible value (radiographs: 0). 0 to 1, lower is better."""
    return distribution(image).share_up_to(image.limits[0])


@once_per_image
def clipped_high(image: PreparedImage) -> float:
    """Share of pixels at the highest possible value. 0 to 1, lower is better.

    Radiographs: the largest value of the type (255, 65535). Slices: the largest value of the
    volume, which is one voxel or a few unless the reconstruction cut the scale off.
    """
    return distribution(image).share_from(image.limits[1])


@once_per_image
def near_white(image: PreparedImage) -> float:
    """Share of pixels at 250 or more of 255. 0 to 1, lower is better."""
    return distribution(image).share_from(image.black + NEAR_WHITE * image.span / GREY_LEVELS)


def _diagonal_details(image: PreparedImage) -> Array:
    """Diagonal details of the one-level db2 transform, border reflected (cba|abc)."""
    differences = second_difference(image)
    rows, columns = ((side + REACH) // 2 for side in image.shape)
    details = np.zeros((rows, columns))
    for (row, row_weight), (column, column_weight) in product(
        enumerate(DB2_AFTER_SECOND_DIFFERENCE, start=2), repeat=2
    ):
        places = slice(row, row + 2 * rows, 2), slice(column, column + 2 * columns, 2)
        part = differences[places].astype(np.float64)
        part *= row_weight * column_weight
        details += part
    return details


def _at_lowest(image: PreparedImage, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where the pixels that the details of this shape belong to have the lowest possible value."""
    rows, columns = (
        np.minimum(2 * np.arange(count), side - 1)
        for count, side in zip(shape, image.shape, strict=True)
    )
    lowest: NDArray[np.bool_] = image.pixels[rows][:, columns] == image.limits[0]
    return lowest


def _median(values: Array) -> float:
    """numpy.median in a fifth of its time, which goes into ordering both middle values."""
    middle = values.size // 2
    ordered = np.partition(values, middle, axis=None)
    if values.size % 2:
        return float(ordered[middle])
    return float(ordered[middle] + ordered[:middle].max()) / 2
