"""Plausibility of a mask by itself: hints of slips in drawing or export, no proof of accuracy.

Of an empty mask, components and holes number 0; what is a share of its pixels or lies between its
slices has no value.
"""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.components import sizes_of_components
from sts_qa.science.metrics.image import NotApplicable, Reason
from sts_qa.science.metrics.masks import Mask, PreparedMask, extent, once_per_mask

TINY_SIDE = 5
"""A component of fewer than 5x5 pixels, or 5x5x5 voxels, is tiny."""


@dataclass(frozen=True)
class Holes:
    """Holes of a mask: how many, and their pixels together."""

    count: int
    pixels: int


@once_per_mask
def foreground(mask: PreparedMask) -> int:
    """Number of tooth pixels."""
    return int(np.count_nonzero(mask.mask))


@once_per_mask
def cropped(mask: PreparedMask) -> Mask:
    """The mask without what is empty around it; of an empty mask one pixel."""
    box = extent(mask.mask)
    return mask.mask[box or (slice(1),) * mask.mask.ndim]


@once_per_mask
def component_sizes(mask: PreparedMask) -> NDArray[np.int64]:
    """Pixels of each component; pixels that touch at a corner belong together."""
    inside = cropped(mask)
    if inside.ndim == 2:
        count, labels = cv2.connectedComponents(_bytes(inside), connectivity=8)
        return np.bincount(labels.ravel(), minlength=count)[1:]
    return sizes_of_components(lambda first, stop: inside[first:stop], len(inside), corners=True)


@once_per_mask
def holes(mask: PreparedMask) -> Holes:
    """Background that teeth close off on all sides; a gap at a corner only does not open it."""
    inside = cropped(mask)
    return _holes_of_plane(inside) if inside.ndim == 2 else _holes_of_volume(inside)


@once_per_mask
def foreground_share(mask: PreparedMask) -> float:
    """Share of the image's pixels, or the volume's voxels, inside the mask.

    0 (empty) to 1. To be compared with the other items of the category.
    """
    return foreground(mask) / mask.mask.size


@once_per_mask
def mask_components(mask: PreparedMask) -> float:
    """Number of connected components; pixels that touch at a corner belong together.

    At least 0 (empty). To be compared with the other items of the category.
    """
    return float(component_sizes(mask).size)


@once_per_mask
def mask_tiny_components(mask: PreparedMask) -> float:
    """Number of components of fewer than 25 pixels, or 125 voxels: specks.

    At least 0, lower is better.
    """
    return float(np.count_nonzero(component_sizes(mask) < TINY_SIDE**mask.mask.ndim))


@once_per_mask
def mask_holes(mask: PreparedMask) -> float:
    """Number of holes (2D) or cavities (3D): background closed off by teeth on all sides.

    At least 0, lower is better. What only the image's border closes is no hole.
    """
    return float(holes(mask).count)


@once_per_mask
def mask_hole_share(mask: PreparedMask) -> float:
    """Share of holes in the mask with its holes filled.

    0 (none) to 1, lower is better.
    """
    _require_teeth(mask)
    found = holes(mask)
    return found.pixels / (found.pixels + foreground(mask))


@once_per_mask
def mask_border_share(mask: PreparedMask) -> float:
    """Share of the mask's pixels that lie at the border of the image or volume.

    0 to 1, lower is better: teeth that are cut off, or a frame that was taken for teeth.
    """
    _require_teeth(mask)
    middle = int(np.count_nonzero(mask.mask[(slice(1, -1),) * mask.mask.ndim]))
    return (foreground(mask) - middle) / foreground(mask)


@once_per_mask
def mask_slice_dice(mask: PreparedMask) -> float:
    """Median Dice coefficient of neighbouring slices, from the first to the last with teeth.

    0 to 1, higher is better: slices drawn one by one jump. Pairs of two empty slices do not count.
    """
    slices = _slices_with_extent(mask)
    sizes = np.array([np.count_nonzero(one) for one in slices])
    common = np.array(
        [np.count_nonzero(one & after) for one, after in pairwise(slices)], dtype=np.int64
    )
    sums = sizes[:-1] + sizes[1:]
    if sums.size == 0:
        raise NotApplicable(Reason.ONE_SLICE)
    return float(np.median(2 * common[sums > 0] / sums[sums > 0]))


@once_per_mask
def mask_missing_slices(mask: PreparedMask) -> float:
    """Number of empty slices between the first and the last slice with teeth.

    At least 0, lower is better.
    """
    slices = _slices_with_extent(mask)
    return float(sum(not one.any() for one in slices))


def _slices_with_extent(mask: PreparedMask) -> Mask:
    """Axial slices from the first to the last with teeth, shape (slices, M, N)."""
    if mask.kind != "volume":
        raise NotApplicable(Reason.WRONG_KIND)
    _require_teeth(mask)
    return cropped(mask)


def _holes_of_plane(inside: Mask) -> Holes:
    """One more pixel on every side lets all that lies outside the teeth hang together."""
    background = _bytes(~np.pad(inside, 1))
    outside, flood = (0, 0), 0
    cv2.floodFill(background, None, outside, flood, flags=4)
    count, _ = cv2.connectedComponents(background, connectivity=4)
    return Holes(count - 1, int(np.count_nonzero(background)))


def _holes_of_volume(inside: Mask) -> Holes:
    """As `_holes_of_plane`, of 3 axes."""
    count = len(inside)

    def slices(first: int, stop: int) -> Mask:
        part = inside[max(first - 1, 0) : stop - 1]
        return ~np.pad(part, ((int(first == 0), int(stop == count + 2)), (1, 1), (1, 1)))

    # The first component is what lies outside
    sizes = sizes_of_components(slices, count + 2, corners=False)[1:]
    return Holes(sizes.size, int(sizes.sum()))


def _require_teeth(mask: PreparedMask) -> None:
    if foreground(mask) == 0:
        raise NotApplicable(Reason.EMPTY_MASK)


def _bytes(mask: Mask) -> NDArray[np.uint8]:
    return np.ascontiguousarray(mask).view(np.uint8)
