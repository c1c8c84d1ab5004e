"""Faults of a CBCT-like volume, one at a time: how each changes its axial slices without noise.

Streaks, rings and motion are planted in projections of the slices (`tomography`); what comes back
from there is added, so that strength 0 leaves the slices exactly as they are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sts_qa.science.phantoms.radiograph_faults import jpeg_again
from sts_qa.science.phantoms.tomography import project, reconstruct, scan_angles

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]
Fault = Callable[[FloatArray, Mask, float, np.random.Generator], FloatArray]

PIXEL_MM = 0.625
ANGLES = scan_angles(241)
WATER_PER_MM = 0.02
BLUR_SIGMA = 2.5
NOISE_SD = 200.0
DENSE_LOST = 0.8
METAL_PIECES, METAL_RADIUS_MM, METAL_APART_MM = 4, 2.5, 15.0
METAL_PER_MM, METAL_VALUE = 0.8, 6000.0
SCATTER = np.exp(-6.0)
UNEVEN_ELEMENTS, UNEVEN_READING = 0.06, 0.1
MOVED_MM = 4.0


def blur(
    slices: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """A large focal spot or a smooth reconstruction: Gaussian in the slice, SD up to 2.5 px."""
    sigma = BLUR_SIGMA * strength
    blurred: FloatArray = ndimage.gaussian_filter(slices, (0, sigma, sigma), mode="nearest")
    return blurred


def noise(
    slices: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """Too few photons: white noise, SD up to 200 grey values."""
    return slices + NOISE_SD * strength * random.standard_normal(slices.shape)


def low_contrast(
    slices: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """Scatter and hard radiation: what is denser than soft tissue (0) is pressed towards it."""
    return np.where(slices > 0, (1 - DENSE_LOST * strength) * slices, slices)


def streaks(
    slices: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """Up to four metal posts in teeth, with the streaks of rays that they nearly stop.

    Scattered radiation reaches the detector behind metal, so the attenuation p is read as
    -ln(exp(-p) + scatter), less than it is.
    """
    metal = _posts(mask, int(np.ceil(METAL_PIECES * strength)), random)
    behind_tissue = _attenuation(slices)
    behind_metal = project(metal * METAL_PER_MM, ANGLES) * PIXEL_MM
    wrong = _read(behind_tissue + behind_metal) - _read(behind_tissue) - behind_metal
    return np.where(metal > 0, METAL_VALUE, slices + _grey(wrong))


def rings(
    slices: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """Uneven elements of the detector: each reads too much or too little in all projections."""
    count, _, elements = slices.shape
    uneven = random.random((count, elements)) < UNEVEN_ELEMENTS
    wrong = strength * UNEVEN_READING * random.standard_normal(uneven.shape) * uneven
    return slices + _grey(np.repeat(wrong[:, None, :], len(ANGLES), axis=1))


def motion(
    slices: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """The patient moves by up to 4 mm in the slice, once, after a third of the scan.

    The mask stays that of the teeth before.
    """
    direction = random.uniform(0, 2 * np.pi)
    before = _attenuation(slices)
    elements = np.arange(before.shape[-1], dtype=float)
    wrong = np.zeros_like(before)
    for place in range(len(ANGLES) // 3, len(ANGLES)):
        shift = MOVED_MM / PIXEL_MM * strength * np.cos(ANGLES[place] - direction)
        for number, row in enumerate(before[:, place]):
            wrong[number, place] = np.interp(elements - shift, elements, row) - row
    return slices + _grey(wrong)


def clipping(
    slices: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """A grey scale that ends too early: at worst at the median of the teeth."""
    highest, of_teeth = float(slices.max()), float(np.median(slices[mask]))
    clipped: FloatArray = np.minimum(slices, highest - strength * (highest - of_teeth))
    return clipped


def compression(
    slices: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """Every slice saved as JPEG of 8 bits between the volume's extremes, and read again."""
    low, high = float(slices.min()), float(slices.max())
    shown = np.round((slices - low) * (255 / (high - low))).astype(np.uint8)
    read = np.stack([jpeg_again(pixels, strength) for pixels in shown]).astype(np.float64)
    return low + read * ((high - low) / 255)


BEFORE_NOISE: dict[str, Fault] = {
    "blur": blur,
    "noise": noise,
    "low_contrast": low_contrast,
    "streaks": streaks,
    "rings": rings,
    "motion": motion,
}
AFTER_NOISE: dict[str, Fault] = {"clipping": clipping, "compression": compression}
"""By name, and by whether the noise of the clean image is added after the fault or before it."""


def _attenuation(slices: FloatArray) -> FloatArray:
    """Line integrals of the slices, whose grey values are like Hounsfield units."""
    per_mm = np.maximum(slices + 1000, 0) * (WATER_PER_MM / 1000)
    return project(per_mm, ANGLES) * PIXEL_MM


def _grey(projections: FloatArray) -> FloatArray:
    """Grey values that line integrals add to the slices."""
    return reconstruct(projections, ANGLES) * (1000 / WATER_PER_MM / PIXEL_MM)


def _read(attenuation: FloatArray) -> FloatArray:
    """What the detector makes of an attenuation, with scattered radiation on top."""
    read: FloatArray = -np.log(np.exp(-attenuation) + SCATTER)
    return read


def _posts(mask: Mask, count: int, random: np.random.Generator) -> FloatArray:
    """1 in `count` round posts through all slices, on teeth of the slice with most of them."""
    rows, columns = np.indices(mask.shape[1:])
    teeth = mask[np.count_nonzero(mask, axis=(1, 2)).argmax()]
    posts = np.zeros(mask.shape)
    chosen: list[tuple[int, int]] = []
    for row, column in random.permutation(np.argwhere(teeth)).tolist():
        if len(chosen) == count:
            break
        if all(np.hypot(row - r, column - c) * PIXEL_MM >= METAL_APART_MM for r, c in chosen):
            chosen.append((row, column))
            posts[:, np.hypot(rows - row, columns - column) * PIXEL_MM <= METAL_RADIUS_MM] = 1
    return posts
