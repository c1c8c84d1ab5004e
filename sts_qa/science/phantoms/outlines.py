"""Outlines of the teeth of a panoramic-like image, as polygons in millimetres.

Sizes are rounded textbook means (mesiodistal width, crown length, root length, in mm), enough
for a picture that looks right; nothing here is anatomy to be cited.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ToothSize:
    """Millimetres: width of the crown, length of crown and root; number of visible roots."""

    width: float
    crown: float
    root: float
    roots: int


# From the midline outwards.
UPPER = (
    ToothSize(8.5, 10.0, 12.5, 1),
    ToothSize(6.6, 9.0, 12.5, 1),
    ToothSize(7.6, 9.8, 16.0, 1),
    ToothSize(7.0, 8.2, 13.5, 1),
    ToothSize(6.9, 8.0, 13.5, 1),
    ToothSize(10.2, 7.4, 12.5, 2),
    ToothSize(9.8, 7.2, 11.5, 2),
    ToothSize(8.8, 6.6, 10.0, 2),
)
LOWER = (
    ToothSize(5.4, 8.8, 12.0, 1),
    ToothSize(5.9, 9.0, 13.0, 1),
    ToothSize(6.9, 10.0, 15.0, 1),
    ToothSize(7.0, 8.6, 14.0, 1),
    ToothSize(7.2, 8.0, 14.0, 1),
    ToothSize(11.0, 7.5, 13.0, 2),
    ToothSize(10.5, 7.0, 12.0, 2),
    ToothSize(10.0, 6.8, 10.0, 2),
)
# First teeth: incisors, canine, two molars.
UPPER_CHILD = (
    ToothSize(6.8, 6.2, 8.5, 1),
    ToothSize(5.4, 5.8, 8.5, 1),
    ToothSize(6.9, 6.6, 10.5, 1),
    ToothSize(7.3, 5.2, 8.0, 2),
    ToothSize(8.9, 5.7, 9.0, 2),
    ToothSize(10.2, 7.0, 9.0, 2),
)
LOWER_CHILD = (
    ToothSize(4.4, 5.2, 8.0, 1),
    ToothSize(4.8, 5.4, 8.5, 1),
    ToothSize(5.9, 6.2, 9.5, 1),
    ToothSize(7.9, 6.0, 7.5, 2),
    ToothSize(9.9, 5.6, 9.0, 2),
    ToothSize(11.0, 7.0, 9.5, 2),
)


def _side(points: list[tuple[float, float]], count: int = 40) -> FloatArray:
    """A smooth curve (count, 2) through (across, along) control points."""
    control = np.array(points)
    steps = np.linspace(0.0, 1.0, count)
    chord = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(control, axis=0).T))])
    dense = np.linspace(0.0, chord[-1], 8 * count)
    coarse = np.stack([np.interp(dense, chord, control[:, k]) for k in range(2)], axis=1)
    kernel = np.hanning(2 * count // 3 + 3)[1:-1]
    kernel /= kernel.sum()
    margin = len(kernel) // 2
    padded = np.pad(coarse, ((margin, margin), (0, 0)), mode="reflect", reflect_type="odd")
    smooth = np.stack([np.convolve(padded[:, k], kernel, "valid") for k in range(2)], axis=1)
    along = np.linspace(0.0, 1.0, len(smooth))
    return np.stack([np.interp(steps, along, smooth[:, k]) for k in range(2)], axis=1)


def tooth_outline(size: ToothSize) -> FloatArray:
    """Closed outline (n, 2) in mm: across (axis = 0) and along (biting edge = 0, root > 0)."""
    half, crown, total = size.width / 2.0, size.crown, size.crown + size.root
    neck = half * (0.80 if size.roots > 1 else 0.74)
    right = [(half * 0.72, 0.0), (half * 0.97, crown * 0.28), (half, crown * 0.5)]
    right += [(neck, crown * 1.02)]
    if size.roots == 1:
        right += [(neck * 0.86, crown + size.root * 0.35), (neck * 0.55, crown + size.root * 0.75)]
        right += [(neck * 0.22, total - 0.3), (0.0, total)]
        curve = _side(right)
        return np.concatenate([curve, curve[::-1] * np.array([-1.0, 1.0])])
    right += [(neck * 1.02, crown + size.root * 0.4), (neck * 0.92, crown + size.root * 0.8)]
    right += [(neck * 0.76, total - 0.2), (neck * 0.62, total)]
    inner = [
        (neck * 0.62, total),
        (neck * 0.42, total - 0.5),
        (neck * 0.24, crown + size.root * 0.66),
    ]
    inner += [(0.0, crown + size.root * 0.40)]
    curve = np.concatenate([_side(right), _side(inner)])
    valley = np.array([[0.0, crown * 0.10]])
    return np.concatenate([curve, curve[::-1] * np.array([-1.0, 1.0]), valley])


def pulp_outlines(size: ToothSize) -> list[FloatArray]:
    """Outlines of the pulp chamber with its canals, in the same millimetres."""
    half, crown, root = size.width / 2.0, size.crown, size.root
    if size.roots == 1:
        top, end, wide = crown * 0.55, crown + root * 0.9, half * 0.22
        points = [(0.0, top), (wide, crown), (wide * 0.6, crown + root * 0.5), (0.0, end)]
        right = np.array(points)
        return [np.concatenate([right, right[::-1] * np.array([-1.0, 1.0])])]
    chamber = np.array([[-0.5, 0.62], [0.5, 0.62], [0.46, 1.05], [-0.46, 1.05]])
    outlines = [chamber * np.array([half, crown])]
    for sign in (-1.0, 1.0):
        start, tip = (0.40 * half * sign, crown), (0.52 * half * sign, crown + root * 0.88)
        width = half * 0.09
        outlines.append(np.array([(start[0] - width, start[1]), (start[0] + width, start[1]), tip]))
    return outlines


def polygon_area(points: FloatArray) -> float:
    """Area enclosed by a polygon (n, 2), by the shoelace formula."""
    across, along = points[:, 0], points[:, 1]
    return float(0.5 * abs(across @ np.roll(along, -1) - along @ np.roll(across, -1)))
