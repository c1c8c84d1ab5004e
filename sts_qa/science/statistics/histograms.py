"""How values are spread: the bars of a histogram, and the place of one value among others."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_BARS = 20
REACH = 3.0
"""Interquartile ranges beyond the quartiles that bars of equal width reach to."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Bar:
    """Number of values v with ``low <= v < high``; None is open on that side."""

    low: float | None
    high: float | None
    count: int


def histogram(values: Values) -> tuple[Bar, ...]:
    """Count values in at most MOST_BARS bars of equal width.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Finite, in any order.

    Returns
    -------
    tuple of Bar
        In rising order; every value is in exactly one. Whole numbers that few bars can tell apart
        get a bar each; other edges are rounded to a hundredth of a bar. The first and the last bar
        are open: they also hold what lies more than REACH interquartile ranges beyond the
        quartiles, so that one outlier does not press all other values into one bar.
    """
    if values.size == 0:
        return ()
    edges = _inner_edges(values)
    places = np.searchsorted(edges, values, side="right")
    counts = np.bincount(places, minlength=edges.size + 1)
    lows: list[float | None] = [None, *edges.tolist()]
    highs: list[float | None] = [*edges.tolist(), None]
    return tuple(map(Bar, lows, highs, counts.tolist()))


def percentile_rank(less: int, equal: int, count: int) -> float:
    """Place of a value among `count` values, of which `less` are smaller and `equal` the same.

    Returns
    -------
    float
        0 to 100: the share of smaller values, where equal ones count half.
    """
    return 100 * (less + equal / 2) / count


def percentile_ranks(values: Values, among: Values) -> Values:
    """Place of each of `values` among the sorted values `among`; see `percentile_rank`."""
    less = np.searchsorted(among, values, side="left")
    up_to = np.searchsorted(among, values, side="right")
    return 100 * (less + up_to) / 2 / among.size


def _inner_edges(values: Values) -> Values:
    low, high = _reach(values)
    if high - low < MOST_BARS and not np.any(values % 1):
        return np.arange(np.floor(low) + 1, np.floor(high) + 1)
    if low == high:
        return np.empty(0)
    edges = np.linspace(low, high, MOST_BARS + 1)[1:-1]
    # Edges that people can read, a hundredth of a bar off at most
    decimals = 2 - math.floor(math.log10((high - low) / MOST_BARS))
    edges = np.unique(np.round(edges, decimals))
    return edges[(edges > low) & (edges <= high)]


def _reach(values: Values) -> tuple[float, float]:
    quartile_1, quartile_3 = np.percentile(values, (25, 75))
    lowest, highest = float(values.min()), float(values.max())
    beyond = REACH * float(quartile_3 - quartile_1)
    if beyond == 0:
        return lowest, highest
    return max(lowest, float(quartile_1) - beyond), min(highest, float(quartile_3) + beyond)
