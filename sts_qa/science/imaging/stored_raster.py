"""A 2D image as its file stores it, before anything is expanded for display."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.imaging.errors import UnreadableFile

# The limit at which Pillow begins to warn: a quarter of a gigabyte of 24-bit colour,
# about twenty times a large panoramic radiograph.
MAX_PIXELS = 89_478_485

Array = NDArray[Any]


@dataclass(frozen=True)
class StoredRaster:
    """Stored values of a 2D image and what they mean.

    Parameters
    ----------
    values : ndarray of shape (rows, columns) or (rows, columns, 3), uint8 or uint16
        Values as stored: palette indices where there is a palette, 0 and 1 for one bit.
    bits : int
        Bits per stored value, 1 to 16.
    palette : ndarray of shape (entries, 3), uint8 or uint16, optional
        Colours of the indices.
    transparent : bool
        True when at least one pixel is not fully opaque.
    zero_is_white : bool
        True when small stored values are bright (TIFF photometric "white is zero").
    lossy : bool
        True when the file's compression alters values (JPEG).
    notices : tuple of str
        Remarks for the coordinator.
    """

    values: Array
    bits: int
    palette: Array | None = None
    transparent: bool = False
    zero_is_white: bool = False
    lossy: bool = False
    notices: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Stop a decoder that was misled by a contradictory header."""
        colour = self.values.ndim == 3 and self.values.shape[2] == 3
        if not (self.values.ndim == 2 or (colour and self.palette is None)):
            raise ValueError(f"pixels of shape {self.values.shape} are neither grey nor RGB")
        if (
            self.values.dtype not in (np.uint8, np.uint16)
            or self.values.dtype.itemsize * 8 < self.bits
        ):
            raise ValueError(f"{self.values.dtype} is no type for {self.bits} bits")
        if self.bits not in (8, 16) and int(self.values.max()) >= 2**self.bits:
            raise ValueError(f"a value does not fit into {self.bits} bits")


def check_pixel_count(rows: int, columns: int) -> None:
    """Refuse an image with no pixels, or so many that decoding it could fill the memory."""
    if rows <= 0 or columns <= 0:
        raise UnreadableFile(
            "bad-header",
            f"The header says {rows} rows and {columns} columns. Export the image again.",
        )
    if rows * columns > MAX_PIXELS:
        raise UnreadableFile(
            "too-large",
            f"The header says {rows} x {columns} pixels, more than the limit of "
            f"{MAX_PIXELS:,}. Reduce the image, or check whether the header is damaged.",
        )


def orientation_notice(tag: int) -> tuple[str, ...]:
    """Remark that a rotation asked for by EXIF or TIFF is not applied, if there is one.

    Radiographs of one dataset must all be treated alike, masks carry no such tag, and
    pixel measurements follow the stored order; so the stored order is what is shown.
    """
    if tag in (0, 1):
        return ()
    return (
        f"An orientation tag asks for turning or mirroring (value {tag}); "
        "the stored order of pixels is used.",
    )


def grey_if_equal(values: Array) -> Array:
    """Turn (rows, columns, 3) into (rows, columns) when the three channels are equal."""
    if values.ndim == 3 and bool(
        np.array_equal(values[..., 0], values[..., 1])
        and np.array_equal(values[..., 0], values[..., 2])
    ):
        return np.ascontiguousarray(values[..., 0])
    return values


def to_pixels(stored: StoredRaster) -> Array:
    """Grey values or colours for display and measurement, bright is large.

    Parameters
    ----------
    stored : StoredRaster

    Returns
    -------
    ndarray of shape (rows, columns) or (rows, columns, 3), uint8 or uint16
        1, 2 and 4 bit are spread over 0 to 255 as the PNG specification says (section
        13.12); 8 bit and more keep their values; equal channels become grey.
    """
    if stored.palette is not None:
        if int(stored.values.max()) >= len(stored.palette):
            raise UnreadableFile(
                "damaged", "A pixel names a colour that the palette lacks. Export the image again."
            )
        return grey_if_equal(stored.palette[stored.values])
    largest = 2**stored.bits - 1
    values = stored.values
    if stored.zero_is_white:
        values = (largest - values).astype(values.dtype)
    if stored.bits in (1, 2, 4):
        values = values * np.uint8(255 // largest)
    return grey_if_equal(values)
