"""What is known about a phantom because it was made that way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Region = tuple[slice, ...]


@dataclass(frozen=True)
class PhantomTruth:
    """The settings a phantom was made with and where in it they can be measured.

    Attributes
    ----------
    blur_sigma : float
        SD of the Gaussian blur, in pixels (voxels) along every axis. A step edge has a
        10-90 % width of 2.56310 * blur_sigma.
    noise_sd : float
        SD of the white Gaussian noise, in grey levels, before rounding and clipping.
    tooth_contrast : float
        Mean over the mask of (grey value - grey value of the same place without a tooth),
        before blur, in grey levels.
    streak_amplitude, ring_amplitude : float
        Largest absolute value that streaks or rings add, in grey levels.
    tooth_count : int
        Number of teeth in the mask.
    tooth_measure : float
        Sum of the teeth's outlines in square pixels, or of their bodies in cubic millimetres.
    flat_region : tuple of slice
        A region whose noise-free values are constant (streaks apart).
    edge_region : tuple of slice
        A region with one straight step edge and nothing else.
    edge_axis : int
        The array axis that crosses this edge at a right angle.
    """

    blur_sigma: float
    noise_sd: float
    tooth_contrast: float
    streak_amplitude: float
    ring_amplitude: float
    tooth_count: int
    tooth_measure: float
    flat_region: Region
    edge_region: Region
    edge_axis: int


@dataclass(frozen=True)
class Phantom:
    """A panoramic-like image: pixels uint8, mask uint8 (0 or 255), teeth uint8 (which tooth,
    from 1; 0 for none), all of shape (rows, columns)."""

    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    teeth: NDArray[np.uint8]
    truth: PhantomTruth


@dataclass(frozen=True)
class VolumePhantom:
    """A CBCT-like volume: pixels int16, mask uint8 (0 or 1), teeth uint8 (which tooth, from 1;
    0 for none), affine (4, 4) to RAS millimetres."""

    pixels: NDArray[np.int16]
    mask: NDArray[np.uint8]
    teeth: NDArray[np.uint8]
    affine: NDArray[np.float64]
    truth: PhantomTruth


def generator(seed: int, stream: int) -> np.random.Generator:
    """Random numbers of one purpose (`stream`), so that more noise never moves a tooth."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream])))
