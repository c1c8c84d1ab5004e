"""Air in a slice, and what noise and artifacts do to it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.distribution import Distribution, distribution
from sts_qa.science.metrics.filters import filterable, filtered_depth
from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    Array,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
    require_side,
)
from sts_qa.science.metrics.noise_exposure import MAD_OF_NORMAL
from sts_qa.science.metrics.tissue import air_and_soft_tissue, air_level, shows_air

SMOOTHED = 5
"""Width in pixels of the box by which noise is kept from hiding the valley."""

SAMPLED = 3
"""Of every so many rows and columns one is enough to see whether there is air."""

MARGIN = 5
"""Pixels around tissue and padding that are not counted as air: edges are blurred."""

TISSUE_REACH = 0.1
"""Streaks change soft tissue by up to this share of the range, or are not counted."""

AIR_SHARE = 0.01
"""A slice shows air when at least this share of its pixels is."""

ARTIFACT_DEVIATION = 10
"""SDs above the median of air from which the mean of air is an artifact, as in MRIQC."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What a slice shows: air, tissue, neither (padding, edges); bool of shape (M, N)."""

    air: NDArray[np.bool_]
    tissue: NDArray[np.bool_]


def surroundings(image: PreparedImage) -> Surroundings:
    """Air and tissue of a slice that shows air.

    Tissue are the pixels whose 5x5 mean reaches a fifth of the range, without what is thinner than
    5 px: streaks through air are air. Air is all that is more than 5 px away from tissue and from
    padding; padding is where the lowest value of the volume fills whole squares of 5x5. Whether
    the darkest pixels are air at all says `shows_air` of the 5x5 means.
    """
    found = _surroundings_if_any(image)
    if found is None:
        raise NotApplicable(Reason.NO_AIR)
    return found


@once_per_image
def _surroundings_if_any(image: PreparedImage) -> Surroundings | None:
    require_side(image, SMOOTHED)
    # sums of 25 pixels stay whole numbers
    sums = _sums_around(image)
    black, white = SMOOTHED**2 * image.black, SMOOTHED**2 * image.white
    padding = _opened(image.pixels == image.limits[0])
    sampled = sums[::SAMPLED, ::SAMPLED][~padding[::SAMPLED, ::SAMPLED]]
    if sampled.size == 0 or not shows_air(Distribution.of(sampled), black, white):
        return None
    tissue = _opened((sums >= air_level(black, white)) & ~padding)
    air = ~_grown(tissue | padding)
    if np.count_nonzero(air) < AIR_SHARE * air.size:
        return None
    return Surroundings(air, tissue)


@once_per_image
def even_tissue(image: PreparedImage) -> NDArray[np.bool_]:
    """Soft tissue away from edges: pixels whose 5x5 mean lies within a tenth of the range of it.

    Opened and eroded with a square of 5x5.
    """
    require_side(image, SMOOTHED)
    sums = _sums_around(image)
    black, white = SMOOTHED**2 * image.black, SMOOTHED**2 * image.white
    _, soft = air_and_soft_tissue(Distribution.of(sums[::SAMPLED, ::SAMPLED]), black, white)
    reach = TISSUE_REACH * (white - black)
    even = _opened((sums >= soft - reach) & (sums <= soft + reach))
    return _shrunk(even)


@once_per_image
def _sums_around(image: PreparedImage) -> Array:
    """Sum of the 5x5 pixels around each pixel, shape (M, N)."""
    pixels = filterable(image)
    return cv2.boxFilter(
        pixels,
        filtered_depth(pixels),
        (SMOOTHED, SMOOTHED),
        normalize=False,
        borderType=cv2.BORDER_REFLECT,
    )


@once_per_image
def air_values(image: PreparedImage) -> Distribution:
    """Grey values in air, noise included."""
    values = Distribution.of(image.pixels[surroundings(image).air])
    if _deviation(values) == 0:
        raise NotApplicable(Reason.CONSTANT_AIR)
    return values


@once_per_image
def air_sigma(image: PreparedImage) -> float:
    """Robust SD of air, median(|g - median|) / 0.6745, grey values on the scale 0..255.

    At least 0, lower is better. Answers to noise first, and to any artifact that fills the air.

    References
    ----------
    Rousseeuw & Croux 1993, doi 10.1080/01621459.1993.10476408
    """
    return _deviation(air_values(image)) / MAD_OF_NORMAL * GREY_LEVELS / image.span


