"""TIFF: one page, grey, palette or RGB, up to 16 bits, any usual compression."""

from io import BytesIO
from typing import Any

import cv2
import numpy as np
import tifffile
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.stored_raster import (
    Array,
    StoredRaster,
    check_pixel_count,
    orientation_notice,
)

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6
ORIENTATION = 274
# RGB, alpha and one more.
MAX_SAMPLES = 5
JPEG_COMPRESSIONS = (6, 7)
# What tifffile decodes by itself: none, two kinds of deflate, PackBits. libtiff, in Pillow
# and OpenCV, knows the others.
OWN_COMPRESSIONS = (1, 8, 32946, 32773)
EXPORT_AGAIN = "Copy or export the file again."


def decode_tiff(data: bytes) -> StoredRaster:
    """Decode a TIFF of one page completely, without reducing its depth.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    StoredRaster

    References
    ----------
    .. [1] TIFF Revision 6.0, Adobe, 1992.
    """
    if data[:4] not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        raise UnreadableFile(
            "not-an-image", "This is not a TIFF. Check the file, or rename it to what it is."
        )
    with tifffile.TiffFile(BytesIO(data)) as document:
        page = _only_page(document)
        _check_kind(page)
        _check_segments(page, len(data))
        values = _decode_page(page, data)
        return _describe(page, values)


def _only_page(document: tifffile.TiffFile) -> Any:
    pages = [page for page in document.pages if not page.is_reduced]  # type: ignore[union-attr]
    if not pages:
        raise UnreadableFile("damaged", f"The TIFF holds no image. {EXPORT_AGAIN}")
    if len(pages) > 1:
        raise UnreadableFile(
            "multi-frame",
            f"The TIFF holds {len(pages)} images. Save the one wanted by itself; "
            "a stack of slices belongs into a NIfTI file.",
        )
    return pages[0]


def _check_kind(page: Any) -> None:
    check_pixel_count(page.imagelength, page.imagewidth)
    if page.samplesperpixel > MAX_SAMPLES:
        raise UnreadableFile(
            "unsupported-colour",
            f"The TIFF stores {page.samplesperpixel} values a pixel. Save it as grey or RGB.",
        )
    if page.imagedepth != 1:
        raise UnreadableFile("dimensions", "The TIFF is three-dimensional. Save it as NIfTI.")
    if page.sampleformat not in (1, 4) or not 1 <= page.bitspersample <= 16:
        raise UnreadableFile(
            "unsupported-depth",
            f"The TIFF stores {page.bitspersample}-bit values of sample format "
            f"{int(page.sampleformat)}. Save it with unsigned 8 or 16 bit.",
        )
    jpeg_colour = page.photometric == YCBCR and page.compression in JPEG_COMPRESSIONS
    if page.photometric not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE) and not jpeg_colour:
        raise UnreadableFile(
            "unsupported-colour",
            f"The TIFF's colour space (photometric {int(page.photometric)}) is not read. "
            "Save the image as grey or RGB.",
        )


def _check_segments(page: Any, size: int) -> None:
    """Decoders fill missing strips and tiles with zeros; such a file is refused instead."""
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    expected = int(np.prod(page.chunked))
    missing = len(segments) < expected or any(
        count <= 0 or offset <= 0 or offset + count > size for offset, count in segments
    )
    if missing:
        raise UnreadableFile(
            "truncated", f"Parts of the TIFF's image data are missing. {EXPORT_AGAIN}"
        )


def _decode_page(page: Any, data: bytes) -> Array:
    """Stored samples as (rows, columns) or (rows, columns, samples)."""
    if page.compression in OWN_COMPRESSIONS:
        values = np.asarray(page.asarray())
        if page.samplesperpixel > 1 and page.planarconfig == 2:
            values = np.moveaxis(values, 0, -1)
    elif page.bitspersample == 16 and page.samplesperpixel > 1:
        values = _decode_with_opencv(data)
    else:
        values = _decode_with_pillow(page, data)
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    expected = (page.imagelength, page.imagewidth)
    if values.shape[:2] != expected or values.dtype not in (np.bool_, np.uint8, np.uint16):
        raise UnreadableFile(
            "unsupported-colour",
            "The arrangement of this TIFF is not read. Save it as plain grey or RGB, 8 or 16 bit.",
        )
    return values.astype(np.uint8) if values.dtype == np.bool_ else values


def _decode_with_opencv(data: bytes) -> Array:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16 or decoded.ndim != 3:
        raise UnreadableFile("damaged", f"The image data cannot be decoded. {EXPORT_AGAIN}")
    channels = [2, 1, 0, *range(3, decoded.shape[2])]
    return np.ascontiguousarray(decoded[..., channels])


def _decode_with_pillow(page: Any, data: bytes) -> Array:
    with Image.open(BytesIO(data), formats=["TIFF"]) as image:
        if image.mode not in ("1", "L", "P", "RGB", "RGBA", "RGBX", "LA", "I;16", "I;16B"):
            raise UnreadableFile(
                "unsupported-colour",
                f"The colour mode {image.mode} is not read. Save the image as grey or RGB.",
            )
        values = np.array(image)
    grey = page.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO) and values.ndim == 2
    if grey and page.bitspersample in (2, 4):
        values = values // (255 // (2**page.bitspersample - 1))
    if page.photometric == WHITE_IS_ZERO and page.bitspersample <= 8:
        # Pillow has turned these round already; masks need what was stored.
        largest = 2**page.bitspersample - 1
        values = (largest - values.astype(np.uint8)).astype(np.uint8)
    return values


def _describe(page: Any, values: Array) -> StoredRaster:
    samples = 3 if page.photometric in (RGB, YCBCR) else 1
    transparent = False
    if values.ndim == 3 and values.shape[2] > samples:
        # Extra samples 1 and 2 are alpha; others are data of the writer's own.
        if page.extrasamples and page.extrasamples[0] in (1, 2):
            transparent = bool((values[..., samples] != 2**page.bitspersample - 1).any())
        values = values[..., :samples]
    if samples == 1 and values.ndim == 3:
        values = values[..., 0]
    tag = page.tags.get(ORIENTATION)
    return StoredRaster(
        np.ascontiguousarray(values),
        page.bitspersample,
        palette=_palette(page) if page.photometric == PALETTE else None,
        transparent=transparent,
        zero_is_white=page.photometric == WHITE_IS_ZERO,
        lossy=page.compression in JPEG_COMPRESSIONS,
        notices=orientation_notice(int(tag.value) if tag is not None else 1),
    )


def _palette(page: Any) -> Array:
    """Colour table as (entries, 3); 8 bit when its 16-bit entries are spread 8-bit ones."""
    table = np.asarray(page.colormap, dtype=np.uint16).T
    if bool((table == (table >> 8) * 257).all()):
        return (table >> 8).astype(np.uint8)
    if bool((table & 255 == 0).all()):
        return (table >> 8).astype(np.uint8)
    return np.ascontiguousarray(table)
