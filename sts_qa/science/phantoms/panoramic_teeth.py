"""Two rows of teeth placed along the smile line of a panoramic-like image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sts_qa.science.phantoms.outlines import (
    LOWER,
    LOWER_CHILD,
    UPPER,
    UPPER_CHILD,
    FloatArray,
    ToothSize,
    polygon_area,
    pulp_outlines,
    tooth_outline,
)
from sts_qa.science.phantoms.texture import smooth_step

SUPERSAMPLING = 4
COLUMNS_PER_MM = 3.45
ROWS_PER_MM = 3.15
DENTINE, ENAMEL, PULP, FILLING = 46.0, 34.0, -24.0, 95.0


@dataclass(frozen=True)
class PlacedTooth:
    """One tooth with its place on the design grid of 640 x 320 (columns, rows)."""

    size: ToothSize
    column: float
    row: float
    angle: float
    downwards: bool
    brightness: float
    filled: bool

    def to_grid(self, points: FloatArray) -> FloatArray:
        """Points (n, 2) of the tooth in mm -> (n, 2) columns and rows of the design grid."""
        sine, cosine = np.sin(self.angle), np.cos(self.angle)
        across = points[:, 0] * cosine - points[:, 1] * sine
        along = points[:, 0] * sine + points[:, 1] * cosine
        direction = 1.0 if self.downwards else -1.0
        return np.stack(
            [self.column + across * COLUMNS_PER_MM, self.row + direction * along * ROWS_PER_MM],
            axis=1,
        )


@dataclass(frozen=True)
class TeethLayers:
    """Layers of shape (rows, columns): the teeth's grey levels, the mask, and what lies around."""

    elevation: FloatArray
    mask: NDArray[np.bool_]
    numbers: NDArray[np.uint8]
    outside_distance: FloatArray
    count: int
    outline_area: float


def smile_line(column: FloatArray | float, *, downwards: bool) -> FloatArray:
    """Row on the design grid of the biting edges at `column`."""
    middle = np.asarray(column, dtype=float) - 320.0
    return (169.0 if downwards else 164.0) - 26.0 * (middle / 200.0) ** 2


def place_teeth(
    random: np.random.Generator, *, child: bool, missing: int, fillings: int
) -> list[PlacedTooth]:
    """Both rows, from the midline outwards on both sides, without `missing` seeded ones."""
    rows = ((UPPER_CHILD, False), (LOWER_CHILD, True)) if child else ((UPPER, False), (LOWER, True))
    teeth: list[PlacedTooth] = []
    for sizes, downwards in rows:
        for side in (-1.0, 1.0):
            teeth += _place_quadrant(random, sizes, downwards=downwards, side=side)
    absent = set(random.permutation(len(teeth))[:missing].tolist())
    kept = [tooth for number, tooth in enumerate(teeth) if number not in absent]
    filled = set(random.permutation(len(kept))[:fillings].tolist())
    return [
        PlacedTooth(**{**vars(tooth), "filled": number in filled})
        for number, tooth in enumerate(kept)
    ]


def _place_quadrant(
    random: np.random.Generator, sizes: tuple[ToothSize, ...], *, downwards: bool, side: float
) -> list[PlacedTooth]:
    teeth = []
    offset = 0.35 if downwards else 0.25
    stretch = 1.04 if downwards else 1.0
    for size in sizes:
        middle = offset + size.width / 2.0
        offset += size.width + 0.25 + 0.25 * random.random()
        column = 320.0 + side * middle * COLUMNS_PER_MM * stretch
        row = float(smile_line(column, downwards=downwards)) + random.normal(0.0, 1.2)
        # Roots lean outwards in the lower row and towards the midline in the upper one.
        lean = side * (0.24 if downwards else -0.10) * (abs(column - 320.0) / 200.0)
        angle = -lean + random.normal(0.0, 0.025)
        brightness = 1.0 + random.normal(0.0, 0.06)
        teeth.append(PlacedTooth(size, column, row, angle, downwards, brightness, False))
    return teeth


