"""Band-limited random texture, as trabecular bone shows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

FloatArray = NDArray[np.float64]


def band_limited_noise(
    random: np.random.Generator, shape: tuple[int, ...], *, fine: float, coarse: float
) -> FloatArray:
    """Noise with mean 0 and SD 1 between two scales: a difference of Gaussians of white noise.

    Parameters
    ----------
    random : Generator
    shape : tuple of int
        Two or three axes.
    fine, coarse : float
        SD in pixels of the narrow and the wide Gaussian, fine < coarse.
    """
    white = random.standard_normal(shape)
    band = ndimage.gaussian_filter(white, fine) - ndimage.gaussian_filter(white, coarse)
    result: FloatArray = (band - band.mean()) / band.std()
    return result


def smooth_step(
    values: FloatArray, low: float | FloatArray, high: float | FloatArray
) -> FloatArray:
    """0 at and below `low`, 1 at and above `high`, a cubic between them (exactly flat outside)."""
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    result: FloatArray = share * share * (3.0 - 2.0 * share)
    return result
