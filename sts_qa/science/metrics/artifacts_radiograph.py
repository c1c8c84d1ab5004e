"""Artifacts of radiographs: traces that compression and changes of the grey scale leave behind."""

from dataclasses import dataclass

import cv2
import numpy as np

from sts_qa.science.metrics.distribution import distribution, grey_levels
from sts_qa.science.metrics.filters import filterable
from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    Array,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
    require_side,
)

BLOCK = 8
"""Side of a JPEG block in pixels."""

BEST_SCORE = 10
"""Upper end of the rating scale that the score of Wang, Sheikh and Bovik was fitted to."""


@dataclass(frozen=True)
class BlockFeatures:
    """Features of Wang, Sheikh and Bovik, each the mean of both axes, in stored grey values."""

    at_borders: float
    """B: mean difference of the two pixels at a block border."""

    inside: float
    """A: mean difference of neighbours within blocks."""

    zero_crossings: float
    """Z: share of neighbouring differences of opposite sign."""


@once_per_image
def blockiness(image: PreparedImage) -> float:
    """Loss through JPEG blocks, 10 - S with the score S of Wang, Sheikh and Bovik.

    S = -245.8909 + 261.9373 B^-0.02398886 A^0.01601664 Z^0.00642859 with B the mean difference at
    borders of 8x8 blocks, A within blocks, Z the share of zero-crossings, grey values on the scale
    0..255. About 0 or below without blocks, about 9 at worst, lower is better. Blocks are looked
    for from the upper left pixel: cropping and resizing hide them. Blur raises it a little.

    References
    ----------
    Wang, Sheikh & Bovik 2002, doi 10.1109/ICIP.2002.1038064
    """
    features = block_features(image)
    scale = GREY_LEVELS / image.span
    at_borders, inside = scale * features.at_borders, scale * features.inside
    if min(at_borders, inside, features.zero_crossings) <= 0:
        raise NotApplicable(Reason.NO_DETAIL)
    score = -245.8909 + 261.9373 * (
        at_borders**-0.02398886 * inside**0.01601664 * features.zero_crossings**0.00642859
    )
    return float(BEST_SCORE - score)


@once_per_image
def comb_gaps(image: PreparedImage) -> float:
    """Share of empty grey levels between the 1st and 99th percentile, of 256 from black to white.

    0 to 1, lower is better. A comb in the histogram tells of a stretched grey scale or of a source
    with fewer than 256 grey values.
    """
    values = distribution(image)
    low, high = values.percentile(1), values.percentile(99)
    if low == high:
        raise NotApplicable(Reason.NO_SPREAD)
    counts = grey_levels(image)
    steps = (np.array([low, high]) - image.black) / image.span * counts.size
    first, last = np.clip(np.floor(steps), 0, counts.size - 1).astype(int)
    return float(np.mean(counts[first : last + 1] == 0))


@once_per_image
def block_features(image: PreparedImage) -> BlockFeatures:
    """What `blockiness` is worked out from; two whole blocks or more along each axis."""
    require_side(image, 2 * BLOCK)
    pixels = filterable(image)
    along_x, along_y = _features_along(pixels, 1), _features_along(pixels, 0)
    return BlockFeatures(
        at_borders=(along_x.at_borders + along_y.at_borders) / 2,
        inside=(along_x.inside + along_y.inside) / 2,
        zero_crossings=(along_x.zero_crossings + along_y.zero_crossings) / 2,
    )


def _features_along(pixels: Array, axis: int) -> BlockFeatures:
    earlier, later = _places(pixels, axis, slice(-1)), _places(pixels, axis, slice(1, None))
    differences = cv2.absdiff(later, earlier)
    # between whole blocks only: the last one may be cut off
    last_border = BLOCK * (pixels.shape[axis] // BLOCK - 1)
    borders = _places(differences, axis, slice(BLOCK - 1, last_border, BLOCK))
    at_borders = float(np.mean(borders, dtype=np.float64))
    everywhere = cv2.norm(differences, cv2.NORM_L1) / differences.size
    rising, falling = later > earlier, later < earlier
    before, after = slice(-1), slice(1, None)
    crossings = (_places(rising, axis, before) & _places(falling, axis, after)) | (
        _places(falling, axis, before) & _places(rising, axis, after)
    )
    return BlockFeatures(
        at_borders=at_borders,
        inside=(BLOCK * everywhere - at_borders) / (BLOCK - 1),
        zero_crossings=np.count_nonzero(crossings) / crossings.size,
    )


def _places(array: Array, axis: int, places: slice) -> Array:
    return array[places] if axis == 0 else array[:, places]