class Canvas:
    """Rasterises polygons of the design grid onto an image of any shape, or a window of it."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.origin = np.zeros(2)
        self.scale = np.array([shape[1] / 640.0, shape[0] / 320.0])

    def pixels(self, points: FloatArray) -> FloatArray:
        """Columns and rows of the design grid -> those of the image (pixel edges at integers)."""
        result: FloatArray = points * self.scale - self.origin
        return result

    def window(self, points: FloatArray) -> tuple[Canvas, tuple[slice, slice]]:
        """A small canvas around some points, and its place in this one."""
        corners = self.pixels(points)
        limit = (self.shape[1], self.shape[0])
        low = np.clip(np.floor(corners.min(axis=0)).astype(int) - 2, 0, limit)
        high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 2, 0, limit)
        part = Canvas((int(high[1] - low[1]), int(high[0] - low[0])))
        part.scale, part.origin = self.scale, self.origin + low
        return part, (slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0])))

    def grid(self) -> tuple[FloatArray, FloatArray]:
        """Columns and rows of the design grid at each pixel's centre, of shape (rows, columns)."""
        rows, columns = np.indices(self.shape, dtype=float) + 0.5
        return (columns + self.origin[0]) / self.scale[0], (rows + self.origin[1]) / self.scale[1]

    def coverage(self, points: FloatArray) -> FloatArray:
        """Share 0..1 of each pixel inside a polygon of the design grid: (rows, columns)."""
        rows, columns = self.shape
        fine = np.zeros((rows * SUPERSAMPLING, columns * SUPERSAMPLING), np.uint8)
        # OpenCV counts from pixel centres.
        fixed = np.round((self.pixels(points) * SUPERSAMPLING - 0.5) * 256.0).astype(np.int32)
        cv2.fillPoly(fine, [fixed], 1, lineType=cv2.LINE_8, shift=8)
        area = cv2.resize(fine.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
        return area.astype(float)


def draw_teeth(canvas: Canvas, teeth: list[PlacedTooth]) -> TeethLayers:
    """Enamel, dentine, pulp and fillings of every tooth; where two overlap the brighter one."""
    elevation = np.zeros(canvas.shape)
    covered = np.zeros(canvas.shape)
    numbers = np.zeros(canvas.shape, np.uint8)
    area = 0.0
    for number, tooth in enumerate(teeth, start=1):
        outline = tooth.to_grid(tooth_outline(tooth.size))
        area += polygon_area(canvas.pixels(outline))
        part, place = canvas.window(outline)
        inside = part.coverage(outline)
        numbers[place][inside > covered[place]] = number
        covered[place] = np.maximum(covered[place], inside)
        elevation[place] = np.maximum(elevation[place], inside * _levels(part, tooth, inside))
    mask = covered >= 0.5
    outside = np.asarray(ndimage.distance_transform_edt(~mask), dtype=float)
    return TeethLayers(elevation, mask, numbers * mask, outside, len(teeth), area)


def _levels(canvas: Canvas, tooth: PlacedTooth, inside: FloatArray) -> FloatArray:
    """Grey levels above the surroundings, inside one tooth."""
    along = _along_axis(canvas, tooth)
    depth = np.asarray(ndimage.distance_transform_edt(inside >= 0.5), dtype=float)
    depth /= max(float(canvas.scale.mean()), 0.25)
    size = tooth.size
    crown = 1.0 - smooth_step(along, size.crown * 0.75, size.crown * 1.05)
    cap = 1.0 - smooth_step(along, 1.2, 3.2)
    shell = np.maximum(1.0 - smooth_step(depth, 2.0, 5.0), cap)
    levels = DENTINE + ENAMEL * crown * shell
    levels = levels - 12.0 * (1.0 - crown) * (1.0 - smooth_step(depth, 0.5, 4.0))
    levels = levels - 10.0 * smooth_step(along, size.crown, size.crown + size.root)
    pulp = sum(canvas.coverage(tooth.to_grid(part)) for part in pulp_outlines(size))
    levels = levels + PULP * ndimage.gaussian_filter(np.minimum(pulp, 1.0), 0.6)
    levels = np.maximum(levels * tooth.brightness, 12.0)
    if not tooth.filled:
        return np.asarray(levels)
    half = size.width * 0.30
    filling = np.array([[-half, 0.7], [half, 0.5], [half * 0.7, 3.0], [-half * 0.8, 3.2]])
    share = ndimage.gaussian_filter(canvas.coverage(tooth.to_grid(filling)), 0.5)
    return np.asarray(levels + (FILLING + DENTINE - levels) * share)


def _along_axis(canvas: Canvas, tooth: PlacedTooth) -> FloatArray:
    """Distance in mm from the biting edge along the tooth's axis, of shape (rows, columns)."""
    columns, rows = canvas.grid()
    across = (columns - tooth.column) / COLUMNS_PER_MM
    direction = 1.0 if tooth.downwards else -1.0
    down = direction * (rows - tooth.row) / ROWS_PER_MM
    along: FloatArray = -across * np.sin(tooth.angle) + down * np.cos(tooth.angle)
    return along
