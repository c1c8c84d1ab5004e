"""The type in which a store keeps a volume's values."""

from collections.abc import Iterator

import numpy as np

from sts_qa.science.imaging.stored_raster import Array

LOSSLESS_TYPES = ("uint8", "int16", "uint16", "float32")
# Voxels looked at together: what is worked out on the way would take several times the volume
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
    if converted.dtype == values.dtype or _is_same(converted, values):
        return converted, ()
    return converted, (
        f"The volume stores {values.dtype.name} values that 32-bit floating point rounds; "
        "slices show the rounded values.",
    )


def _all_whole(values: Array) -> bool:
    return all(
        bool((np.isfinite(piece) & (piece == np.trunc(piece))).all()) for piece in pieces_of(values)
    )


def _is_same(converted: Array, values: Array) -> bool:
    return all(
        np.array_equal(one.astype(other.dtype), other, equal_nan=other.dtype.kind == "f")
        for one, other in zip(pieces_of(converted), pieces_of(values), strict=True)
    )


def pieces_of(values: Array) -> Iterator[Array]:
    """All values, some at a time, in the order in which they lie in memory."""
    flat = values.ravel(order="K")
    for start in range(0, flat.size, PIECE_SIZE):
        yield flat[start : start + PIECE_SIZE]
