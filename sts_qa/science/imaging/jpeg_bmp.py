"""JPEG and BMP, both read by Pillow."""

from io import BytesIO

import numpy as np
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.stored_raster import (
    StoredRaster,
    check_pixel_count,
    orientation_notice,
)


def decode_jpeg(data: bytes) -> StoredRaster:
    """Decode a grey or RGB JPEG of 8 bits completely.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    StoredRaster
        With ``lossy`` set.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        raise UnreadableFile(
            "not-an-image", "This is not a JPEG. Check the file, or rename it to what it is."
        )
    return _decode(data, "JPEG")


def decode_bmp(data: bytes) -> StoredRaster:
    """Decode a BMP (1, 4, 8, 16, 24 or 32 bits a pixel) completely.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    StoredRaster
    """
    if not data.startswith(b"BM"):
        raise UnreadableFile(
            "not-an-image", "This is not a BMP. Check the file, or rename it to what it is."
        )
    return _decode(data, "BMP")


def _decode(data: bytes, image_format: str) -> StoredRaster:
    with Image.open(BytesIO(data), formats=[image_format]) as image:
        check_pixel_count(image.height, image.width)
        if getattr(image, "n_frames", 1) > 1:
            raise UnreadableFile(
                "multi-frame", "The file holds several images. Save the one wanted by itself."
            )
        if image.mode not in ("1", "L", "P", "RGB", "RGBA"):
            raise UnreadableFile(
                "unsupported-colour",
                f"The colour mode {image.mode} is not read. Save the image as grey or RGB.",
            )
        values = np.array(image)
        notices = orientation_notice(image.getexif().get(0x0112, 1))
        palette = None
        if image.mode == "P":
            palette = np.array(image.getpalette("RGB"), dtype=np.uint8).reshape(-1, 3)
    bits = 8
    if values.dtype == np.bool_:
        values, bits = values.astype(np.uint8), 1
    transparent = False
    if values.ndim == 3 and values.shape[2] == 4:
        transparent = bool((values[..., 3] != 255).any())
        values = np.ascontiguousarray(values[..., :3])
    return StoredRaster(
        values, bits, palette, transparent, lossy=image_format == "JPEG", notices=notices
    )
