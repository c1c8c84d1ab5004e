"""Outlines (2D) and surfaces (3D) of masks, and the distances between two of them.

Nikolov et al. 2021, doi 10.2196/26151: between pixel centres runs a surface (marching squares,
marching cubes); each 2x2 or 2x2x2 neighbourhood of pixels with both values holds one element of it,
placed at the neighbourhood's middle and counted with its length or area. What lies outside the
array is background.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import hypot, prod

import numpy as np
import scipy
from numpy.typing import NDArray

from sts_qa.science.metrics.image import NotApplicable, Reason
from sts_qa.science.metrics.masks import Mask

Corner = tuple[int, ...]

MOST_ELEMENTS = 2**23
"""A mask with more surface than this is noise; teeth in 400x512x512 voxels have some 2**18."""

QUERIED_AT_ONCE = 2**18

LEAF = 32
"""Places that a tree parts no further; of fewer it takes more memory, and not less time."""

ROUNDING = 1e-9
"""Relative; a distance of one voxel lies within a tolerance of one voxel."""


@dataclass(frozen=True, eq=False)
class Surface:
    """Elements of a surface.

    `places` are whole numbers of shape (n, axes), `codes` of shape (n,) are those of their
    neighbourhoods, of which `area_of_code` has the length or area. Kept small: a mask of noise
    has millions of them.
    """

    places: NDArray[np.integer]
    codes: NDArray[np.uint8]
    area_of_code: NDArray[np.float64]

    @property
    def areas(self) -> NDArray[np.float64]:
        """Length or area of each element, shape (n,)."""
        return self.area_of_code[self.codes]


@dataclass(frozen=True, eq=False)
class Distances:
    """From each element of a surface to the nearest of another, rising, and the elements' areas."""

    distances: NDArray[np.float64]
    areas: NDArray[np.float64]

    @property
    def area(self) -> float:
        """Area of the whole surface, mm or px in 2D, mm² or px² in 3D."""
        return float(self.areas.sum())

    @property
    def moment(self) -> float:
        """Sum of distance times area."""
        return float(np.dot(self.distances, self.areas))

    def area_within(self, tolerance: float) -> float:
        """Area of the elements that are no further away than `tolerance`."""
        return float(self.areas[self.distances <= tolerance * (1 + ROUNDING)].sum())

    def percentile(self, percent: float) -> float:
        """Smallest distance within which `percent` of the area lies."""
        shares = np.cumsum(self.areas) / self.area
        place = np.searchsorted(shares, percent / 100 * (1 - ROUNDING))
        return float(self.distances[min(int(place), self.distances.size - 1)])


def surface_distances(
    first: Mask, second: Mask, spacing: tuple[float, ...]
) -> tuple[Distances, Distances]:
    """Distances from the surface of `first` to that of `second`, and the other way.

    Neither may be empty. Memory grows with the surfaces, not with the volume as it would with a
    distance transform.
    """
    one, other = surface(first, spacing), surface(second, spacing)
    # Sorted when the search is over, which takes the most memory
    there = _nearest(one.places, other.places, spacing)
    back = _nearest(other.places, one.places, spacing)
    return _rising(there, one), _rising(back, other)


def surface(mask: Mask, spacing: tuple[float, ...]) -> Surface:
    """Surface elements of a mask of 2 or 3 axes."""
    area_of_code = element_areas(spacing)
    whole = area_of_code.size - 1
    small = np.int16 if max(mask.shape) < np.iinfo(np.int16).max else np.int32
    places, found, count = [], [], 0
    for layer, codes in enumerate(_layers_of_codes(mask)):
        rows, columns = np.nonzero((codes != 0) & (codes != whole))
        parts = (rows, columns) if mask.ndim == 2 else (np.full_like(rows, layer), rows, columns)
        places.append(np.stack(parts, axis=1, dtype=small, casting="same_kind"))
        found.append(codes[rows, columns])
        count += rows.size
        if count > MOST_ELEMENTS:
            raise NotApplicable(Reason.LARGE_SURFACE)
    return Surface(np.concatenate(places), np.concatenate(found), area_of_code)


@cache
def element_areas(spacing: tuple[float, ...]) -> NDArray[np.float64]:
    """Length or area of the surface inside each of the 16 or 256 neighbourhoods.

    The bits of a neighbourhood's number are its pixels, the first pixel the highest. Where teeth
    fill more than half of it, the surface is that of the background; pixels that do not share a
    side have surfaces of their own.
    """
    corners = list(product((0, 1), repeat=len(spacing)))
    areas = np.zeros(2 ** len(corners))
    for code in range(areas.size):
        bits = f"{code:0{len(corners)}b}"
        inside = {corner for corner, bit in zip(corners, bits, strict=True) if bit == "1"}
        fewer = inside if 2 * len(inside) <= len(corners) else set(corners) - inside
        areas[code] = sum(_area_around(part, spacing) for part in _parts(fewer))
    areas.flags.writeable = False
    return areas


