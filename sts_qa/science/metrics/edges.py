"""Edges along the mask's boundary: how wide they are, and whether they lie where the mask ends."""

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.boundary import (
    LEAST_PROFILES,
    NEAR,
    OFFSETS,
    STEP,
    EdgeProfiles,
    edge_profiles,
)
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason, once_per_image

SEARCH = 3
"""The steepest place of a profile is looked for within this many px of the boundary."""

ALIGNED = 1
"""An edge counts as aligned up to this many px from the boundary."""

LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9

INNER_OFFSETS = OFFSETS[1:-1]
"""Distances from the boundary at which profiles have a slope."""


@once_per_image
def edge_width(image: PreparedImage) -> float:
    """Median 10-90% rise width of the grey values across the mask's boundary, in px.

    Above 0, lower is sharper; 2.563 SD of a Gaussian blur. Not changed by gain, offset, or by
    which side is brighter. Widths above 8 px are understated: profiles end 10 px from the boundary.

    Notes
    -----
    From the crossing of one half nearest to the boundary outwards to both sides, to the first
    place at 90% and at 10% of the way from the dark level to the bright one (`edge_profiles`).

    References
    ----------
    Edge spread function as in ISO 12233, taken along the normals of a mask
    """
    return _median(_rise_widths(image))


@once_per_image
def edge_width_x(image: PreparedImage) -> float:
    """`edge_width` from left to right: normals within 45 degrees of the row."""
    return _median(_rise_widths(image)[edge_profiles(image).along_row])


@once_per_image
def edge_width_y(image: PreparedImage) -> float:
    """`edge_width` from top to bottom: normals within 45 degrees of the column."""
    return _median(_rise_widths(image)[~edge_profiles(image).along_row])


@once_per_image
def boundary_gradient_alignment(image: PreparedImage) -> float:
    """Share of edge profiles that are steepest within 1 px of the mask's boundary.

    Steepest: the largest |dg/dn| within 3 px. 0 to 1, higher is better; a third or less where
    the boundary has nothing to do with the image. Not changed by gain and offset.

    References
    ----------
    Definition of this program: a screening hint, no proof of accuracy
    """
    return float((np.abs(_steepest_places(image)) <= ALIGNED).mean())


@once_per_image
def boundary_offset(image: PreparedImage) -> float:
    """Median distance from the image's edge to the mask's boundary in px, + = mask too large.

    -3 to 3, 0 is best. The image's edge is where |dg/dn| is largest within 3 px of the boundary.

    References
    ----------
    Definition of this program: a screening hint, no proof of accuracy
    """
    return -float(np.median(_steepest_places(image)))


@once_per_image
def boundary_gradient_ratio(image: PreparedImage) -> float:
    """Mean |dg/dn| at the mask's boundary over its mean within 5 px of it.

    At least 0, higher is better; 1 where the boundary has nothing to do with the image. Not
    changed by gain and offset; blur lowers it.

    References
    ----------
    Definition of this program: a screening hint, no proof of accuracy
    """
    steepness = _steepness(image)
    band = steepness[:, np.abs(INNER_OFFSETS) <= NEAR].mean()
    if band == 0:
        raise NotApplicable(Reason.NO_EDGES)
    return float(steepness[:, INNER_OFFSETS == 0].mean() / band)


def _median(widths: NDArray[np.float64]) -> float:
    widths = widths[~np.isnan(widths)]
    if widths.size < LEAST_PROFILES:
        raise NotApplicable(Reason.NO_EDGES)
    return float(np.median(widths))


@once_per_image
def _rise_widths(image: PreparedImage) -> NDArray[np.float64]:
    """Rise width of each edge profile in px; NaN where a level is not met."""
    heights = _heights(edge_profiles(image))
    profile, place = np.ogrid[: len(heights), : OFFSETS.size]
    falls = (heights[:, :-1] >= MIDDLE) & (heights[:, 1:] < MIDDLE)
    distance = np.where(falls, np.abs(OFFSETS[:-1] + STEP / 2), np.inf)
    middle = distance.argmin(axis=1)[:, np.newaxis]

    above = np.where((heights >= HIGH) & (place <= middle), place, -1).max(axis=1)
    beyond = np.where((heights <= LOW) & (place > middle), place, OFFSETS.size).min(axis=1)
    found = falls.any(axis=1) & (above >= 0) & (beyond < OFFSETS.size)

    widths = np.full(len(heights), np.nan)
    rows, above, beyond = profile[found, 0], above[found], beyond[found]
    widths[found] = _crossing(heights, rows, beyond - 1, LOW) - _crossing(
        heights, rows, above, HIGH
    )
    return widths


def _heights(profiles: EdgeProfiles) -> NDArray[np.float64]:
    """Profiles on a scale where the dark level is 0 and the bright one 1."""
    dark, bright = profiles.dark[:, np.newaxis], profiles.bright[:, np.newaxis]
    heights: NDArray[np.float64] = (profiles.values - dark) / (bright - dark)
    return heights


def _crossing(
    heights: NDArray[np.float64],
    rows: NDArray[np.intp],
    places: NDArray[np.intp],
    level: float,
) -> NDArray[np.float64]:
    """Distance at which profiles fall through `level` between `places` and the next value."""
    before, after = heights[rows, places], heights[rows, places + 1]
    crossing: NDArray[np.float64] = OFFSETS[places] + STEP * (before - level) / (before - after)
    return crossing


@once_per_image
def _steepness(image: PreparedImage) -> NDArray[np.float64]:
    """|dg/dn| of each edge profile over 1 px, shape (profiles, INNER_OFFSETS.size)."""
    values = edge_profiles(image).values
    return np.abs(values[:, 2:] - values[:, :-2]) / (2 * STEP)


@once_per_image
def _steepest_places(image: PreparedImage) -> NDArray[np.float64]:
    """Distance from the boundary, outwards, at which each edge profile is steepest, in px.

    Between the values that were read by a parabola through the largest and its neighbours.
    """
    steepness = _steepness(image)
    searched = np.flatnonzero(np.abs(INNER_OFFSETS) <= SEARCH)
    place = searched[0] + steepness[:, searched].argmax(axis=1)
    profile = np.arange(len(steepness))
    before, largest, after = (steepness[profile, place + step] for step in (-1, 0, 1))
    bend = 2 * largest - before - after
    # at the end of the search the next value may be larger still: no peak, no parabola
    peak = (largest >= before) & (largest >= after) & (bend > 0)
    shift = np.where(peak, (after - before) / (2 * np.where(peak, bend, 1)), 0)
    places: NDArray[np.float64] = np.clip(INNER_OFFSETS[place] + STEP * shift, -SEARCH, SEARCH)
    return places
