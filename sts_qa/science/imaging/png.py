"""PNG: every checksum verified, every bit depth kept."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby

import cv2
import numpy as np
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.stored_raster import (
    Array,
    StoredRaster,
    check_pixel_count,
    orientation_notice,
)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SINGLE_FRAME = b"\0\0\0\1"
GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
# Table 11.1 of the PNG specification: colour type -> (samples per pixel, bit depths).
COLOUR_TYPES = {
    GREY: (1, (1, 2, 4, 8, 16)),
    COLOUR: (3, (8, 16)),
    PALETTE: (1, (1, 2, 4, 8)),
    GREY_ALPHA: (2, (8, 16)),
    COLOUR_ALPHA: (4, (8, 16)),
}
# Start column, start row, column step, row step of the seven Adam7 passes (section 8.1).
ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
IMAGE_DATA = b"IDAT"
Chunk = tuple[bytes, memoryview]
EXPORT_AGAIN = "Copy or export the file again."


@dataclass(frozen=True)
class Header:
    """The IHDR chunk."""

    columns: int
    rows: int
    bits: int
    colour_type: int
    interlaced: bool

    def inflated_size(self) -> int:
        """Bytes of the decompressed image data, filter bytes included."""
        bits_per_pixel = self.bits * COLOUR_TYPES[self.colour_type][0]
        passes = ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        total = 0
        for start_column, start_row, column_step, row_step in passes:
            columns = -(-(self.columns - start_column) // column_step)
            rows = -(-(self.rows - start_row) // row_step)
            if columns > 0 and rows > 0:
                total += rows * (1 + -(-columns * bits_per_pixel // 8))
        return total


def decode_png(data: bytes) -> StoredRaster:
    """Decode a PNG completely, without reducing its depth.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    StoredRaster

    References
    ----------
    .. [1] Portable Network Graphics (PNG) Specification (Third Edition), W3C.
    """
    chunks = check_container(data)
    header = _read_header(*chunks[0])
    compressed = b"".join(content for kind, content in chunks if kind == IMAGE_DATA)
    inflated = _inflate(compressed, header.inflated_size())
    if header.bits == 16 and header.colour_type != GREY:
        return _decode_deep_colour(data)
    return _decode_with_pillow(_uncompressed(chunks, inflated), header)


def check_container(data: bytes) -> list[Chunk]:
    """All chunks, their order, lengths and checksums verified."""
    chunks: list[Chunk] = []
    for kind, content in _chunks(data):
        if not chunks:
            _read_header(kind, content)
        elif kind == b"fdAT" or (kind == b"acTL" and content[:4] != SINGLE_FRAME):
            raise UnreadableFile(
                "multi-frame", "This is an animated PNG. Save the one frame wanted as a plain PNG."
            )
        chunks.append((kind, content))
    # Image data may lie in many chunks, but side by side
    runs = [kind for kind, _run in groupby(kind for kind, _content in chunks)].count(IMAGE_DATA)
    if runs == 0:
        raise UnreadableFile("truncated", f"The PNG holds no image data. {EXPORT_AGAIN}")
    if runs > 1:
        raise UnreadableFile("damaged", f"The PNG's image data is torn apart. {EXPORT_AGAIN}")
    return chunks


def _chunks(data: bytes) -> Iterator[Chunk]:
    if not data.startswith(SIGNATURE):
        raise UnreadableFile(
            "not-an-image",
            "This is not a PNG, or it was altered in transfer as text. "
            "Copy it again in binary mode.",
        )
    view = memoryview(data)
    position = len(SIGNATURE)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind = data[position + 4 : position + 8]
        end = position + 8 + length
        if end + 4 > len(data):
            break
        (checksum,) = struct.unpack_from(">I", data, end)
        if zlib.crc32(view[position + 4 : end]) != checksum:
            name = kind.decode("ascii", "replace")
            raise UnreadableFile(
                "bad-checksum", f"The checksum of the PNG chunk {name} is wrong. {EXPORT_AGAIN}"
            )
        yield kind, view[position + 8 : end]
        if kind == b"IEND":
            return
        position = end + 4
    raise UnreadableFile("truncated", f"The PNG ends before its end mark. {EXPORT_AGAIN}")


def _read_header(kind: bytes, content: memoryview) -> Header:
    if kind != b"IHDR" or len(content) != 13:
        raise UnreadableFile("bad-header", f"The PNG has no valid header chunk. {EXPORT_AGAIN}")
    columns, rows, bits, colour_type, compression, filtering, interlace = struct.unpack(
        ">IIBBBBB", content
    )
    if colour_type not in COLOUR_TYPES or bits not in COLOUR_TYPES[colour_type][1]:
        raise UnreadableFile(
            "bad-header",
            f"The PNG header says colour type {colour_type} with {bits} bits, "
            f"which PNG does not have. {EXPORT_AGAIN}",
        )
    if compression or filtering or interlace > 1:
        raise UnreadableFile("bad-header", f"The PNG header names unknown methods. {EXPORT_AGAIN}")
    check_pixel_count(rows, columns)
    return Header(columns, rows, bits, colour_type, bool(interlace))


def _inflate(compressed: bytes, expected: int) -> bytes:
    """Inflate and verify the stream's own checksum, before which decoders stop."""
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(compressed, expected + 1)
    except zlib.error as error:
        raise UnreadableFile(
            "damaged", f"The compressed image data is damaged. {EXPORT_AGAIN}"
        ) from error
    if len(inflated) < expected or (len(inflated) == expected and not inflater.eof):
        raise UnreadableFile("truncated", f"The image data ends early. {EXPORT_AGAIN}")
    if len(inflated) > expected:
        raise UnreadableFile(
            "damaged", f"There is more image data than the size in the header. {EXPORT_AGAIN}"
        )
    return inflated


