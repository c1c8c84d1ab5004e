"""Sharpness: how crisp edges are."""

import cv2
import numpy as np

from sts_qa.science.metrics.filters import (
    filterable,
    filtered_depth,
    gradients,
    sobel,
)
from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    Array,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
    require_side,
)
from sts_qa.science.metrics.noise_exposure import noise_sigma

REBLUR = 11
"""Width of the re-blurring box in pixels; values of other widths cannot be compared."""

SOBEL_NOISE_GAIN = 24
"""Mean of Gx^2 + Gy^2 for white noise of SD 1: twice the sum of the squared Sobel weights."""


@once_per_image
def tenengrad(image: PreparedImage) -> float:
    """Mean squared Sobel gradient, mean(Gx^2 + Gy^2), grey values on the scale 0..255.

    At least 0, higher is sharper. Depends on gain, and noise raises it: see
    `tenengrad_noise_corrected`.

    References
    ----------
    Tenenbaum 1970 (thesis, Stanford); Groen et al. 1985, doi 10.1002/cyto.990060202
    """
    require_side(image, 3)
    squares = sum(cv2.norm(gradient, cv2.NORM_L2SQR) for gradient in gradients(image))
    return float(squares / image.pixels.size * (GREY_LEVELS / image.span) ** 2)


@once_per_image
def tenengrad_noise_corrected(image: PreparedImage) -> float:
    """Tenengrad less what white noise adds to it, tenengrad - 24 noise_sigma^2.

    Higher is sharper. Scatters around 0 and may be negative on images of noise alone, so that
    means over images stay unbiased.

    References
    ----------
    Tenengrad as above; 24 = 2 x 12, the sums of the squared weights of both Sobel kernels
    """
    return tenengrad(image) - SOBEL_NOISE_GAIN * noise_sigma(image) ** 2


@once_per_image
def blur_effect_x(image: PreparedImage) -> float:
    """Blur effect from left to right (see `blur_effect`)."""
    return _kept_by_reblurring(image, axis=1)


@once_per_image
def blur_effect_y(image: PreparedImage) -> float:
    """Blur effect from top to bottom (see `blur_effect`)."""
    return _kept_by_reblurring(image, axis=0)


@once_per_image
def blur_effect(image: PreparedImage) -> float:
    """Share of the edge strength that blurring again would leave, the larger of both axes.

    0 (sharp) to 1 (blurred), lower is sharper. Not changed by gain and offset; noise lowers it.
    Equal to skimage.measure.blur_effect with h_size 11, except that an image without edges has
    no value here.

    References
    ----------
    Crete, Dolmiere, Ladret & Nicolas 2007, doi 10.1117/12.702790
    """
    return max(blur_effect_x(image), blur_effect_y(image))


def _kept_by_reblurring(image: PreparedImage, axis: int) -> float:
    """Sum of min(|G|, |G after box blur|) over the sum of |G|, borders left out.

    The paper's (M1 - M2) / M1 with M1 = sum |G| and M2 = sum max(0, |G| - |G blurred|).
    """
    gradient = gradients(image)[1 - axis]
    require_side(image, REBLUR)
    inside = (slice(2, -1), slice(2, -1))
    # the box is a sum, not a mean, so that integers stay integers: hence `REBLUR` times |G|
    before = np.abs(gradient[inside])
    before *= REBLUR
    strength = cv2.norm(before, cv2.NORM_L1)
    if strength == 0:
        raise NotApplicable(Reason.CONSTANT)
    after = np.abs(sobel(_box_sum(filterable(image), axis), axis)[inside])
    kept = np.minimum(before, after, out=after)
    return float(cv2.norm(kept, cv2.NORM_L1) / strength)


def _box_sum(pixels: Array, axis: int) -> Array:
    """Sum of `REBLUR` neighbours along `axis`, border reflected (cba|abc) as in scikit-image."""
    size = (REBLUR, 1) if axis == 1 else (1, REBLUR)
    return cv2.boxFilter(
        pixels, filtered_depth(pixels), size, normalize=False, borderType=cv2.BORDER_REFLECT
    )
