"""Panoramic-like phantoms with known blur, noise, contrast and streaks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sts_qa.science.phantoms.panoramic_scene import Surroundings
from sts_qa.science.phantoms.panoramic_teeth import Canvas, TeethLayers, draw_teeth, place_teeth
from sts_qa.science.phantoms.texture import smooth_step
from sts_qa.science.phantoms.truth import Phantom, PhantomTruth, Region, generator

FloatArray = NDArray[np.float64]

_ANATOMY, _NOISE, _STREAKS = 1, 2, 3


def panoramic_phantom(
    seed: int,
    *,
    blur: float = 0.0,
    noise: float = 2.0,
    contrast: float = 1.0,
    streaks: float = 0.0,
    shape: tuple[int, int] = (320, 640),
    child: bool = False,
    missing_teeth: int = 1,
    fillings: int = 3,
) -> Phantom:
    """A picture that looks like a panoramic radiograph, with the mask of its teeth.

    Parameters
    ----------
    seed : int
        Decides anatomy, noise and streaks, each from a stream of its own: the same seed with
        another `noise` shows the same teeth.
    blur : float
        SD of the Gaussian blur in pixels.
    noise : float
        SD of the white noise in grey levels. The darkest flat part lies at 30, so noise up to
        about 8 is not clipped there.
    contrast : float
        Factor on what the teeth add to their surroundings: 1 as usual, 0 invisible.
    streaks : float
        Largest absolute grey level added by horizontal, slightly tilted streaks.
    shape : tuple of int
        Rows and columns; drawn on a design grid of 320 x 640 and scaled.
    child : bool
        Smaller first teeth, six in each quarter.
    missing_teeth, fillings : int
        How many teeth are absent, and how many hold a bright filling.

    Returns
    -------
    Phantom
        Pixels uint8 0..255, mask uint8 0 or 255, the number of each tooth, and the truth.
    """
    canvas = Canvas(shape)
    random = generator(seed, _ANATOMY)
    placed = place_teeth(random, child=child, missing=missing_teeth, fillings=fillings)
    teeth = draw_teeth(canvas, placed)
    surroundings = Surroundings(canvas, random)
    bare = _tooth_sockets(surroundings.draw(), teeth, surroundings)
    scene = surroundings.add_border(bare + contrast * teeth.elevation)
    if blur > 0:
        scene = ndimage.gaussian_filter(scene, blur, mode="nearest", truncate=6.0)
    if streaks:
        scene = scene + streaks * streak_pattern(generator(seed, _STREAKS), shape)
    scene = scene + noise * generator(seed, _NOISE).standard_normal(shape)
    pixels = np.clip(np.round(scene), 0, 255).astype(np.uint8)
    mask = np.where(teeth.mask, 255, 0).astype(np.uint8)
    flat, edge = _measuring_regions(shape)
    truth = PhantomTruth(
        blur_sigma=blur,
        noise_sd=noise,
        tooth_contrast=float(contrast * teeth.elevation[teeth.mask].mean()),
        streak_amplitude=streaks,
        ring_amplitude=0.0,
        tooth_count=teeth.count,
        tooth_measure=teeth.outline_area,
        flat_region=flat,
        edge_region=edge,
        edge_axis=1,
    )
    return Phantom(pixels, mask, teeth.numbers, truth)


def _tooth_sockets(bare: FloatArray, teeth: TeethLayers, surroundings: Surroundings) -> FloatArray:
    """The thin dark gap and bright line that bone shows around a root."""
    distance = teeth.outside_distance / surroundings.size
    in_bone = smooth_step(bare, 62.0, 78.0)
    gap = 1.0 - smooth_step(distance, 0.8, 2.0)
    line = smooth_step(distance, 1.2, 2.2) * (1.0 - smooth_step(distance, 2.4, 4.0))
    around = in_bone * (9.0 * line - 9.0 * gap)
    return bare + np.where(teeth.mask, 0.0, around)


def streak_pattern(random: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Tilted bright and dark lines, largest absolute value 1."""
    rows, columns = np.indices(shape, dtype=float)
    down, across = rows / shape[0], columns / shape[1]
    pattern = np.zeros(shape)
    for _ in range(14):
        start, tilt = random.uniform(0.25, 0.75), random.normal(0.0, 0.10)
        width, sign = random.uniform(0.004, 0.014), random.choice([-1.0, 1.0])
        middle, reach = random.uniform(0.15, 0.85), random.uniform(0.15, 0.45)
        line = np.exp(-(((down - start - tilt * (across - middle)) / width) ** 2))
        pattern += sign * line * np.exp(-(((across - middle) / reach) ** 2))
    result: FloatArray = pattern / np.abs(pattern).max()
    return result


def _measuring_regions(shape: tuple[int, int]) -> tuple[Region, Region]:
    """The flat lower left corner, and the straight edge at its left, on any shape."""
    down, across = shape[0] / 320.0, shape[1] / 640.0
    rows = slice(round(262 * down), round(310 * down))
    flat = (rows, slice(round(30 * across), round(110 * across)))
    edge = (rows, slice(0, round(30 * across)))
    return flat, edge
