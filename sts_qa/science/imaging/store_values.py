"""The type in which a store keeps a volume's values."""

import numpy as np

from sts_qa.science.imaging.stored_raster import Array

LOSSLESS_TYPES = ("uint8", "int16", "uint16", "float32")


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


def _all_whole(values: Array) -> bool:
    return bool((np.isfinite(values) & (values == np.trunc(values))).all())
