"""Shape of masks in one plane: radiographs, and each axial slice of a volume.

Outside the image is background. Pixels count as square.
"""

from dataclasses import dataclass
from math import pi, sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.image import (
    Array,
    NotApplicable,
    PreparedImage,
    Reason,
    once_per_image,
)
from sts_qa.science.metrics.masks import extent

SMOOTHING_RADIUS = 2
MARGIN = 2 * SMOOTHING_RADIUS + 1


@dataclass(frozen=True, eq=False)
class Outline:
    """Pixels at the outline, holes included, and the length that each of them stands for.

    `places` int64, into the flattened mask, and `lengths` float64 in px, both of shape (n,).
    """

    places: NDArray[np.int64]
    lengths: NDArray[np.float64]


@once_per_image
def teeth_with_margin(image: PreparedImage) -> NDArray[np.uint8]:
    """The mask as 0 and 1, without what is empty around it but with a margin of background."""
    box = extent(image.mask)
    if box is None:
        raise NotApplicable(Reason.EMPTY_MASK)
    return np.pad(image.mask[box], MARGIN).view(np.uint8)


@once_per_image
def outline(image: PreparedImage) -> Outline:
    """Outline of the mask; places are in `teeth_with_margin`."""
    return _outline(teeth_with_margin(image))


@once_per_image
def mask_solidity(image: PreparedImage) -> float:
    """Area of the mask as a share of the area of its components' convex hulls.

    Above 0 to 1 (every component convex), higher is smoother. Hulls are those of the pixels'
    squares.
    """
    teeth = teeth_with_margin(image)
    contours, hierarchy = cv2.findContours(teeth, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    parents = hierarchy[0, :, 3].tolist()
    outer = [c for c, parent in zip(contours, parents, strict=True) if parent < 0]
    hulls: list[float] = [_hull_area(contour) for contour in outer]
    return int(np.count_nonzero(teeth)) / sum(hulls)


@once_per_image
def mask_isoperimetric(image: PreparedImage) -> float:
    """Compactness P² / (4 π A) of each component, mean weighted by area; holes' outlines count.

    About 1 for a disk and more for every other shape; lower is smoother.

    References
    ----------
    Outline by Cauchy and Crofton: Legland, Kiêu & Devaux 2007, doi 10.5566/ias.v26.p83-92
    """
    teeth = teeth_with_margin(image)
    _, components = cv2.connectedComponents(teeth, connectivity=8)
    found = outline(image)
    lengths = np.bincount(components.ravel()[found.places], weights=found.lengths)
    return float(np.sum(lengths**2)) / (4 * pi * int(np.count_nonzero(teeth)))


@once_per_image
def mask_roughness(image: PreparedImage) -> float:
    """Length of the outline, divided by that after opening and closing with a disk of radius 2 px.

    About 1 for smooth outlines; lower is better: staircases and jitter raise it.
    """
    teeth = teeth_with_margin(image)
    reach = np.arange(-SMOOTHING_RADIUS, SMOOTHING_RADIUS + 1)
    disk = (np.add.outer(reach**2, reach**2) <= SMOOTHING_RADIUS**2).astype(np.uint8)
    opened = cv2.morphologyEx(teeth, cv2.MORPH_OPEN, disk)
    smooth = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, disk).astype(np.uint8, copy=False)
    if not smooth.any():
        raise NotApplicable(Reason.SMALL_MASK)
    return float(outline(image).lengths.sum() / _outline(smooth).lengths.sum())


def _outline(teeth: NDArray[np.uint8]) -> Outline:
    """Lengths from the steps into the background along rows, columns and both diagonals.

    A step along a diagonal stands for lines that lie sqrt(1/2) px apart.
    """
    edge = np.flatnonzero(teeth > cv2.erode(teeth, np.ones((3, 3), dtype=np.uint8)))
    row = teeth.shape[1]
    outside = 1 - teeth.ravel()
    straight = sum(outside[edge + step] for step in (-row, -1, 1, row))
    diagonal = sum(outside[edge + step] for step in (-row - 1, -row + 1, row - 1, row + 1))
    return Outline(edge, pi / 8 * (straight + diagonal * sqrt(1 / 2)))


def _hull_area(contour: Array) -> float:
    """Area of the convex hull of the squares of pixels whose centres the contour joins.

    A pixel's square added to a convex shape (Minkowski) adds width, height and 1 to its area.
    """
    _, _, width, height = cv2.boundingRect(contour)
    hull = cv2.contourArea(cv2.convexHull(contour))
    return float(hull + (width - 1) + (height - 1) + 1)
