"""From pixel values to bytes for a screen."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# Larger levels gain a few per cent of size at several times the time.
PNG_COMPRESSION = 1


def window(
    pixels: NDArray[Any],
    low: float,
    high: float,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
) -> NDArray[np.uint8]:
    """Map values linearly to 0 (at `low` and below) to 255 (at `high` and above).

    The grey value of v = slope * stored + intercept is
    clamp(floor(255 * (v - low) / (high - low) + 0.5), 0, 255) in double precision, step by
    step as the viewer computes it.

    Parameters
    ----------
    pixels : ndarray of any shape, integer or float
        Stored values.
    low, high : float
        In the units of v. When `high` is not above `low`, values below become 0,
        values above 255, and equal ones 128.
    slope, intercept : float
        From stored to real values.

    Returns
    -------
    ndarray of the same shape, uint8
        Values that are not numbers become 0.
    """
    if pixels.dtype.kind in "ui" and pixels.dtype.itemsize <= 2:
        limits = np.iinfo(pixels.dtype)
        stored = np.arange(limits.min, limits.max + 1)
        table = _window_values(slope * stored.astype(np.float64) + intercept, low, high)
        # Of signed values the negative ones count from the table's end
        return np.take(np.roll(table, limits.min), pixels, mode="wrap")
    return _window_values(slope * pixels.astype(np.float64) + intercept, low, high)


def _window_values(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    if high <= low:
        outside = [np.isnan(values) | (values < low), values > high]
        return np.select(outside, [0, 255], 128).astype(np.uint8)
    with np.errstate(over="ignore", invalid="ignore"):
        grey = np.floor(255 * (values - low) / (high - low) + 0.5)
    shown: NDArray[np.float64] = np.nan_to_num(np.clip(grey, 0, 255), nan=0.0)
    return shown.astype(np.uint8)


def draw_outline(
    pixels: NDArray[np.uint8], inside: NDArray[Any], colour: tuple[int, int, int]
) -> NDArray[np.uint8]:
    """Draw the inner boundary of a mask one pixel wide, as the viewer does.

    The boundary is every pixel inside that has one of its four neighbours outside the mask or
    outside the image.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns) or (rows, columns, 3), uint8
    inside : ndarray of shape (rows, columns)
        Other than 0 inside.
    colour : tuple of int
        Red, green, blue.

    Returns
    -------
    ndarray of shape (rows, columns, 3), uint8
    """
    covered = (inside != 0).astype(np.uint8)
    neighbours = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inner = cv2.erode(covered, neighbours, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    drawn = pixels.copy() if pixels.ndim == 3 else np.repeat(pixels[..., np.newaxis], 3, axis=2)
    drawn[covered > inner] = colour
    return drawn


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
