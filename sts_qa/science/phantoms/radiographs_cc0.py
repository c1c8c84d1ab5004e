"""The three real panoramic radiographs shipped with the demonstration, and how they were made."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "radiographs"
NAMES = ("panoramic_010.png", "panoramic_077.png", "panoramic_124.png")
# Of the 1,024 rows of the source: above them the device's name is burned in, below them the date
# and the exposure.
KEPT_ROWS = slice(44, 980)


def reduce_radiograph(source: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Crop the burned-in text away and reduce to 320 x 640 by area interpolation.

    Parameters
    ----------
    source : ndarray of shape (1024, columns)
        Grey values 0..255.
    """
    if source.ndim != 2 or source.shape[0] != 1024:
        raise ValueError(f"expected a grey image with 1,024 rows, got shape {source.shape}")
    kept = np.ascontiguousarray(source[KEPT_ROWS])
    return np.asarray(cv2.resize(kept, (640, 320), interpolation=cv2.INTER_AREA), np.uint8)


def radiograph_bytes(name: str) -> bytes:
    """The PNG file of one radiograph."""
    return (FOLDER / name).read_bytes()