def _area_around(corners: set[Corner], spacing: tuple[float, ...]) -> float:
    """Surface that cuts off corners that hang together, through the middles of the box's edges."""
    if len(spacing) == 2:
        return _length_around(corners, spacing)
    triangle = hypot(*(prod(spacing) / step for step in spacing)) / 8
    degrees = {corner: len(_neighbours(corner, corners)) for corner in corners}
    if len(corners) == 1:
        return triangle
    if len(corners) == 2:
        return 2 * _half_strip(_axis_between(*corners), spacing)
    if len(corners) == 3:
        return _face_of(corners, spacing) / 2 + 3 * triangle
    if all(degree == 2 for degree in degrees.values()):
        return _face_of(corners, spacing)
    if max(degrees.values()) == 3:
        return 6 * triangle
    ends = [corner for corner in corners if degrees[corner] == 1]
    axes = [_axis_between(end, *_neighbours(end, corners)) for end in ends]
    return 4 * triangle + sum(_half_strip(axis, spacing) for axis in axes)


def _length_around(corners: set[Corner], spacing: tuple[float, ...]) -> float:
    return hypot(*spacing) / 2 if len(corners) == 1 else spacing[_axis_between(*corners)]


def _half_strip(axis: int, spacing: tuple[float, ...]) -> float:
    """Half of the strip that cuts off an edge of the box along `axis`."""
    across = [step for other, step in enumerate(spacing) if other != axis]
    return spacing[axis] * hypot(*across) / 4


def _face_of(corners: set[Corner], spacing: tuple[float, ...]) -> float:
    """Area of the side of the box in which the corners lie."""
    (normal,) = (axis for axis in range(3) if len({corner[axis] for corner in corners}) == 1)
    return prod(spacing) / spacing[normal]


def _axis_between(first: Corner, second: Corner) -> int:
    return next(axis for axis, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)


def _neighbours(corner: Corner, corners: set[Corner]) -> list[Corner]:
    return [
        other for other in corners if sum(a != b for a, b in zip(corner, other, strict=True)) == 1
    ]


def _parts(corners: set[Corner]) -> Iterator[set[Corner]]:
    """Corners parted into those that hang together along edges of the box."""
    left = set(corners)
    while left:
        part, grown = set[Corner](), {min(left)}
        while grown != part:
            part = grown
            grown = part.union(*(_neighbours(corner, left) for corner in part))
        left -= part
        yield part


def _layers_of_codes(mask: Mask) -> Iterator[NDArray[np.uint8]]:
    if mask.ndim == 2:
        yield _codes(mask)
        return
    before = np.zeros(tuple(side + 1 for side in mask.shape[1:]), dtype=np.uint8)
    for plane in mask:
        after = _codes(plane)
        yield np.bitwise_or(before << 4, after, dtype=np.uint8)
        before = after
    yield np.left_shift(before, 4, dtype=np.uint8)


def _codes(plane: Mask) -> NDArray[np.uint8]:
    """Number of the 2x2 neighbourhood around each corner of the pixels, shape (M + 1, N + 1)."""
    padded = np.pad(plane, 1).view(np.uint8)
    codes = padded[:-1, :-1] << 3 | padded[:-1, 1:] << 2 | padded[1:, :-1] << 1 | padded[1:, 1:]
    return codes.astype(np.uint8, copy=False)


def _nearest(
    start: NDArray[np.integer], goal: NDArray[np.integer], spacing: tuple[float, ...]
) -> NDArray[np.float64]:
    """Distance from each place of `start` to the nearest of `goal`."""
    # Without medians the tree is built fast: on a grid very many coordinates are equal
    tree = scipy.spatial.KDTree(
        goal * spacing, leafsize=LEAF, compact_nodes=False, balanced_tree=False
    )
    distances = np.empty(len(start))
    for first in range(0, len(start), QUERIED_AT_ONCE):
        part = slice(first, first + QUERIED_AT_ONCE)
        distances[part], _ = tree.query(start[part] * spacing)
    return distances


def _rising(distances: NDArray[np.float64], start: Surface) -> Distances:
    order = np.argsort(distances, kind="stable")
    return Distances(distances[order], start.area_of_code[start.codes[order]])
