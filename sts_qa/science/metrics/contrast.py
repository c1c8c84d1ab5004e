"""Contrast: how far grey values lie apart."""

import numpy as np

from sts_qa.science.metrics.distribution import distribution, grey_levels
from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
)
from sts_qa.science.metrics.noise_exposure import noise_present
from sts_qa.science.metrics.regions import background, teeth


@once_per_image
def rms_contrast(image: PreparedImage) -> float:
    """Standard deviation of the grey values on a scale where black is 0 and white is 1.

    At least 0 (constant); at most 0.5 where no pixel lies beyond black or white; higher is more
    contrast. Depends on gain and noise. Population SD (ddof 0).

    References
    ----------
    Peli 1990, doi 10.1364/JOSAA.7.002032
    """
    return float(np.sqrt(distribution(image).variance)) / image.span


@once_per_image
def percentile_contrast(image: PreparedImage) -> float:
    """Michelson contrast of the 1st and 99th percentile, (p99 - p1) / (p99 + p1).

    0 (constant) to 1; higher is more contrast. Percentiles count from black. Does not depend on
    gain, does depend on offset: not for volumes, whose grey values have no zero.

    References
    ----------
    Michelson 1927, Studies in Optics; with percentiles against single outlying pixels
    """
    dark, bright = (distribution(image).percentile(percent) - image.black for percent in (1, 99))
    if dark + bright <= 0:
        raise NotApplicable(Reason.BLACK)
    return (bright - dark) / (bright + dark)


@once_per_image
def histogram_spread(image: PreparedImage) -> float:
    """Interquartile range of the grey values as a share of the range from black to white.

    0 to 1, higher is more contrast.

    References
    ----------
    Tripathi, Mukhopadhyay & Dhara 2011, Performance metrics for image contrast, Proc. ICIIP 2011
    """
    values = distribution(image)
    return (values.percentile(75) - values.percentile(25)) / image.span


@once_per_image
def entropy(image: PreparedImage) -> float:
    """Shannon entropy of the grey levels in bits, -sum p log2 p.

    0 (constant) to 8 (all 256 levels equally frequent); higher is more contrast, and more noise.
    Other depths than 8 bits are first sorted into 256 equal steps from black to white, or else
    they would have another scale.

    References
    ----------
    Shannon 1948, doi 10.1002/j.1538-7305.1948.tb01338.x
    """
    counts = grey_levels(image)
    shares = counts[counts > 0] / counts.sum()
    # 0 less the sum: minus the sum would be -0.0 where all pixels are equal
    return float(0 - np.dot(shares, np.log2(shares)))


@once_per_image
def contrast_to_noise(image: PreparedImage) -> float:
    """Contrast-to-noise ratio of teeth T and background ring B.

    |mean_T - mean_B| / sqrt(var_T + var_B), two-term form without air, ddof 0. At least 0, higher
    is better. Not changed by gain and offset. Anatomy inside T and B counts as noise.

    References
    ----------
    Magnotta & Friedman 2006, doi 10.1007/s10278-006-0264-x
    """
    inside, outside = teeth(image), background(image)
    noise = np.sqrt(inside.variance + outside.variance)
    if noise == 0:
        raise NotApplicable(Reason.CONSTANT_REGIONS)
    return float(abs(inside.mean - outside.mean) / noise)


@once_per_image
def contrast_to_noise_sigma(image: PreparedImage) -> float:
    """Contrast-to-noise ratio of teeth T and background ring B over the noise of the whole image.

    |mean_T - mean_B| / noise_sigma. At least 0, higher is better. Not changed by gain and offset.
    Unlike `contrast_to_noise` it does not count anatomy inside T and B as noise.

    References
    ----------
    Rose 1948, doi 10.1364/JOSA.38.000196
    """
    difference = abs(teeth(image).mean - background(image).mean) * GREY_LEVELS / image.span
    return difference / noise_present(image)


@once_per_image
def coefficient_of_joint_variation(image: PreparedImage) -> float:
    """Coefficient of joint variation of teeth T and background ring B.

    (sd_T + sd_B) / |mean_T - mean_B|, ddof 0. At least 0, lower is better. Not changed by gain and
    offset. Noise and uneven brightness raise it.

    References
    ----------
    Ganzetti, Wenderoth & Mantini 2016, doi 10.3389/fninf.2016.00010
    """
    inside, outside = teeth(image), background(image)
    difference = abs(inside.mean - outside.mean)
    if difference == 0:
        raise NotApplicable(Reason.EQUAL_REGIONS)
    return float((np.sqrt(inside.variance) + np.sqrt(outside.variance)) / difference)


@once_per_image
def tooth_background_auc(image: PreparedImage) -> float:
    """Probability that a tooth pixel is brighter than a background pixel, ties counted half.

    P(T > B) + P(T = B) / 2 = U / (n_T n_B). 0 to 1, 0.5 where grey values do not tell teeth from
    the ring around them, higher is better. Not changed by any increasing grey value curve.

    References
    ----------
    Mann & Whitney 1947, doi 10.1214/aoms/1177730491
    """
    inside, outside = teeth(image), background(image)
    below_or_half = outside.count_below(inside.values) + outside.count_up_to(inside.values)
    return float(np.dot(below_or_half, inside.counts) / (2 * inside.size * outside.size))
