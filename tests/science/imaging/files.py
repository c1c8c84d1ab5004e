"""Writers of test files that share nothing with the readers under test."""

import struct
import zlib
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6


def chunk(kind: bytes, content: bytes, *, checksum: int | None = None) -> bytes:
    value = zlib.crc32(kind + content) if checksum is None else checksum
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", value)


def png_header(columns: int, rows: int, bits: int, colour_type: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, bits, colour_type, 0, 0, 0))


def png_bytes(rows: list[bytes], columns: int, bits: int, colour_type: int, *extra: bytes) -> bytes:
    """A PNG put together by the specification, with unfiltered, already packed rows."""
    scanlines = b"".join(b"\0" + row for row in rows)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_header(columns, len(rows), bits, colour_type)
        + b"".join(extra)
        + chunk(b"IDAT", zlib.compress(scanlines))
        + chunk(b"IEND", b"")
    )


def png_of(values: Any, bits: int, colour_type: int, *extra: bytes) -> bytes:
    """A PNG of 8 or 16 bits of an array (rows, columns) or (rows, columns, samples)."""
    stored = np.asarray(values).astype(">u2" if bits == 16 else "u1")
    rows = [row.tobytes() for row in stored]
    return png_bytes(rows, stored.shape[1], bits, colour_type, *extra)


def save_nifti(
    path: Path, values: Any, affine: Any = None, *, sform: int = 1, qform: int = 0
) -> Path:
    """A NIfTI-1 written by nibabel; codes of 0 leave the orientation unknown."""
    matrix = np.eye(4) if affine is None else affine
    image = nib.Nifti1Image(np.asarray(values), matrix)
    # The image's own affine changes with the first of these calls.
    image.set_sform(matrix, code=sform)
    image.set_qform(matrix, code=qform)
    nib.save(image, path)
    return path
