"""From pixel values to bytes for a screen."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# Larger levels gain a few per cent of size at several times the time.
PNG_COMPRESSION = 1


def window(pixels: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Map values linearly to 0 (at `low` and below) to 255 (at `high` and above).

    Parameters
    ----------
    pixels : ndarray of any shape, integer or float
    low, high : float
        In the units of `pixels`. When `high` is not above `low`, values below become 0,
        values above 255, and equal ones 128.

    Returns
    -------
    ndarray of the same shape, uint8
        Halves are rounded up; values that are not numbers become 0.
    """
    if pixels.dtype.kind in "ui" and pixels.dtype.itemsize <= 2:
        limits = np.iinfo(pixels.dtype)
        table = _window_values(np.arange(limits.min, limits.max + 1), low, high)
        return table[pixels.astype(np.int32) - limits.min]
    return _window_values(pixels, low, high)


def _window_values(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    precise = values.astype(np.float64)
    if high <= low:
        return np.select([precise < low, precise > low], [0, 255], 128).astype(np.uint8)
    share = np.clip((precise - low) / (high - low), 0, 1)
    return np.floor(np.nan_to_num(share, nan=0.0) * 255 + 0.5).astype(np.uint8)


def encode_png(pixels: NDArray[Any]) -> bytes:
    """Encode grey values or colours as a PNG that holds nothing but pixels.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns) or (rows, columns, 3), uint8 or uint16

    Returns
    -------
    bytes
        Chunks IHDR, IDAT and IEND only; equal pixels give equal bytes.
    """
    if pixels.dtype not in (np.uint8, np.uint16) or pixels.ndim not in (2, 3):
        raise ValueError(f"PNG holds no array of type {pixels.dtype} and shape {pixels.shape}.")
    ordered = np.ascontiguousarray(pixels if pixels.ndim == 2 else pixels[..., ::-1])
    done, encoded = cv2.imencode(".png", ordered, [cv2.IMWRITE_PNG_COMPRESSION, PNG_COMPRESSION])
    if not done:
        raise ValueError(f"PNG encoding failed for an array of shape {pixels.shape}.")
    return encoded.tobytes()
