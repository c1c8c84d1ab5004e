"""Faults of a panoramic radiograph, one at a time: how each changes a scene without noise."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sts_qa.science.phantoms.panoramic import streak_pattern

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]
Fault = Callable[[FloatArray, Mask, float, np.random.Generator], FloatArray]

WHITE = 255
BLUR_SIGMA = 3.0
NOISE_SD = 20.0
VEIL = 0.8
METAL_PIECES, METAL_RADIUS, STREAKS = 4, 6, 60.0
UNEVEN_ROWS, UNEVEN_GAIN = 0.08, 0.25
MOVED_BAND, MOVED_PIXELS, SLIT = (0.25, 0.75), 8.0, 3
STRETCH, STRETCHED_ABOUT = 1.5, 110.0
WORST_QUALITY = 10


def blur(scene: FloatArray, mask: Mask, strength: float, random: np.random.Generator) -> FloatArray:
    """A large focal spot, or teeth outside the sharp layer: Gaussian, SD up to 3 px."""
    blurred: FloatArray = ndimage.gaussian_filter(scene, BLUR_SIGMA * strength, mode="nearest")
    return blurred


def noise(
    scene: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """Too few photons: white noise, SD up to 20 grey levels."""
    return scene + NOISE_SD * strength * random.standard_normal(scene.shape)


def low_contrast(
    scene: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """A veil of scattered radiation: up to 80% of every difference from the mean is lost."""
    mean = float(scene.mean())
    return mean + (1 - VEIL * strength) * (scene - mean)


def streaks(
    scene: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """Up to four pieces of metal on teeth, saturated, with tilted streaks of up to 60 levels."""
    rows, columns = np.indices(scene.shape)
    result = scene + STREAKS * strength * streak_pattern(random, scene.shape)
    places = random.permutation(np.argwhere(mask))[: int(np.ceil(METAL_PIECES * strength))]
    for row, column in places:
        result[np.hypot(rows - row, columns - column) <= METAL_RADIUS] = WHITE
    return result


def rings(
    scene: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """Uneven elements of the detector: what makes rings in a slice makes stripes along rows."""
    elements = (scene.shape[0], 1)
    uneven: Mask = random.random(elements) < UNEVEN_ROWS
    wrong: FloatArray = random.standard_normal(elements) * uneven
    return scene * (1 + strength * UNEVEN_GAIN * wrong)


def motion(
    scene: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """The patient moves up and down while the middle columns are taken, by up to 8 px.

    Columns are taken one after the other through a slit of 7 px: edges become jagged, and smeared
    where the movement is fast. The mask stays that of the teeth at rest.
    """
    rows, columns = scene.shape
    swing = ndimage.gaussian_filter1d(random.standard_normal(columns), 6.0)
    start, stop = (round(share * columns) for share in MOVED_BAND)
    swing[:start] = swing[stop:] = 0.0
    shift = MOVED_PIXELS * strength * swing / np.abs(swing).max()
    across, down = np.meshgrid(
        np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)
    )
    moments = [
        cv2.remap(
            scene,
            across,
            down + np.roll(shift, moment).astype(np.float32)[None, :],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for moment in range(-SLIT, SLIT + 1)
    ]
    result: FloatArray = np.mean(moments, axis=0)
    return result


def clipping(
    scene: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """A window set too narrow: grey values stretched by up to 2.5 run out at both ends."""
    return (scene - STRETCHED_ABOUT) * (1 + STRETCH * strength) + STRETCHED_ABOUT


def compression(
    image: FloatArray, mask: Mask, strength: float, random: np.random.Generator
) -> FloatArray:
    """Saved as JPEG and read again, at a quality from 95 down to 10."""
    pixels = np.clip(np.round(image), 0, WHITE).astype(np.uint8)
    return jpeg_again(pixels, strength).astype(np.float64)


def jpeg_again(pixels: NDArray[np.uint8], strength: float) -> NDArray[np.uint8]:
    """The pixels after a JPEG file of quality 95 (strength 0) to 10 (strength 1)."""
    quality = round(95 - (95 - WORST_QUALITY) * strength)
    written, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not written:
        raise ValueError(f"could not encode an image of shape {pixels.shape} as JPEG")
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


BEFORE_NOISE: dict[str, Fault] = {
    "blur": blur,
    "noise": noise,
    "low_contrast": low_contrast,
    "streaks": streaks,
    "rings": rings,
    "motion": motion,
    "clipping": clipping,
}
AFTER_NOISE: dict[str, Fault] = {"compression": compression}
"""By name, and by whether the noise of the clean image is added after the fault or before it."""
