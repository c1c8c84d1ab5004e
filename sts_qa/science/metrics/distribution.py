"""How often each grey value occurs, and what follows from that alone."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.image import Array, PreparedImage, once_per_image

EXACT_IN_FLOAT32 = 2**24
"""OpenCV counts in float32, which holds whole numbers up to this one."""

LEVELS = 256
"""Grey levels from black to white that 8-bit images have and others are sorted into."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """Grey values in ascending order with their counts.

    Integers of 8 and 16 bits are counted per value; wider and float values are listed one by one.
    """

    values: Array
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, pixels: Array) -> "Distribution":
        """Distribution of a non-empty array of any shape."""
        flat = pixels.reshape(-1)
        if flat.dtype.kind == "f" or flat.dtype.itemsize > 2:
            values = np.sort(flat)
            return cls(values, np.ones(values.size, dtype=np.int64))
        if flat.dtype == np.uint8 and flat.size <= EXACT_IN_FLOAT32:
            counts = cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel()
            present = np.flatnonzero(counts)
            return cls(present, counts[present].astype(np.int64))
        lowest = int(flat.min())
        counts = np.bincount(flat if lowest == 0 else flat.astype(np.int64) - lowest)
        present = np.flatnonzero(counts)
        return cls(present + lowest, counts[present].astype(np.int64))

    @cached_property
    def _cumulative(self) -> NDArray[np.int64]:
        return np.cumsum(self.counts)

    @property
    def size(self) -> int:
        """Number of pixels."""
        return int(self._cumulative[-1])

    @property
    def distinct(self) -> int:
        """Number of different grey values."""
        return 1 + int(np.count_nonzero(self.values[1:] != self.values[:-1]))

    @cached_property
    def mean(self) -> float:
        """Mean grey value."""
        return float(np.dot(self.values.astype(np.float64), self.counts) / self.size)

    @cached_property
    def variance(self) -> float:
        """Population variance (ddof 0)."""
        deviations = self.values.astype(np.float64) - self.mean
        return float(np.dot(deviations * deviations, self.counts) / self.size)

    def percentile(self, percent: float) -> float:
        """Percentile with linear interpolation, equal to numpy.percentile."""
        position = percent / 100 * (self.size - 1)
        below = int(position)
        low, high = (self._at(min(rank, self.size - 1)) for rank in (below, below + 1))
        return low + (high - low) * (position - below)

    def _at(self, rank: int) -> float:
        return float(self.values[np.searchsorted(self._cumulative, rank, side="right")])

    def count_below(self, values: Array) -> NDArray[np.int64]:
        """Number of pixels darker than each of `values`."""
        return self._cumulative_at(np.searchsorted(self.values, values, side="left"))

    def count_up_to(self, values: Array) -> NDArray[np.int64]:
        """Number of pixels not brighter than each of `values`."""
        return self._cumulative_at(np.searchsorted(self.values, values, side="right"))

    def _cumulative_at(self, places: NDArray[np.intp]) -> NDArray[np.int64]:
        return np.concatenate(([0], self._cumulative))[places]

    def share_up_to(self, value: float) -> float:
        """Share of pixels not brighter than `value`, 0..1."""
        return float(self.count_up_to(np.asarray(value)) / self.size)

    def share_from(self, value: float) -> float:
        """Share of pixels not darker than `value`, 0..1."""
        return float(1 - self.count_below(np.asarray(value)) / self.size)


@once_per_image
def distribution(image: PreparedImage) -> Distribution:
    """Distribution of all pixels, as stored."""
    return Distribution.of(image.pixels)


@once_per_image
def grey_levels(image: PreparedImage) -> NDArray[np.int64]:
    """Number of pixels in each of 256 equal steps from black to white, shape (256,).

    Of 8-bit radiographs these are the grey values themselves. Values beyond black or white count
    in the first or last step; white itself belongs to the last, as in numpy.histogram.
    """
    pixels = distribution(image)
    share = (pixels.values.astype(np.float64) - image.black) / image.span
    levels = np.clip(np.floor(share * LEVELS), 0, LEVELS - 1).astype(np.intp)
    counts = np.bincount(levels, weights=pixels.counts, minlength=LEVELS)
    return counts.astype(np.int64)
