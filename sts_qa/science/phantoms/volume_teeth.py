"""Teeth of a CBCT-like volume: bodies in millimetres around the dental arch.

Coordinates in millimetres: x to the patient's left, y to the back, z to the head; the origin lies
between the front teeth where the two rows meet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.phantoms.outlines import LOWER, UPPER, ToothSize
from sts_qa.science.phantoms.texture import smooth_step

FloatArray = NDArray[np.float64]

ARCH_HALF_WIDTH, ARCH_DEPTH = 29.0, 44.0
DENTINE, ENAMEL, PULP, METAL = 1500.0, 2600.0, 350.0, 4500.0
# Millimetres from cheek to tongue, upper and lower teeth from the midline outwards.
UPPER_THICKNESS = (7.0, 6.4, 8.0, 9.0, 9.0, 11.0, 11.0)
LOWER_THICKNESS = (6.0, 6.4, 7.6, 7.8, 8.2, 10.4, 10.2)
ROUNDNESS = 2.6
LENGTH_MARGIN = 1.0


@dataclass(frozen=True)
class ToothBody:
    """A tooth's place: the middle of its biting edge and the direction of the arch there."""

    size: ToothSize
    thickness: float
    x: float
    y: float
    z: float
    tangent: tuple[float, float]
    downwards: bool
    metal: bool


def arch_points(count: int = 1201) -> FloatArray:
    """Points (count, 2) of the dental arch in mm, half an ellipse and straight ends backwards."""
    angle = np.linspace(-np.pi / 2.0, np.pi / 2.0, count)
    x = ARCH_HALF_WIDTH * np.sin(angle)
    y = ARCH_DEPTH * (1.0 - np.cos(angle))
    return np.stack([x, y], axis=1)


def place_bodies(random: np.random.Generator, *, missing: int, metal: int) -> list[ToothBody]:
    """Seven teeth in each quarter along the arch, without `missing` seeded ones."""
    points = arch_points()
    steps = np.hypot(*np.diff(points, axis=0).T)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    middle = length[-1] / 2.0
    bodies: list[ToothBody] = []
    rows = ((UPPER[:7], UPPER_THICKNESS, False), (LOWER[:7], LOWER_THICKNESS, True))
    for sizes, thicknesses, downwards in rows:
        for side in (-1.0, 1.0):
            offset = 0.2
            for size, thickness in zip(sizes, thicknesses, strict=True):
                along = middle + side * (offset + size.width / 2.0)
                offset += size.width + 0.3
                place = np.array([np.interp(along, length, points[:, k]) for k in range(2)])
                ahead = np.array([np.interp(along + 0.5, length, points[:, k]) for k in range(2)])
                tangent = (ahead - place) / np.hypot(*(ahead - place))
                gap = -0.8 if downwards else 0.8
                z = gap + float(random.normal(0.0, 0.3))
                direction = (float(tangent[0]), float(tangent[1]))
                bodies.append(
                    ToothBody(size, thickness, place[0], place[1], z, direction, downwards, False)
                )
    absent = set(random.permutation(len(bodies))[:missing].tolist())
    kept = [body for number, body in enumerate(bodies) if number not in absent]
    molars = [number for number, body in enumerate(kept) if body.size.roots > 1]
    chosen = set(random.permutation(molars)[:metal].tolist())
    return [ToothBody(**{**vars(body), "metal": n in chosen}) for n, body in enumerate(kept)]


def half_width(size: ToothSize, along: FloatArray, full: float) -> FloatArray:
    """Half the extent in mm at distances `along` from the biting edge; 0 outside the tooth."""
    neck, total = size.crown, size.crown + size.root
    positions = [0.0, 0.3 * neck, 0.55 * neck, neck, neck + 0.5 * size.root, total]
    taper = [0.74, 0.98, 1.0, 0.78, 0.60, 0.18] if size.roots == 1 else [
        0.80, 0.98, 1.0, 0.82, 0.84, 0.60,
    ]  # fmt: skip
    share = np.interp(along, positions, taper)
    return np.where((along >= 0.0) & (along <= total), 0.5 * full * share, 0.0)


@dataclass(frozen=True)
class BodyLevels:
    """One tooth on a block of the volume: who is inside, and the grey values there."""

    place: tuple[slice, slice, slice]
    inside: NDArray[np.bool_]
    levels: FloatArray


