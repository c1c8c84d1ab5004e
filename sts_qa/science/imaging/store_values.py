"""What a store makes of a volume's values: their type, and the range worth showing."""

import numpy as np

from sts_qa.science.imaging.stored_raster import Array

LOSSLESS_TYPES = ("uint8", "int16", "uint16", "float32")
ROBUST_PERCENTILES = (0.5, 99.5)
# Voxels counted at a time: bincount makes a 64-bit copy of what it counts.
PIECE_SIZE = 4 * 1024**2


def to_lossless_type(values: Array) -> tuple[Array, tuple[str, ...]]:
    """Convert to the smallest of uint8, int16, uint16, float32 that holds every value exactly.

    Parameters
    ----------
    values : ndarray, integer or float

    Returns
    -------
    converted : ndarray of the same shape
        float32 when no type holds every value.
    notices : tuple of str
        Says so in that case.
    """
    if values.dtype.kind in "ui" or _all_whole(values):
        lowest, highest = values.min(), values.max()
        for name in LOSSLESS_TYPES[:3]:
            limits = np.iinfo(name)
            if limits.min <= lowest and highest <= limits.max:
                return values.astype(name, order="K", copy=False), ()
    with np.errstate(over="ignore"):
        converted = values.astype(np.float32, order="K", copy=False)
    if np.array_equal(converted.astype(values.dtype), values, equal_nan=values.dtype.kind == "f"):
        return converted, ()
    return converted, (
        f"The volume stores {values.dtype.name} values that 32-bit floating point rounds; "
        "slices show the rounded values.",
    )


def robust_range(values: Array) -> tuple[float, float]:
    """Percentiles 0.5 and 99.5 (linear interpolation) of the finite values; (0, 1) without any.

    Parameters
    ----------
    values : ndarray

    Returns
    -------
    tuple of float
    """
    if values.dtype.kind == "f":
        finite = values[np.isfinite(values)]
        if finite.size == 0:
            return 0.0, 1.0
        low, high = np.percentile(finite, ROBUST_PERCENTILES)
        return float(low), float(high)
    lowest = int(values.min())
    counts = np.zeros(int(values.max()) - lowest + 1, dtype=np.int64)
    flat = values.ravel(order="K")
    for start in range(0, flat.size, PIECE_SIZE):
        piece = flat[start : start + PIECE_SIZE].astype(np.int64) - lowest
        counts += np.bincount(piece, minlength=len(counts))
    low, high = (_percentile_of_counts(counts, share) for share in ROBUST_PERCENTILES)
    return low + lowest, high + lowest


def _percentile_of_counts(counts: Array, percent: float) -> float:
    """Percentile as `numpy.percentile` of the values 0, 1, 2 ... met `counts` times."""
    up_to = np.cumsum(counts)
    place = (int(up_to[-1]) - 1) * percent / 100
    below = int(np.searchsorted(up_to, int(place), side="right"))
    above = int(np.searchsorted(up_to, min(int(place) + 1, int(up_to[-1]) - 1), side="right"))
    return below + (above - below) * (place - int(place))


def _all_whole(values: Array) -> bool:
    return bool((np.isfinite(values) & (values == np.trunc(values))).all())
