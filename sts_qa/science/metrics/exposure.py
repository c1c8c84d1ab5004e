"""Exposure and dynamic range: where the grey values lie, and how many can be told apart."""

import numpy as np

from sts_qa.science.metrics.distribution import distribution
from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
)
from sts_qa.science.metrics.noise_exposure import noise_present


@once_per_image
def exposure_median(image: PreparedImage) -> float:
    """Median grey value on a scale where black is 0 and white is 1.

    Neither way is better: dark images are underexposed, bright ones overexposed. The exposure index
    of IEC 62494-1 needs the detector's signal and cannot be had from a processed image.
    """
    return _level(image, 50)


@once_per_image
def exposure_p5(image: PreparedImage) -> float:
    """5th percentile of the grey values on a scale where black is 0 and white is 1."""
    return _level(image, 5)


@once_per_image
def exposure_p95(image: PreparedImage) -> float:
    """95th percentile of the grey values on a scale where black is 0 and white is 1."""
    return _level(image, 95)


@once_per_image
def percentile_range(image: PreparedImage) -> float:
    """Range of the grey values without the outermost 2%, (p99 - p1) / (white - black).

    0 (constant) to 1, higher is more of the grey scale used; scikit-image calls an 8-bit image
    below 0.05 one of low contrast.
    """
    return _used_range(image) / image.span


@once_per_image
def dynamic_range_bits(image: PreparedImage) -> float:
    """Number of steps of one noise SD in the used grey scale, as a power of 2.

    log2((p99 - p1) / noise_sigma), both in the same grey levels. Higher is better; below 0 where
    noise is all there is. Not changed by gain and offset.
    """
    noise = noise_present(image)
    used = _used_range(image) * GREY_LEVELS / image.span
    if used == 0:
        raise NotApplicable(Reason.NO_SPREAD)
    return float(np.log2(used / noise))


@once_per_image
def occupied_levels(image: PreparedImage) -> float:
    """Number of different grey values that occur, of 256 at most in an 8-bit image.

    At least 1, higher is finer. Few where the source had less depth or was stretched.
    """
    return float(distribution(image).distinct)


def _level(image: PreparedImage, percent: float) -> float:
    return (distribution(image).percentile(percent) - image.black) / image.span


def _used_range(image: PreparedImage) -> float:
    values = distribution(image)
    return values.percentile(99) - values.percentile(1)
