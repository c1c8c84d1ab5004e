"""Files of images and masks, read for measuring."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.masks import mask_values
from sts_qa.science.imaging.raster import raster_of
from sts_qa.science.imaging.readers import decode_file
from sts_qa.science.imaging.store import CHUNKS, OWN, VolumeStore
from sts_qa.science.imaging.store_building import open_or_build
from sts_qa.science.imaging.stored_raster import Array, to_pixels

Inside = NDArray[np.bool_]


@dataclass(frozen=True)
class SourceFile:
    """One file and what it must hold.

    Parameters
    ----------
    path : str
    sha256 : str
        Of the bytes that were imported; other bytes are refused.
    store_path : str
        Where the store of a volume lies, or is written when it is missing; "" for radiographs.
    """

    path: str
    sha256: str
    store_path: str = ""


def radiograph_pixels(image: SourceFile) -> Array:
    """Grey or colour values of a radiograph, shape (M, N[, C])."""
    with _naming(image):
        return to_pixels(raster_of(decode_file(image.path, sha256=image.sha256)))


def inside_radiograph(mask: SourceFile) -> Inside:
    """Where the mask of a radiograph is, shape (M, N)."""
    with _naming(mask):
        inside: Inside = mask_values(decode_file(mask.path, sha256=mask.sha256).content) != 0
    return inside


def open_volume(source: SourceFile, affine: ArrayLike | None = OWN) -> VolumeStore:
    """Store of a volume; one that is missing or damaged is written anew."""
    with _naming(source):
        return open_or_build(lambda: source.path, source.sha256, source.store_path, affine=affine)


def inside_volume(image: SourceFile, mask: SourceFile) -> tuple[Inside, tuple[float, ...] | None]:
    """Where the mask of a volume is, axial slices along axis 0, and the size of a voxel in mm."""
    facts = open_volume(image).facts
    store = open_volume(mask, affine=facts.affine)
    # The order in which the store keeps them, so that there is little to be rearranged
    order = sorted((2, 1, 0), key=lambda axis: axis != store.view.axis)
    inside = np.empty([store.shape[axis] for axis in order], dtype=np.bool_)
    in_stored_order = np.transpose(inside, np.argsort(order))
    whole = slice(None)
    for first in range(0, store.shape[2], CHUNKS[0]):
        run = slice(first, first + CHUNKS[0])
        np.not_equal(store.stored(whole, whole, run), 0, out=in_stored_order[:, :, run])
    return inside, None if facts.spacing is None else tuple(facts.spacing[axis] for axis in order)


@contextmanager
def _naming(source: SourceFile) -> Iterator[None]:
    """Name a file that has changed: of image and mask, people must know which."""
    try:
        yield
    except UnreadableFile as error:
        if error.code != "changed":
            raise
        raise UnreadableFile(
            "changed",
            f"{Path(source.path).name} has changed since it was imported. "
            "Import the dataset again.",
        ) from error
