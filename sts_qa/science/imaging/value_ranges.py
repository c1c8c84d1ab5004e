"""How the values of an image are spread: extremes, percentiles and histogram, all exact.

Only finite values count. Images of whole numbers of at most 16 bits are counted value by value,
which takes little memory; others are sorted.
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.imaging.store_values import pieces_of
from sts_qa.science.imaging.stored_raster import Array

PERCENTS = np.arange(1001) / 10
BINS = 256
# Places of 0.5 and 99.5 in PERCENTS.
ROBUST_PLACES = (5, 995)


@dataclass(frozen=True)
class ValueRanges:
    """Spread of the finite values of an image.

    Parameters
    ----------
    extremes : tuple of float
        Least and largest value.
    percentiles : tuple of float
        1001 of them, at 0.0, 0.1 ... 100.0 %, as `numpy.percentile` gives them.
    histogram : tuple of int
        256 counts over equal parts of the range between the extremes.
    """

    extremes: tuple[float, float]
    percentiles: tuple[float, ...]
    histogram: tuple[int, ...]


# Of an image without any finite value: shown, it is empty whatever the window.
NOTHING = ValueRanges((0.0, 1.0), tuple((PERCENTS / 100).tolist()), (0,) * BINS)


def value_ranges(values: Array) -> ValueRanges:
    """Describe the spread of the finite values.

    Parameters
    ----------
    values : ndarray, integer of at most 16 bits or float

    Returns
    -------
    ValueRanges
        Extremes 0 and 1 and an empty histogram when no value is finite.
    """
    ranked = _ranked(values)
    if ranked is None:
        return NOTHING
    percentiles = _percentiles(ranked, PERCENTS)
    low, high = float(percentiles[0]), float(percentiles[-1])
    below = [0, *(ranked.below(edge) for edge in _inner_edges(low, high)), ranked.count]
    return ValueRanges((low, high), tuple(percentiles.tolist()), tuple(np.diff(below).tolist()))


def robust_range(values: Array) -> tuple[float, float]:
    """Percentiles 0.5 and 99.5 (linear interpolation) of the finite values.

    Parameters
    ----------
    values : ndarray, integer of at most 16 bits or float

    Returns
    -------
    tuple of float
        Of `value_ranges` too when no value is finite.
    """
    ranked = _ranked(values)
    if ranked is None:
        return robust_of(NOTHING.percentiles)
    low, high = _percentiles(ranked, PERCENTS[list(ROBUST_PLACES)])
    return float(low), float(high)


def robust_of(percentiles: tuple[float, ...]) -> tuple[float, float]:
    """Percentiles 0.5 and 99.5 out of those of `ValueRanges`."""
    low, high = (percentiles[place] for place in ROBUST_PLACES)
    return low, high


class _Ranked(Protocol):
    """Values in rising order."""

    count: int

    def at(self, ranks: NDArray[np.int64]) -> NDArray[np.float64]:
        """Values at the ranks."""

    def below(self, edge: float) -> int:
        """How many values are less than `edge`."""


class _Sorted:
    def __init__(self, values: Array) -> None:
        """Sort `values` in place."""
        self.count = values.size
        values.sort()
        self._values = values

    def at(self, ranks: NDArray[np.int64]) -> NDArray[np.float64]:
        return self._values[ranks].astype(np.float64)

    def below(self, edge: float) -> int:
        # Not searchsorted, which would make a copy of all values in the precision of the edge.
        return bisect_left(self._values, np.float64(edge))


class _Counted:
    def __init__(self, values: Array) -> None:
        self.count = values.size
        self._lowest = int(values.min())
        counts = np.zeros(int(values.max()) - self._lowest + 1, dtype=np.int64)
        # A few at a time: bincount makes a 64-bit copy of what it counts
        for piece in pieces_of(values):
            whole = piece.astype(np.int64) - self._lowest
            counts += np.bincount(whole, minlength=len(counts))
        self._up_to = np.cumsum(counts)

    def at(self, ranks: NDArray[np.int64]) -> NDArray[np.float64]:
        found: NDArray[Any] = np.searchsorted(self._up_to, ranks, side="right") + self._lowest
        return found.astype(np.float64)

    def below(self, edge: float) -> int:
        whole = int(np.ceil(edge)) - self._lowest
        return int(self._up_to[whole - 1]) if whole > 0 else 0


def _ranked(values: Array) -> _Ranked | None:
    if values.dtype.kind != "f":
        return _Counted(values)
    finite = _finite(values)
    return _Sorted(finite) if finite.size else None


def _finite(values: Array) -> Array:
    """A copy of the finite values, without a second one on the way."""
    finite = np.empty(values.size, values.dtype)
    count = 0
    for piece in pieces_of(values):
        sound = piece[np.isfinite(piece)]
        finite[count : count + sound.size] = sound
        count += sound.size
    return finite[:count]


def _percentiles(ranked: _Ranked, percents: NDArray[np.float64]) -> NDArray[np.float64]:
    """`numpy.percentile`, step by step as its default method does it in double precision."""
    place = (ranked.count - 1) * (percents / 100)
    rank = np.floor(place).astype(np.int64)
    share = place - rank
    below, above = ranked.at(rank), ranked.at(np.minimum(rank + 1, ranked.count - 1))
    step = above - below
    return np.where(share < 0.5, below + step * share, above - step * (1 - share))


def _inner_edges(low: float, high: float) -> list[float]:
    """Limits between the bins; all values of a constant image fall into the middle one."""
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges: list[float] = np.linspace(low, high, BINS + 1)[1:-1].tolist()
    return edges
