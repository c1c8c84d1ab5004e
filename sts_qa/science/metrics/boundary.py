"""Grey values across the mask's boundary, read once for every metric of edges."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.filters import filterable
from sts_qa.science.metrics.image import (
    GREY_LEVELS,
    Array,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
)
from sts_qa.science.metrics.noise_exposure import noise_sigma
from sts_qa.science.metrics.regions import LEAST_PIXELS

Coordinates = NDArray[np.float64]

REACH = 10
"""Profiles run this many px to either side of the boundary: 3 SD of a blur of 3.3 px."""

STEP = 0.5
OFFSETS = np.arange(-REACH, REACH + STEP, STEP)
"""Distance from the boundary of each value of a profile in px, negative inside the mask."""

NEIGHBOURS = 8
"""A profile is the mean over the normals of this many boundary pixels in a row."""

MOST_PROFILES = 250
"""Profiles per image, 2,000 normals; longer boundaries are sampled evenly."""

LEAST_PROFILES = 5
"""A median over fewer would say little; five profiles are 40 normals."""

BATCH = 32
"""Profiles read at a time: few enough to stay in the processor's cache, a quarter faster."""

NEAR = 5
"""The brighter side is the one with the higher mean within this many px."""

PLATEAU = 3
"""Levels on both sides of an edge are means over this many px along the profile."""

LEAST_RISE = 1
"""Grey levels of 255 that a profile must rise: less is not seen in 8 bits."""

LEAST_SIGNAL = 3
"""Times the SD of the noise that a profile must rise, else its shape is that of the noise."""

SMOOTH = np.array([1, 8, 28, 56, 70, 56, 28, 8, 1]) / 256
"""Binomial kernel with an SD of sqrt(2) px that turns a mask's steps into a slope."""

SHARPEN = np.array([-1, 10, -1]) / 8
"""Takes back the blur of reading between pixels: variance -1/4 px^2 against 1/6 + 1/24."""

FAINT_SLOPE = 0.02
"""Below a tenth of the smoothed mask's slope at a straight boundary there is no clear normal."""


@dataclass(frozen=True, eq=False)
class EdgeProfiles:
    """Profiles that cross an edge, turned so that the inner side is the brighter one.

    Parameters
    ----------
    values : ndarray of shape (profiles, OFFSETS.size), float64
        Stored grey values, or their negatives where the mask is the darker side.
    bright, dark : ndarray of shape (profiles,)
        Levels of both sides.
    along_row : ndarray of bool of shape (profiles,)
        The normal lies within 45 degrees of the row, so that the profile runs left to right.
    """

    values: NDArray[np.float64]
    bright: NDArray[np.float64]
    dark: NDArray[np.float64]
    along_row: NDArray[np.bool_]


