"""The table of file formats."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.jpeg_bmp import decode_bmp, decode_jpeg
from sts_qa.science.imaging.png import decode_png
from sts_qa.science.imaging.stored_raster import StoredRaster
from sts_qa.science.imaging.tiff import decode_tiff
from sts_qa.science.imaging.volumes import Volume, decode_nifti, decode_nifti_gz

Kind = Literal["radiograph", "volume"]

# A new format is one function from the bytes of a whole file, and one line here.
READERS: dict[str, Callable[[bytes], StoredRaster | Volume]] = {
    ".png": decode_png,
    ".tif": decode_tiff,
    ".tiff": decode_tiff,
    ".jpg": decode_jpeg,
    ".jpeg": decode_jpeg,
    ".bmp": decode_bmp,
    ".nii": decode_nifti,
    ".nii.gz": decode_nifti_gz,
}
VOLUME_ENDINGS = (".nii", ".nii.gz")
# Formats that are met beside the readable ones, and what to do about them.
ADVICE = {
    ".hdr": "This is a header without its image. Convert the .hdr/.img pair to .nii.",
    ".img": "This is an image without its header. Convert the .hdr/.img pair to .nii.",
    ".dcm": "DICOM files are not read. Convert the series to NIfTI, or the image to PNG.",
}
MAX_FILE_BYTES = 4 * 1024**3


@dataclass(frozen=True)
class DecodedFile:
    """The bytes of a file, read once, and what they decode to."""

    data: bytes
    content: StoredRaster | Volume


def ending_of(path: Path | str) -> str:
    """Ending of a file's name in lower case, ``".nii.gz"`` in one piece."""
    name = Path(path).name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else Path(name).suffix


def is_readable_name(path: Path | str) -> bool:
    """Whether the name has an ending of the READERS table."""
    return ending_of(path) in READERS


def stem_of(path: Path | str) -> str:
    """Name of a file without its ending, by which masks are paired."""
    name = Path(path).name
    return name[: len(name) - len(ending_of(path))]


def decode_file(path: Path | str, *, sha256: str | None = None) -> DecodedFile:
    """Read a file once and decode all of it.

    Parameters
    ----------
    path : path-like
    sha256 : str, optional
        What the file must have; compared before anything is decoded.

    Returns
    -------
    DecodedFile

    Raises
    ------
    UnreadableFile
        Whatever is wrong with the file or its content.
    """
    ending = ending_of(path)
    if ending not in READERS:
        raise UnreadableFile(
            "unknown-format",
            ADVICE.get(
                ending,
                f"Files ending in '{ending}' are not read. Use one of: {', '.join(READERS)}.",
            ),
        )
    data = _read_bytes(Path(path))
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise UnreadableFile(
            "changed", "The file has changed since it was imported. Import the dataset again."
        )
    try:
        return DecodedFile(data, READERS[ending](data))
    except UnreadableFile:
        raise
    except MemoryError as error:
        raise UnreadableFile(
            "too-large", "The file needs more memory than there is. Use a machine with more."
        ) from error
    except Image.DecompressionBombError as error:
        raise UnreadableFile(
            "too-large",
            "The header says more pixels than are read. Reduce the image, or check whether the "
            "header is damaged.",
        ) from error
    except Exception as error:
        # Decoders meet hostile bytes with any exception there is; one bad file must not
        # stop the rest of an import.
        raise UnreadableFile(
            "damaged",
            f"The file cannot be decoded ({type(error).__name__}: {str(error)[:200]}). "
            "Copy or export it again.",
        ) from error


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size == 0:
            raise UnreadableFile("empty", "The file is empty. Copy it again.")
        if size > MAX_FILE_BYTES:
            raise UnreadableFile(
                "too-large", f"The file has {size:,} bytes, more than {MAX_FILE_BYTES:,}. Split it."
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "cannot-open", f"The file cannot be opened: {error.strerror}. Check its permissions."
        ) from error
