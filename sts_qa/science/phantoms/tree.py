"""Writes the demonstration as a folder tree of the STS-Tooth layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sts_qa.science.phantoms.demonstration import (
    RADIOGRAPH,
    VOLUME,
    PlannedItem,
    demonstration_plan,
)
from sts_qa.science.phantoms.files import nifti_bytes, png_bytes, write_file
from sts_qa.science.phantoms.panoramic import panoramic_phantom
from sts_qa.science.phantoms.radiographs_cc0 import radiograph_bytes
from sts_qa.science.phantoms.truth import generator
from sts_qa.science.phantoms.volume import TOOTH_FIELD, WHOLE_FIELD, volume_phantom

_MASK_FAULTS = 41
# Both orders of axes that scanners and converters leave behind.
ORIENTATIONS = ("LPS", "SPL", "RAS")
VOLUME_SHAPE = (72, 112, 112)


def write_demonstration(folder: Path | str, *, seed: int) -> tuple[PlannedItem, ...]:
    """Write all images and masks below `folder` and return the plan they follow.

    The same seed writes the same bytes. Files of other names already there are left alone.
    """
    root = Path(folder)
    items = demonstration_plan(seed)
    for item in items:
        for key, content in item_files(item).items():
            write_file(root / key, content)
    return items


def item_files(item: PlannedItem) -> dict[str, bytes]:
    """Key -> content of the one or two files of an item."""
    if item.kind == RADIOGRAPH:
        return {item.key: radiograph_bytes(item.key.rsplit("/", 1)[-1])}
    return _volume_files(item) if item.kind == VOLUME else _panoramic_files(item)


def _panoramic_files(item: PlannedItem) -> dict[str, bytes]:
    phantom = panoramic_phantom(
        item.seed,
        blur=item.blur,
        noise=item.noise,
        contrast=item.contrast,
        streaks=item.streaks,
        child=item.child,
        missing_teeth=item.seed % 4,
        fillings=item.seed % 5,
    )
    files = {item.key: png_bytes(phantom.pixels)}
    if item.mask_key is not None:
        files[item.mask_key] = png_bytes(spoil_mask(phantom.mask, phantom.teeth, item))
    return files


def _volume_files(item: PlannedItem) -> dict[str, bytes]:
    phantom = volume_phantom(
        item.seed,
        shape=VOLUME_SHAPE,
        field=TOOTH_FIELD if "/ROI/" in item.key else WHOLE_FIELD,
        orientation=ORIENTATIONS[item.seed % len(ORIENTATIONS)],
        blur=item.blur,
        noise=item.noise,
        contrast=item.contrast,
        streaks=item.streaks,
        rings=item.rings,
    )
    files = {item.key: nifti_bytes(phantom.pixels, phantom.affine)}
    if item.mask_key is not None:
        files[item.mask_key] = nifti_bytes(
            spoil_mask(phantom.mask, phantom.teeth, item), phantom.affine
        )
    return files


def spoil_mask(
    mask: NDArray[np.uint8], teeth: NDArray[np.uint8], item: PlannedItem
) -> NDArray[np.uint8]:
    """Plant the mask mistakes of an item: whole teeth left out, edges grown outwards."""
    inside = mask > 0
    if item.teeth_left_out:
        random = generator(item.seed, _MASK_FAULTS)
        left_out = random.permutation(np.unique(teeth[inside]))[: item.teeth_left_out]
        inside &= ~np.isin(teeth, left_out)
    if item.mask_growth:
        inside = ndimage.binary_dilation(inside, iterations=item.mask_growth)
    return np.where(inside, mask.max(), 0).astype(np.uint8)
