"""Writing images so that the same pixels always give the same bytes, without metadata."""

from __future__ import annotations

import gzip
from pathlib import Path

import cv2
import nibabel
import numpy as np
from numpy.typing import NDArray


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """An 8-bit grey PNG that holds pixels and nothing else."""
    written, encoded = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 6])
    if not written:
        raise ValueError(f"could not encode an image of shape {pixels.shape} as PNG")
    return encoded.tobytes()


def nifti_bytes(
    voxels: NDArray[np.int16] | NDArray[np.uint8], affine: NDArray[np.float64]
) -> bytes:
    """A NIfTI-1 `.nii.gz` with spacing in millimetres and no time of writing inside."""
    image = nibabel.Nifti1Image(voxels, affine)  # type: ignore[no-untyped-call]
    image.header.set_xyzt_units("mm")  # type: ignore[no-untyped-call]
    image.set_qform(affine, 1)  # type: ignore[no-untyped-call]
    image.set_sform(affine, 1)  # type: ignore[no-untyped-call]
    return gzip.compress(image.to_bytes(), compresslevel=4, mtime=0)


def write_file(path: Path, content: bytes) -> None:
    """Write a file, making its folder where needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