def _uncompressed(chunks: list[Chunk], inflated: bytes) -> bytes:
    """The same PNG with its image data as it is, which spares Pillow inflating it again."""
    first = next(place for place, (kind, _content) in enumerate(chunks) if kind == IMAGE_DATA)
    others = [chunk for chunk in chunks if chunk[0] != IMAGE_DATA]
    others.insert(first, (IMAGE_DATA, memoryview(zlib.compress(inflated, level=0))))
    parts: list[bytes | memoryview] = [SIGNATURE]
    for kind, content in others:
        checksum = zlib.crc32(content, zlib.crc32(kind))
        parts += struct.pack(">I", len(content)), kind, content, struct.pack(">I", checksum)
    return b"".join(parts)


def _decode_deep_colour(data: bytes) -> StoredRaster:
    """16 bits a channel with colour or alpha: Pillow would cut these to 8 bits."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16:
        raise UnreadableFile("damaged", f"The image data cannot be decoded. {EXPORT_AGAIN}")
    transparent = decoded.shape[2] == 4 and bool((decoded[..., 3] != 65535).any())
    with Image.open(BytesIO(data), formats=["PNG"]) as image:
        notices = orientation_notice(image.getexif().get(0x0112, 1))
    colours = np.ascontiguousarray(decoded[..., 2::-1])
    return StoredRaster(colours, 16, transparent=transparent, notices=notices)


def _decode_with_pillow(data: bytes, header: Header) -> StoredRaster:
    with Image.open(BytesIO(data), formats=["PNG"]) as image:
        values = np.array(image)
        notices = orientation_notice(image.getexif().get(0x0112, 1))
        key = image.info.get("transparency")
        palette = None
        if image.mode == "P":
            palette = np.array(image.getpalette("RGB"), dtype=np.uint8).reshape(-1, 3)
    if values.dtype == np.bool_:
        values = values.astype(np.uint8)
    elif header.colour_type == GREY and header.bits in (2, 4):
        # Pillow spreads these over 0 to 255; masks need what was stored.
        values = values // (255 // (2**header.bits - 1))
    elif header.bits == 16:
        values = values.astype(np.uint16)
    transparent = _has_transparency(values, header, key)
    if header.colour_type in (GREY_ALPHA, COLOUR_ALPHA):
        values = values[..., 0] if header.colour_type == GREY_ALPHA else values[..., :3]
        values = np.ascontiguousarray(values)
    return StoredRaster(values, header.bits, palette, transparent, notices=notices)


def _has_transparency(values: Array, header: Header, key: object) -> bool:
    """Whether a pixel is not opaque, by its alpha channel or the tRNS chunk."""
    if header.colour_type in (GREY_ALPHA, COLOUR_ALPHA):
        return bool((values[..., -1] != 255).any())
    if key is None:
        return False
    if header.colour_type == PALETTE:
        opacity = np.full(256, 255, np.uint8)
        if isinstance(key, bytes):
            opacity[: len(key)] = np.frombuffer(key, np.uint8)
        elif isinstance(key, int):
            opacity[key] = 0
        return bool((opacity[values] != 255).any())
    if header.colour_type == COLOUR:
        return bool((values == np.array(key)).all(axis=-1).any())
    return bool((values == key).any())
