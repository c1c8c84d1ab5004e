"""A small scanner for axial slices: parallel beams over a full turn, filtered back-projection.

It stands in for the cone beam of a dental scanner, whose faults in an axial slice look the same:
what goes wrong is planted in the projections, and what comes back from there is what is added.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

FloatArray = NDArray[np.float64]


def scan_angles(count: int) -> FloatArray:
    """Angles in radians of `count` projections, evenly over a full turn.

    An odd number of them sees every ray from one side only, which is as fine as twice as many.
    """
    return np.arange(count, dtype=np.float64) * (2 * np.pi / count)


def project(slices: FloatArray, angles: FloatArray) -> FloatArray:
    """Line integrals in units of pixels.

    Parameters
    ----------
    slices : ndarray of shape (S, N, N)
        What lies outside the square is taken as 0.
    angles : ndarray of shape (A,)

    Returns
    -------
    ndarray of shape (S, A, N)
        At angle t, element k sums all pixels with x cos t + y sin t = k - (N - 1) / 2, x to the
        right and y downwards from the middle of the slice.
    """
    count = slices.shape[-1]
    sums = np.empty((len(slices), len(angles), count))
    for place, angle in enumerate(angles):
        for number, pixels in enumerate(slices):
            sums[number, place] = _turned(pixels, angle).sum(axis=0)
    return sums


def reconstruct(projections: FloatArray, angles: FloatArray) -> FloatArray:
    """Slices of shape (S, N, N) from projections of shape (S, A, N); the inverse of `project`.

    References
    ----------
    Kak & Slaney 1988, Principles of Computerized Tomographic Imaging, chapter 3
    """
    count = projections.shape[-1]
    filtered = _ramp_filtered(projections)
    slices = np.zeros((len(projections), count, count))
    for place, angle in enumerate(angles):
        for number, row in enumerate(filtered[:, place]):
            slices[number] += _turned(np.tile(row, (count, 1)), -angle)
    return slices * (np.pi / len(angles))


def _turned(pixels: FloatArray, angle: float) -> FloatArray:
    """The square turned about its middle, so that what lay at `angle` lies along the rows."""
    count = len(pixels)
    middle, cos, sin = (count - 1) / 2, np.cos(angle), np.sin(angle)
    # Where each pixel of the turned square lies in the square as it is
    places = np.array(
        [
            [cos, -sin, middle - middle * cos + middle * sin],
            [sin, cos, middle - middle * sin - middle * cos],
        ]
    )
    turned = cv2.warpAffine(
        pixels, places, (count, count), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return turned.astype(np.float64, copy=False)


def _ramp_filtered(projections: FloatArray) -> FloatArray:
    """Projections filtered with the ramp of the sampled plane (Kak & Slaney, equation 61)."""
    count = projections.shape[-1]
    length = int(fft.next_fast_len(2 * count))
    distance = np.minimum(np.arange(length), length - np.arange(length))
    odd = distance % 2 == 1
    kernel = np.zeros(length)
    kernel[0] = 0.25
    kernel[odd] = -1 / (np.pi * distance[odd]) ** 2
    response = fft.rfft(kernel).real
    spectrum = fft.rfft(projections, length, axis=-1)
    filtered: FloatArray = fft.irfft(spectrum * response, length, axis=-1)[..., :count]
    return filtered