def draw_body(body: ToothBody, axes: tuple[FloatArray, FloatArray, FloatArray]) -> BodyLevels:
    """The tooth on the voxels near it.

    Parameters
    ----------
    body : ToothBody
    axes : tuple of ndarray
        Millimetres of the voxel centres along (slices z, rows y, columns x).
    """
    reach = 0.75 * max(body.size.width, body.thickness)
    total = body.size.crown + body.size.root + LENGTH_MARGIN
    low_z, high_z = (body.z - total, body.z) if body.downwards else (body.z, body.z + total)
    limits = ((low_z, high_z), (body.y - reach, body.y + reach), (body.x - reach, body.x + reach))
    place = tuple(
        slice(int(np.searchsorted(axis, low)), int(np.searchsorted(axis, high)))
        for axis, (low, high) in zip(axes, limits, strict=True)
    )
    z, y, x = np.ix_(*(axis[part] for axis, part in zip(axes, place, strict=True)))
    along = (body.z - z if body.downwards else z - body.z) + 0.0 * (x + y)
    mesial = (x - body.x) * body.tangent[0] + (y - body.y) * body.tangent[1] + 0.0 * z
    buccal = (y - body.y) * body.tangent[0] - (x - body.x) * body.tangent[1] + 0.0 * z
    wide = np.maximum(half_width(body.size, along, body.size.width), 1e-6)
    thick = np.maximum(half_width(body.size, along, body.thickness), 1e-6)
    radius = (np.abs(mesial / wide) ** ROUNDNESS + np.abs(buccal / thick) ** ROUNDNESS) ** (
        1.0 / ROUNDNESS
    )
    inside = radius <= 1.0
    if body.size.roots > 1:
        inside &= ~_between_roots(body.size, along, mesial)
    return BodyLevels((place[0], place[1], place[2]), inside, _levels(body, along, radius, mesial))


def body_volume(body: ToothBody, steps: int = 400) -> float:
    """Cubic millimetres of a tooth, by integrating its cross-sections (no voxels involved)."""
    total = body.size.crown + body.size.root
    along = ((np.arange(steps) + 0.5) * total / steps)[:, None]
    wide = half_width(body.size, along, body.size.width)
    thick = half_width(body.size, along, body.thickness)
    share = ((np.arange(steps) + 0.5) / steps)[None, :]
    height = 2.0 * thick * (1.0 - share**ROUNDNESS) ** (1.0 / ROUNDNESS)
    if body.size.roots > 1:
        height = np.where(_between_roots(body.size, along, share * wide), 0.0, height)
    return float((2.0 * height.mean(axis=1) * wide[:, 0]).mean() * total)


def _between_roots(size: ToothSize, along: FloatArray, mesial: FloatArray) -> NDArray[np.bool_]:
    """The space between a molar's two roots, a wedge opening away from the crown."""
    start = size.crown + 0.3 * size.root
    result: NDArray[np.bool_] = np.abs(mesial) < 0.20 * (along - start)
    return result


def _levels(
    body: ToothBody, along: FloatArray, radius: FloatArray, mesial: FloatArray
) -> FloatArray:
    crown = body.size.crown
    if body.metal:
        metal = 1.0 - smooth_step(along, 0.70 * crown, 0.75 * crown)
        return DENTINE + (METAL - DENTINE) * metal
    shell = np.maximum(smooth_step(radius, 0.72, 0.86), 1.0 - smooth_step(along, 1.2, 2.2))
    enamel = shell * (1.0 - smooth_step(along, 0.85 * crown, 1.0 * crown))
    levels = DENTINE + (ENAMEL - DENTINE) * enamel
    end = crown + 0.85 * body.size.root
    open_length = smooth_step(along, 0.5 * crown, 0.65 * crown)
    open_length = open_length * (1.0 - smooth_step(along, end, end + 1.0))
    canal = radius < 0.22
    if body.size.roots > 1:
        canal = np.abs(np.abs(mesial) / body.size.width - 0.22) < 0.06
    chamber = (along < crown * 1.1) & (radius < 0.36)
    pulp = open_length * (canal & (radius < 0.55) | chamber)
    return levels + (PULP - levels) * pulp