@once_per_image
def air_artifact_share(image: PreparedImage) -> float:
    """Share of air that is brighter than its noise explains (QI1).

    Pixels of air whose 5x5 mean lies above median + 10 SDs, over all pixels of air. The SD of the
    mean is a fifth of the robust SD of air, as if air held nothing but white noise; streaks and
    what moved last over several pixels, noise does not. 0 to 1, lower is better. MRIQC has the same
    threshold, but for single pixels, and its air is that of a head mask registered to an atlas.

    References
    ----------
    Mortamet et al. 2009, doi 10.1002/mrm.21992
    """
    values, air = air_values(image), surroundings(image).air
    of_mean = _deviation(values) / MAD_OF_NORMAL / SMOOTHED
    level = values.percentile(50) + ARTIFACT_DEVIATION * of_mean
    artifacts = air & (_sums_around(image) > SMOOTHED**2 * level)
    return float(np.count_nonzero(artifacts) / np.count_nonzero(air))


@once_per_image
def foreground_background_energy(image: PreparedImage) -> float:
    """Energy of tissue over energy of air (FBER), median(F^2) / median(B^2).

    At least 0, higher is better. F and B are counted from the median of air, for cone-beam CT has
    no zero of its own, and not beyond white. Not changed by gain and offset. Slices whose air holds
    nothing but specks narrower than 5 px have no value.

    References
    ----------
    Shehzad et al. 2015, doi 10.3389/conf.fnins.2015.91.00047; medians as in MRIQC
    """
    values = air_values(image)
    zero = values.percentile(50)
    pixels = image.pixels[surroundings(image).tissue]
    if pixels.size == 0:
        raise NotApplicable(Reason.ONLY_AIR)
    return _energy(Distribution.of(pixels), zero, image.white) / _energy(values, zero, image.white)


@once_per_image
def entropy_focus(image: PreparedImage) -> float:
    """Entropy focus criterion (EFC), sum (x/b) ln(x/b) / (sqrt(N) ln(1/sqrt(N))).

    x are the N grey values counted from black and cut off at black and white (metal would lower
    the value), b = sqrt(sum x^2). 0 (all energy in one pixel) to 1 (all pixels equal), lower is
    better. Slices without air have no value: ghosts and blur show by filling air.

    References
    ----------
    Atkinson et al. 1997, doi 10.1109/42.650886; normalised as in MRIQC
    """
    if image.kind == "volume":
        surroundings(image)
    pixels = distribution(image)
    energies = np.clip(pixels.values.astype(np.float64), image.black, image.white) - image.black
    lit = energies > 0
    if not lit.any() or pixels.size < 2:
        raise NotApplicable(Reason.BLACK)
    counts = pixels.counts[lit]
    shares = energies[lit] / np.sqrt(np.dot(energies[lit] ** 2, counts))
    largest = np.sqrt(pixels.size) * np.log(1 / np.sqrt(pixels.size))
    return float(np.dot(shares * np.log(shares), counts) / largest)


def _opened(chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    square = np.ones((SMOOTHED, SMOOTHED), dtype=np.uint8)
    return cv2.morphologyEx(chosen.view(np.uint8), cv2.MORPH_OPEN, square).view(np.bool_)


def _grown(chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    square = np.ones((2 * MARGIN + 1, 2 * MARGIN + 1), dtype=np.uint8)
    return cv2.dilate(chosen.view(np.uint8), square).view(np.bool_)


def _shrunk(chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    square = np.ones((SMOOTHED, SMOOTHED), dtype=np.uint8)
    return cv2.erode(chosen.view(np.uint8), square).view(np.bool_)


def _deviation(values: Distribution) -> float:
    """Median absolute deviation from the median."""
    deviations = values.values.astype(np.float64) - values.percentile(50)
    return _median(np.abs(deviations), values.counts)


def _energy(values: Distribution, zero: float, white: float) -> float:
    """Median of the squared grey values, counted from `zero` and cut off at `white`."""
    cut_off = np.minimum(values.values.astype(np.float64), white)
    return _median((cut_off - zero) ** 2, values.counts)


def _median(numbers: Array, counts: NDArray[np.int64]) -> float:
    order = np.argsort(numbers, kind="stable")
    return Distribution(numbers[order], counts[order]).percentile(50)
