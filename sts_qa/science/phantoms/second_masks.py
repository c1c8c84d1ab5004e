"""Masks of a second annotator, simulated from the first ones. Nobody has drawn them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import cv2
import nibabel
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sts_qa.science.phantoms.demonstration import VOLUME, PlannedItem
from sts_qa.science.phantoms.files import nifti_bytes, png_bytes, write_file
from sts_qa.science.phantoms.truth import generator

_SECOND_ANNOTATOR = 61


def labelled_twice(items: Sequence[PlannedItem]) -> list[PlannedItem]:
    """Return every second labelled item of each category, from the first one on."""
    by_category: dict[str, list[PlannedItem]] = defaultdict(list)
    for item in items:
        if item.labelled:
            by_category[item.category].append(item)
    return [item for of_category in by_category.values() for item in of_category[::2]]


def write_second_masks(images: Path, folder: Path, items: Sequence[PlannedItem]) -> list[str]:
    """Write second masks of `labelled_twice(items)` below `folder`, from the first below `images`.

    Returns
    -------
    list of str
        Keys of the masks: those of the first ones.
    """
    keys = []
    for item in labelled_twice(items):
        assert item.mask_key is not None, "a labelled item has a mask"
        write_file(folder / item.mask_key, _second_file(images / item.mask_key, item))
        keys.append(item.mask_key)
    return keys


def second_mask(mask: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Return the mask as another hand might have drawn it.

    Everything lies one pixel further along every axis, in a direction drawn for each axis, and
    every part (of touching pixels) has an even chance of being one pixel smaller all around. No
    part vanishes by that.

    Parameters
    ----------
    mask : ndarray of uint8, 2D or 3D
        0 outside, one other value inside.
    seed : int
        The same seed changes the same mask in the same way.
    """
    random = generator(seed, _SECOND_ANNOTATOR)
    inside = mask > 0
    smaller = ndimage.binary_erosion(inside)
    parts, count = ndimage.label(inside)
    shrinks = random.random(count + 1) < 0.5
    shrinks &= np.isin(np.arange(count + 1), parts[smaller])
    drawn = np.where(shrinks[parts], smaller, inside)
    moved = ndimage.shift(drawn.astype(np.uint8), random.choice((-1, 1), mask.ndim), order=0)
    return np.where(moved, mask.max(), 0).astype(np.uint8)


def _second_file(first: Path, item: PlannedItem) -> bytes:
    if item.kind == VOLUME:
        image = nibabel.Nifti1Image.from_filename(first)
        voxels = np.asarray(image.dataobj, np.uint8)
        return nifti_bytes(second_mask(voxels, item.seed), image.affine)
    pixels = cv2.imdecode(np.fromfile(first, np.uint8), cv2.IMREAD_UNCHANGED)
    return png_bytes(second_mask(np.asarray(pixels, np.uint8), item.seed))
