"""Small pictures of an image for people who look through a data set, not for scoring."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sts_qa.science.imaging.errors import DamagedStore, UnreadableFile
from sts_qa.science.imaging.masks import mask_values
from sts_qa.science.imaging.readers import decode_file
from sts_qa.science.imaging.rendering import encode_png, window
from sts_qa.science.imaging.slicing import PlaneView, axial_view
from sts_qa.science.imaging.store import open_store
from sts_qa.science.imaging.store_values import to_lossless_type
from sts_qa.science.imaging.stored_raster import StoredRaster, to_pixels
from sts_qa.science.imaging.value_ranges import robust_range
from sts_qa.science.imaging.volumes import Volume

# Read on black, grey and white alike; red, green, blue.
OUTLINE = (255, 196, 0)
# Part of a shrunk pixel that the mask must cover to be shown.
COVERED = 128


@dataclass(frozen=True)
class PreviewFile:
    """A file to show, with what is known of its bytes.

    Parameters
    ----------
    path : str
    sha256 : str
        What the file's bytes must have.
    store_path : str
        Of a volume's store, used when it is there; else empty.
    """

    path: str
    sha256: str
    store_path: str = ""


@dataclass(frozen=True)
class Plane:
    """One image plane and how it lies.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns) or (rows, columns, 3)
    limits : tuple of float
        Values shown black and white.
    pixel_ratio : float
        Height of a pixel divided by its width.
    view : PlaneView, optional
        How the plane was cut from a volume; None for a radiograph.
    """

    pixels: NDArray[Any]
    limits: tuple[float, float]
    pixel_ratio: float = 1.0
    view: PlaneView | None = None


def preview(
    image: PreviewFile, mask: PreviewFile | None, *, longest: int, slice_index: int | None = None
) -> bytes:
    """Draw a radiograph, or one axial slice of a volume, with its mask's outline.

    Parameters
    ----------
    image : PreviewFile
    mask : PreviewFile, optional
        Drawn when it has as many pixels as the image.
    longest : int
        Most pixels of the longer side; images are shrunk to it, never enlarged.
    slice_index : int, optional
        From 0 at the inferior end; by default the middle one.

    Returns
    -------
    bytes
        A PNG, grey without a mask.

    Raises
    ------
    UnreadableFile
        When a file cannot be read or has other bytes than expected (code "changed").
    """
    plane = read_plane(image, slice_index)
    inside = None if mask is None else read_mask_plane(mask, plane.view, slice_index)
    return encode_png(draw(plane, inside, longest=longest))


def read_plane(file: PreviewFile, slice_index: int | None = None) -> Plane:
    """Read a radiograph, or one axial slice of a volume, the middle one by default.

    8-bit radiographs are shown from 0 to 255, everything else between its percentiles 0.5
    and 99.5.
    """
    if file.store_path and Path(file.store_path).exists():
        try:
            store = open_store(file.store_path)
            spacing = store.spacing_of_axial or (1.0, 1.0)
            chosen = store.axial(_chosen(slice_index, store.axial_count))
            return Plane(chosen, store.robust_range, spacing[0] / spacing[1], store.view)
        except DamagedStore:
            # A cache only: the file itself has the truth
            pass
    content = decode_file(file.path, sha256=file.sha256).content
    if isinstance(content, StoredRaster):
        pixels = to_pixels(content)
        limits = (0.0, 255.0) if pixels.dtype == np.uint8 else robust_range(pixels)
        return Plane(pixels, limits)
    view = axial_view(content.affine)
    # Percentiles are counted, which needs the few different values of a small type
    values, _notices = to_lossless_type(content.values)
    chosen = view.take(values, _chosen(slice_index, values.shape[view.axis]))
    return Plane(chosen, robust_range(values), _pixel_ratio(content, view), view)


def read_mask_plane(
    file: PreviewFile, view: PlaneView | None, slice_index: int | None = None
) -> NDArray[np.bool_]:
    """Read where a mask is other than 0, on the plane that `read_plane` gives of its image."""
    values = mask_values(decode_file(file.path, sha256=file.sha256).content)
    if view is None:
        return np.asarray(values != 0)
    if values.ndim != 3:
        raise UnreadableFile("dimensions", "The mask is 2D and its image a volume.")
    return np.asarray(view.take(values, _chosen(slice_index, values.shape[view.axis])) != 0)


def draw(plane: Plane, inside: NDArray[np.bool_] | None, *, longest: int) -> NDArray[np.uint8]:
    """Window, shrink and draw the mask's inner edge one pixel wide.

    Returns
    -------
    ndarray of shape (rows, columns), or (rows, columns, 3) with a mask or in colour, uint8
    """
    shown = window(plane.pixels, *plane.limits)
    size = _size(shown.shape[0] * plane.pixel_ratio, shown.shape[1], longest)
    smaller = size[0] * size[1] < shown.shape[0] * shown.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    picture = np.asarray(cv2.resize(shown, size, interpolation=method), dtype=np.uint8)
    if inside is None or inside.shape != plane.pixels.shape[:2] or not inside.any():
        return picture
    cover = cv2.resize(inside.astype(np.uint8) * 255, size, interpolation=method)
    covered = (cover >= COVERED).astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    edge = covered - cv2.erode(covered, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    coloured = picture if picture.ndim == 3 else np.repeat(picture[..., np.newaxis], 3, axis=2)
    coloured[edge > 0] = OUTLINE
    return coloured


def _chosen(slice_index: int | None, count: int) -> int:
    return count // 2 if slice_index is None else slice_index


def _pixel_ratio(volume: Volume, view: PlaneView) -> float:
    if volume.spacing is None:
        return 1.0
    return volume.spacing[view.row_axis] / volume.spacing[view.column_axis]


def _size(rows: float, columns: float, longest: int) -> tuple[int, int]:
    """Width and height in pixels."""
    scale = min(1.0, longest / max(rows, columns))
    return max(1, round(columns * scale)), max(1, round(rows * scale))