class Readable:
    """Pixels that are read between their centres, too, by linear interpolation.

    In double precision: OpenCV rounds places to 1/32 px.
    """

    def __init__(self, pixels: Array):
        self._columns = pixels.shape[1]
        self._pixels: NDArray[np.float64] = pixels.reshape(-1)
        self._rises = np.diff(self._pixels)

    def between(self, rows: Coordinates, columns: Coordinates) -> NDArray[np.float64]:
        """Grey values at places of any shape, none of them beyond the last but one pixel."""
        top, left = np.floor(rows), np.floor(columns)
        down, right = rows - top, columns - left
        corner = (top * self._columns + left).astype(np.intp)
        upper = self._along_row(corner, right)
        lower = self._along_row(corner + self._columns, right)
        lower -= upper
        lower *= down
        lower += upper
        return lower

    def _along_row(
        self, start: NDArray[np.intp], right: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        values = self._rises.take(start)
        values *= right
        values += self._pixels.take(start)
        return values


@once_per_image
def edge_profiles(image: PreparedImage) -> EdgeProfiles:
    """Profiles across the boundary that rise clearly from one side to the other.

    A profile's brighter side is the one with the higher mean over the 5 px next to the boundary;
    its level is the highest mean over 3 px there, that of the other side the lowest. Profiles that
    rise by less than 1 grey level of 255 or 3 times `noise_sigma` are left out.
    """
    values, normals = _profiles(image)
    inside, outside = ((side * OFFSETS < 0) & (side * OFFSETS >= -NEAR) for side in (1, -1))
    darker_inside = values[:, inside].mean(axis=1) < values[:, outside].mean(axis=1)
    values = np.where(darker_inside[:, np.newaxis], -values, values)

    span = int(PLATEAU / STEP) + 1
    means = _running_means(values, span)
    centres = OFFSETS[span // 2 : -(span // 2)]
    bright = means[:, centres <= -PLATEAU / 2].max(axis=1)
    dark = means[:, centres >= PLATEAU / 2].min(axis=1)

    least = max(LEAST_RISE, LEAST_SIGNAL * noise_sigma(image)) * image.span / GREY_LEVELS
    clear = bright - dark >= least
    if np.count_nonzero(clear) < LEAST_PROFILES:
        raise NotApplicable(Reason.NO_EDGES)
    along_row = np.abs(normals[:, 1]) >= np.abs(normals[:, 0])
    return EdgeProfiles(values[clear], bright[clear], dark[clear], along_row[clear])


def _running_means(values: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Means of `span` neighbouring columns, from the first of them."""
    places = values.shape[1] - span + 1
    sums = values[:, :places].copy()
    for first in range(1, span):
        sums += values[:, first : first + places]
    return sums / span


def _profiles(image: PreparedImage) -> tuple[NDArray[np.float64], Coordinates]:
    """Grey values of shape (profiles, OFFSETS.size), and mean normals (row, column) outwards.

    Profiles that would leave the image, or touch its outermost pixels, are left out.
    """
    if np.count_nonzero(image.mask) < LEAST_PIXELS:
        raise NotApplicable(Reason.SMALL_MASK)
    window = _window(image.mask)
    mask = np.ascontiguousarray(image.mask[window], dtype=np.uint8)
    pixels = filterable(image)[window]
    readable = Readable(cv2.sepFilter2D(pixels, cv2.CV_64F, SHARPEN, SHARPEN))

    feet, normals = _normals(mask, _boundary(mask))
    reach = np.abs(normals) * REACH
    last = np.array(mask.shape) - 2
    inside = ((feet - reach >= 1) & (feet + reach <= last)).all(axis=(1, 2))
    feet, normals = feet[inside], normals[inside]
    batches = range(0, max(len(feet), 1), BATCH)
    values = [_along(readable, feet[k : k + BATCH], normals[k : k + BATCH]) for k in batches]
    return np.concatenate(values), normals.mean(axis=1)


def _window(mask: NDArray[np.bool_]) -> tuple[slice, ...]:
    """Part of the image that profiles and the filters under them can reach."""
    margin = REACH + SMOOTH.size // 2
    places = (np.flatnonzero(mask.any(axis=1 - axis)) for axis in (0, 1))
    return tuple(slice(max(0, int(p[0]) - margin), int(p[-1]) + margin + 1) for p in places)


def _boundary(mask: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Boundary pixels (row, column) of the mask, shape (profiles, NEIGHBOURS, 2).

    Each contour is cut into whole rows of neighbours; what is left at its end is not used.
    """
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    whole = [contour[: len(contour) // NEIGHBOURS * NEIGHBOURS] for contour in contours]
    points = np.concatenate(whole).reshape(-1, NEIGHBOURS, 2)[:, :, ::-1]
    chosen = min(MOST_PROFILES, len(points))
    return points[np.arange(chosen) * len(points) // max(chosen, 1)].astype(np.int64)


def _normals(mask: NDArray[np.uint8], points: NDArray[np.int64]) -> tuple[Coordinates, Coordinates]:
    """Where the smoothed mask is one half near `points`, and its unit normals outwards.

    Both of shape (profiles, NEIGHBOURS, 2) as (row, column); profiles with a pixel where the
    smoothed mask has no clear slope (mask one or two pixels thin) are left out.
    """
    smooth = cv2.sepFilter2D(mask, cv2.CV_32F, SMOOTH, SMOOTH)
    rows, columns = points[..., 0], points[..., 1]
    above, below = np.maximum(rows - 1, 0), np.minimum(rows + 1, mask.shape[0] - 1)
    left, right = np.maximum(columns - 1, 0), np.minimum(columns + 1, mask.shape[1] - 1)
    fall = np.stack(
        [smooth[above, columns] - smooth[below, columns], smooth[rows, left] - smooth[rows, right]],
        axis=-1,
    ).astype(np.float64)
    slope = np.sqrt((fall * fall).sum(axis=-1)) / 2
    steep = (slope >= FAINT_SLOPE).all(axis=1)
    points, fall, slope = points[steep], fall[steep], slope[steep, :, np.newaxis]
    height = smooth[points[..., 0], points[..., 1]].astype(np.float64)[..., np.newaxis]
    normals = fall / (2 * slope)
    return points + normals * np.clip((height - 0.5) / slope, -1, 1), normals


def _along(pixels: Readable, feet: Coordinates, normals: Coordinates) -> NDArray[np.float64]:
    """Mean grey values along the normals of each profile."""
    rows, columns = (
        feet[:, :, axis, np.newaxis] + normals[:, :, axis, np.newaxis] * OFFSETS for axis in (0, 1)
    )
    means: NDArray[np.float64] = pixels.between(rows, columns).mean(axis=1)
    return means
