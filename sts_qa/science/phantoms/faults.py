"""Phantoms with one fault at a time, to see which metric answers to which fault.

A fault has a strength from 0 (none: the clean phantom to the last bit) to 1 (worse than what
screening would let pass) and a seed. It changes the scene before the noise of the clean phantom
is added, which is the same at every strength: blur does not smooth the noise away, as it would if
a finished image were blurred. Compression, and the clipping of a volume, come after the noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.phantoms import radiograph_faults, volume_faults
from sts_qa.science.phantoms.panoramic import panoramic_phantom
from sts_qa.science.phantoms.truth import generator
from sts_qa.science.phantoms.volume import volume_phantom

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

FAULTS = (*radiograph_faults.BEFORE_NOISE, *radiograph_faults.AFTER_NOISE)
"""Names of all faults."""

RADIOGRAPH_NOISE, VOLUME_NOISE = 2.0, 25.0
VOLUME_SLICES, SLICE_MM = 8, 2.0
SLICE_SHAPE, SLICE_FIELD_MM = (256, 256), (160.0, 160.0)
_NOISE, _FAULT = 51, 52


@dataclass(frozen=True)
class FaultyPhantom:
    """An image with the mask of its teeth.

    Attributes
    ----------
    pixels : ndarray
        Radiograph: uint8 of shape (rows, columns). Volume: int16 of shape (slices, rows, columns),
        slices from the inferior end.
    mask : ndarray of bool
        Of the same shape.
    spacing : tuple of float, optional
        Millimetres per row and column of an axial slice; None of a radiograph.
    """

    pixels: NDArray[np.uint8] | NDArray[np.int16]
    mask: Mask
    spacing: tuple[float, float] | None = None


def faulty_radiograph(fault: str, strength: float, seed: int) -> FaultyPhantom:
    """A panoramic-like radiograph of 320 x 640 with one fault.

    Parameters
    ----------
    fault : str
        One of FAULTS.
    strength : float
        0 to 1.
    seed : int
        Decides anatomy, noise and the fault's own chance.

    Raises
    ------
    ValueError
        For another fault or strength.
    """
    scene, mask = _radiograph_scene(seed)
    image = _with_fault(radiograph_faults, fault, strength, seed, scene, mask, RADIOGRAPH_NOISE)
    return FaultyPhantom(np.clip(np.round(image), 0, 255).astype(np.uint8), mask)


def faulty_volume(
    fault: str, strength: float, seed: int, slices: int = VOLUME_SLICES
) -> FaultyPhantom:
    """Axial slices of 256 x 256 through the teeth of a whole head, with one fault.

    Parameters, errors: as of `faulty_radiograph`; `slices` is their number. Voxels are
    2 x 0.625 x 0.625 mm; grey values are like Hounsfield units, with air around the head.
    """
    scene, mask = _volume_scene(seed, slices)
    image = _with_fault(volume_faults, fault, strength, seed, scene, mask, VOLUME_NOISE)
    pixels = np.clip(np.round(image), -32768, 32767).astype(np.int16)
    return FaultyPhantom(pixels, mask, (volume_faults.PIXEL_MM, volume_faults.PIXEL_MM))


def _with_fault(
    faults: ModuleType,
    fault: str,
    strength: float,
    seed: int,
    scene: FloatArray,
    mask: Mask,
    noise_sd: float,
) -> FloatArray:
    """The scene with the fault and the clean image's noise."""
    if fault not in FAULTS:
        raise ValueError(f"no such fault: {fault}; there are {', '.join(FAULTS)}")
    if not 0 <= strength <= 1:
        raise ValueError(f"strength {strength}: give a number from 0 to 1")
    chance = generator(seed, _FAULT)
    noise = noise_sd * generator(seed, _NOISE).standard_normal(scene.shape)
    before = faults.BEFORE_NOISE.get(fault) if strength > 0 else None
    after = faults.AFTER_NOISE.get(fault) if strength > 0 else None
    image: FloatArray = (before(scene, mask, strength, chance) if before else scene) + noise
    return after(image, mask, strength, chance) if after else image


@lru_cache(maxsize=4)
def _radiograph_scene(seed: int) -> tuple[FloatArray, Mask]:
    phantom = panoramic_phantom(seed, noise=0.0)
    return _fixed(phantom.pixels.astype(np.float64)), _fixed(phantom.mask > 0)


@lru_cache(maxsize=4)
def _volume_scene(seed: int, slices: int) -> tuple[FloatArray, Mask]:
    shape, field = (slices, *SLICE_SHAPE), (slices * SLICE_MM, *SLICE_FIELD_MM)
    phantom = volume_phantom(seed, shape=shape, field=field, noise=0.0)
    return _fixed(phantom.pixels.astype(np.float64)), _fixed(phantom.mask > 0)


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """The array, which many phantoms share, locked against changes."""
    array.flags.writeable = False
    return array
