"""Filtered images that several metrics share.

8-bit pixels are filtered in 16-bit integers; 16-bit ones in float32, where sums of whole numbers
stay exact (below 2**24); wider integers and all floats in double precision.
"""

import cv2
import numpy as np

from sts_qa.science.metrics.image import Array, PreparedImage, once_per_image

REACH = 3
"""Border of the second differences, in which Daubechies' wavelet of four taps finds its room."""


@once_per_image
def filterable(image: PreparedImage) -> Array:
    """Pixels as uint8, float32 or float64, which OpenCV filters; float32 holds whole numbers."""
    pixels = image.pixels
    if pixels.dtype == np.uint8:
        return pixels
    is_exact = pixels.dtype.kind in "iu" and pixels.dtype.itemsize <= 2
    return pixels.astype(np.float32 if is_exact else np.float64)


def filtered_depth(pixels: Array) -> int:
    """OpenCV type for filtered `pixels`: 16-bit integers for 8-bit ones, else the same float."""
    depths: dict[type[np.generic], int] = {
        np.uint8: cv2.CV_16S,
        np.int16: cv2.CV_16S,
        np.float32: cv2.CV_32F,
    }
    return depths.get(pixels.dtype.type, cv2.CV_64F)


def sobel(pixels: Array, axis: int) -> Array:
    """Sobel derivative along `axis`, kernel [1, 2, 1] x [-1, 0, 1], border mirrored (abcb)."""
    along_columns, along_rows = (1, 0) if axis == 1 else (0, 1)
    return cv2.Sobel(pixels, filtered_depth(pixels), along_columns, along_rows)


@once_per_image
def gradients(image: PreparedImage) -> tuple[Array, Array]:
    """Sobel derivatives from left to right and from top to bottom, in stored values x 8.

    Each of shape (M, N). OpenCV works out both at once where pixels have 8 bits.
    """
    pixels = filterable(image)
    if pixels.dtype == np.uint8 and min(pixels.shape) > 1:
        return cv2.spatialGradient(pixels)
    return sobel(pixels, axis=1), sobel(pixels, axis=0)


@once_per_image
def second_difference(image: PreparedImage) -> Array:
    """Second differences along both axes, kernel [1, -2, 1] x [1, -2, 1], in stored values.

    Shape (M + 6, N + 6): the image is continued by `REACH` pixels, border reflected (cba|abc).
    """
    pixels = filterable(image)
    padded = cv2.copyMakeBorder(pixels, REACH, REACH, REACH, REACH, cv2.BORDER_REFLECT)
    kernel = np.array([1.0, -2.0, 1.0])
    return cv2.sepFilter2D(padded, filtered_depth(padded), kernel, kernel)
