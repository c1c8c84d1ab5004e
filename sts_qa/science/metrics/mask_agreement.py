"""Agreement of a mask with a further mask of the same item. None changes when both are exchanged.

Of two empty masks nothing can be said. When one of them is empty, overlap is 0 and there is no
distance.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from sts_qa.science.metrics.image import NotApplicable, Reason
from sts_qa.science.metrics.masks import Mask, PreparedMask, joint_extent, once_per_mask
from sts_qa.science.metrics.surface import Distances, surface_distances

BOUNDARY_DEPTH = 2
"""Pixels. The published 2% of the image's diagonal, 14 px of 640x320, is thicker than roots."""


@dataclass(frozen=True)
class Overlap:
    """Numbers of tooth pixels: in the mask, in the further mask, in both."""

    first: int
    second: int
    both: int

    @property
    def either(self) -> int:
        """In at least one of them."""
        return self.first + self.second - self.both


@once_per_mask
def both_cropped(mask: PreparedMask) -> tuple[Mask, Mask]:
    """Mask and further mask, without what is empty around both of them."""
    reference = mask.reference
    box = joint_extent(mask.mask, reference)
    if box is None:
        raise NotApplicable(Reason.BOTH_MASKS_EMPTY)
    return mask.mask[box], reference[box]


@once_per_mask
def overlap(mask: PreparedMask) -> Overlap:
    """Pixels of the two masks."""
    first, second = both_cropped(mask)
    both = sum(int(np.count_nonzero(a & b)) for a, b in zip(first, second, strict=True))
    return Overlap(int(np.count_nonzero(first)), int(np.count_nonzero(second)), both)


@once_per_mask
def surfaces_apart(mask: PreparedMask) -> tuple[Distances, Distances]:
    """Distances from the surface of the mask to that of the further mask, and the other way."""
    counted = overlap(mask)
    if min(counted.first, counted.second) == 0:
        raise NotApplicable(Reason.ONE_MASK_EMPTY)
    return surface_distances(*both_cropped(mask), mask.spacing)


@once_per_mask
def dice(mask: PreparedMask) -> float:
    """Dice coefficient, 2 |A and B| / (|A| + |B|).

    0 (nothing in common) to 1 (equal), higher is better.

    References
    ----------
    Dice 1945, doi 10.2307/1932409
    """
    counted = overlap(mask)
    return 2 * counted.both / (counted.first + counted.second)


@once_per_mask
def intersection_over_union(mask: PreparedMask) -> float:
    """Jaccard index, |A and B| / |A or B|.

    0 (nothing in common) to 1 (equal), higher is better.

    References
    ----------
    Jaccard 1912, doi 10.1111/j.1469-8137.1912.tb05611.x
    """
    counted = overlap(mask)
    return counted.both / counted.either


@once_per_mask
def boundary_iou(mask: PreparedMask) -> float:
    """Intersection over union of the outermost 2 pixels of both masks.

    0 to 1 (equal), higher is better. Unlike Dice it does not grow with the size of the teeth.

    References
    ----------
    Cheng et al. 2021, doi 10.1109/CVPR46437.2021.01508
    """
    return boundary_overlap(*both_cropped(mask), depth=BOUNDARY_DEPTH)


@once_per_mask
def surface_dice(mask: PreparedMask) -> float:
    """Normalised surface distance: share of both surfaces within one voxel of the other surface.

    0 to 1, higher is better. The tolerance is the largest spacing, so that a shift by one voxel
    along any axis is tolerated; 1 px for radiographs.

    References
    ----------
    Nikolov et al. 2021, doi 10.2196/26151
    """
    if min(overlap(mask).first, overlap(mask).second) == 0:
        return 0.0
    there, back = surfaces_apart(mask)
    return surface_share(there, back, max(mask.spacing))


@once_per_mask
def hausdorff_95(mask: PreparedMask) -> float:
    """Distance that 95% of a surface's area keeps to the other, the larger of both directions.

    At least 0 (equal), lower is better. In mm; px without spacing.

    References
    ----------
    Huttenlocher, Klanderman & Rucklidge 1993, doi 10.1109/34.232073; weighted by area as in
    Nikolov et al. 2021, doi 10.2196/26151
    """
    return max(apart.percentile(95) for apart in surfaces_apart(mask))


@once_per_mask
def average_surface_distance(mask: PreparedMask) -> float:
    """Mean distance of both surfaces' elements to the other surface, weighted by their area.

    At least 0 (equal), lower is better. In mm; px without spacing.

    References
    ----------
    Heimann et al. 2009, doi 10.1109/TMI.2009.2013851; weighted by area as in
    Nikolov et al. 2021, doi 10.2196/26151
    """
    there, back = surfaces_apart(mask)
    return (there.moment + back.moment) / (there.area + back.area)


def surface_share(there: Distances, back: Distances, tolerance: float) -> float:
    """Share of the area of both surfaces that lies within `tolerance` of the other."""
    within = there.area_within(tolerance) + back.area_within(tolerance)
    return within / (there.area + back.area)


def boundary_overlap(first: Mask, second: Mask, *, depth: int) -> float:
    """Intersection over union of the outermost `depth` pixels; at least one is not empty."""
    common = joint = 0
    for a, b in zip(_boundaries(first, depth), _boundaries(second, depth), strict=True):
        common += int(np.count_nonzero(a & b))
        joint += int(np.count_nonzero(a | b))
    return common / joint


def _boundaries(mask: Mask, depth: int) -> Iterator[Mask]:
    """Pixels within `depth` of the outside, diagonal steps counting 1, plane by plane."""
    if mask.ndim == 2:
        yield mask & ~_eroded(mask, depth)
        return
    nothing = np.zeros(mask.shape[1:], dtype=np.bool_)
    eroded = deque([nothing] * (depth + 1), maxlen=2 * depth + 1)
    eroded.extend(_eroded(plane, depth) for plane in mask[:depth])
    for number, plane in enumerate(mask):
        ahead = number + depth
        eroded.append(_eroded(mask[ahead], depth) if ahead < len(mask) else nothing)
        yield plane & ~np.logical_and.reduce(list(eroded))


def _eroded(plane: Mask, depth: int) -> Mask:
    side = 2 * depth + 1
    smaller = cv2.erode(
        np.ascontiguousarray(plane).view(np.uint8),
        np.ones((side, side), dtype=np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return smaller.view(np.bool_)
