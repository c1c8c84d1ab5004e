"""Radiographs: 2D images as grey values or colours."""

from pathlib import Path

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.readers import DecodedFile, decode_file
from sts_qa.science.imaging.stored_raster import Array, StoredRaster, to_pixels


def read_raster(path: Path | str) -> Array:
    """Read a radiograph at its full depth.

    Parameters
    ----------
    path : path-like
        PNG, TIFF, JPEG or BMP, grey, palette or RGB.

    Returns
    -------
    ndarray of shape (rows, columns) or (rows, columns, 3), uint8 or uint16
        Bright is large. 1, 2 and 4 bit are spread over 0 to 255; a colour image with
        equal channels is grey. Transparency, orientation tags and colour profiles are
        not applied.

    Raises
    ------
    UnreadableFile
    """
    return to_pixels(raster_of(decode_file(path)))


def raster_of(decoded: DecodedFile) -> StoredRaster:
    """The stored raster of a decoded file; refuses a volume."""
    if isinstance(decoded.content, StoredRaster):
        return decoded.content
    raise UnreadableFile("dimensions", "This is a volume where a 2D image is needed.")
