"""Masks: stored values as they are, and whether a mask fits its image."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.facts import FileFacts
from sts_qa.science.imaging.readers import decode_file
from sts_qa.science.imaging.slicing import axial_axis
from sts_qa.science.imaging.stored_raster import Array, StoredRaster, grey_if_equal
from sts_qa.science.imaging.volumes import Volume

MAX_LISTED_VALUES = 64
# Largest distance in voxels between the corners of an image's and its mask's grid.
MAX_CORNER_DISTANCE = 0.01
WHOLE_TYPES = (np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64)


@dataclass(frozen=True)
class MaskFacts:
    """What is recorded about a mask file at import.

    Parameters
    ----------
    sha256 : str
    size_bytes : int
    shape : tuple of int
        (rows, columns), or the three stored axes.
    dtype : str
        Of the values as `read_mask` returns them.
    values : tuple of int
        The smallest of the different values in rising order, at most 64 of them.
    value_count : int
        How many different values there are.
    nonzero_voxels : int
    extent : tuple of (int, int), optional
        First and last index with a value other than 0 along each stored axis; None for
        an empty mask.
    axial_voxels : tuple of int
        Voxels other than 0 in each axial slice, slice 0 the most inferior; empty in 2D.
    affine : list of list of float, optional
        4 x 4, voxel indices to mm (RAS+).
    spacing : tuple of float, optional
        mm along the stored axes.
    notices : tuple of str
    """

    sha256: str
    size_bytes: int
    shape: tuple[int, ...]
    dtype: str
    values: tuple[int, ...]
    value_count: int
    nonzero_voxels: int
    extent: tuple[tuple[int, int], ...] | None
    axial_voxels: tuple[int, ...]
    affine: list[list[float]] | None
    spacing: tuple[float, ...] | None
    notices: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """Where the pixels of an image or a mask lie.

    Parameters
    ----------
    shape : tuple of int
    affine : sequence of sequence of float, optional
        4 x 4, voxel indices to mm (RAS+); None where the file does not say.
    """

    shape: tuple[int, ...]
    affine: Sequence[Sequence[float]] | None


def read_mask(path: Path | str) -> Array:
    """Read the stored values of a mask; what is not 0 belongs to it.

    Parameters
    ----------
    path : path-like
        Any format of the READERS table.

    Returns
    -------
    ndarray of shape (rows, columns) or (I, J, K), integer
        Palette indices (not colours), 0 and 1 for one bit, 0 to 15 for four.

    Raises
    ------
    UnreadableFile
        Also for colours, transparency, fractions and scaled values, where what is
        stored does not say which pixels are meant.
    """
    return mask_values(decode_file(path).content)


def read_mask_facts(path: Path | str) -> MaskFacts:
    """Read a mask file once, decode all of it and describe it.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    MaskFacts

    Raises
    ------
    UnreadableFile
        As `read_mask`.
    """
    decoded = decode_file(path)
    values = mask_values(decoded.content)
    different = np.unique(values)
    inside = values != 0
    volume = decoded.content if isinstance(decoded.content, Volume) else None
    affine = None if volume is None or volume.affine is None else volume.affine.tolist()
    return MaskFacts(
        sha256=hashlib.sha256(decoded.data).hexdigest(),
        size_bytes=len(decoded.data),
        shape=tuple(values.shape),
        dtype=values.dtype.name,
        values=tuple(int(value) for value in different[:MAX_LISTED_VALUES]),
        value_count=len(different),
        nonzero_voxels=int(np.count_nonzero(inside)),
        extent=_extent(inside),
        axial_voxels=_axial_voxels(inside, affine) if volume is not None else (),
        affine=affine,
        spacing=None if volume is None else volume.spacing,
        notices=_notices(decoded.content),
    )


def mask_values(content: StoredRaster | Volume) -> Array:
    """Stored mask values of a decoded file, as `read_mask`."""
    if isinstance(content, Volume):
        return _volume_values(content)
    values = grey_if_equal(content.values)
    if values.ndim == 3:
        raise UnreadableFile(
            "mask-colour",
            "The mask is a colour image, so its values are not labels. "
            "Save it as grey or with a palette.",
        )
    if content.transparent and content.palette is None:
        raise UnreadableFile(
            "mask-transparency",
            "The mask has transparent pixels, so it is unclear what belongs to it. "
            "Save it as grey without transparency.",
        )
    return values


def check_pair(image: FileFacts, mask: MaskFacts) -> str | None:
    """Whether a mask lies on its image's grid.

    Parameters
    ----------
    image : FileFacts
    mask : MaskFacts

    Returns
    -------
    str or None
        "shape" when the shapes differ; "affine" when a corner of the grid lies more than
        0.01 voxel away, or only one of both says where it lies; None when they fit.
    """
    return check_grids(Grid(image.shape, image.affine), Grid(mask.shape, mask.affine))


def check_grids(image: Grid, mask: Grid) -> str | None:
    """Whether two grids are one, as `check_pair`, which has the answers."""
    if image.shape != mask.shape:
        return "shape"
    if image.affine is None and mask.affine is None:
        return None
    if image.affine is None or mask.affine is None:
        return "affine"
    distance = _corner_distance(image.shape, np.array(image.affine), np.array(mask.affine))
    return "affine" if distance > MAX_CORNER_DISTANCE else None


def _corner_distance(shape: tuple[int, ...], image_affine: Array, mask_affine: Array) -> float:
    """Largest distance between equal corners of both grids, in voxels of the image."""
    corners = np.array(
        [(*corner, 1) for corner in product(*((0, size - 1) for size in shape))], dtype=float
    ).T
    displaced = (mask_affine - image_affine) @ corners
    in_voxels = np.linalg.solve(image_affine[:3, :3], displaced[:3])
    return float(np.linalg.norm(in_voxels, axis=0).max())


def _volume_values(volume: Volume) -> Array:
    if volume.scale_intercept != 0:
        raise UnreadableFile(
            "mask-scaled",
            "The mask's header shifts its values, so a stored 0 does not mean outside. "
            "Save it as integers without scaling.",
        )
    values = volume.values
    if values.dtype.kind != "f":
        return values
    fractions = int(np.count_nonzero(~(np.isfinite(values) & (values == np.trunc(values)))))
    if fractions:
        raise UnreadableFile(
            "mask-values",
            f"{fractions:,} voxels of the mask hold no whole number; it may be a probability map. "
            "Save it as integer labels.",
        )
    lowest, highest = float(values.min()), float(values.max())
    for whole in WHOLE_TYPES:
        if np.iinfo(whole).min <= lowest and highest <= np.iinfo(whole).max:
            return values.astype(whole)
    raise UnreadableFile("mask-values", "The mask's values are too large for labels.")


def _extent(inside: Array) -> tuple[tuple[int, int], ...] | None:
    if not inside.any():
        return None
    extent = []
    for axis in range(inside.ndim):
        others = tuple(other for other in range(inside.ndim) if other != axis)
        found = np.flatnonzero(inside.any(axis=others))
        extent.append((int(found[0]), int(found[-1])))
    return tuple(extent)


def _axial_voxels(inside: Array, affine: list[list[float]] | None) -> tuple[int, ...]:
    axis, reverse = axial_axis(affine)
    others = tuple(other for other in range(3) if other != axis)
    counts = [int(count) for count in np.count_nonzero(inside, axis=others)]
    return tuple(reversed(counts) if reverse else counts)


def _notices(content: StoredRaster | Volume) -> tuple[str, ...]:
    notices = content.notices
    if isinstance(content, StoredRaster):
        if content.lossy:
            notices += ("JPEG alters values near edges; masks should be stored without loss.",)
        if content.zero_is_white:
            notices += ("The file marks 0 as white; stored values are used as they are.",)
    return notices
