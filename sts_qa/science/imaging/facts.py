"""What is recorded about an image file at import."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sts_qa.science.imaging.readers import DecodedFile, Kind, decode_file
from sts_qa.science.imaging.slicing import orientation_codes
from sts_qa.science.imaging.store_values import LOSSLESS_TYPES, to_lossless_type
from sts_qa.science.imaging.stored_raster import Array, StoredRaster, to_pixels
from sts_qa.science.imaging.volumes import Volume

TRANSPARENCY_NOTICE = "Some pixels are transparent; transparency is ignored."


@dataclass(frozen=True)
class FileFacts:
    """Checksum, shape and geometry of an image file.

    Parameters
    ----------
    sha256 : str
        Of the whole file, 64 hexadecimal digits.
    size_bytes : int
    kind : {"radiograph", "volume"}
    shape : tuple of int
        (rows, columns), or the three stored axes of a volume.
    channels : int
        1 for grey, 3 for colour.
    dtype : str
        Of the decoded values, for example "uint16".
    spacing : tuple of float, optional
        Voxel size in mm along the stored axes. None for radiographs: their files give a
        resolution for printing, not a measure at the object.
    orientation : str
        "RAS"-like letters; empty for radiographs, and without sform and qform.
    affine : list of list of float, optional
        4 x 4, voxel indices to mm (RAS+).
    scale_slope, scale_intercept : float
        Real value = slope * stored value + intercept.
    notices : tuple of str
        Remarks for the coordinator.
    """

    sha256: str
    size_bytes: int
    kind: Kind
    shape: tuple[int, ...]
    channels: int
    dtype: str
    spacing: tuple[float, ...] | None
    orientation: str
    affine: list[list[float]] | None
    scale_slope: float
    scale_intercept: float
    notices: tuple[str, ...]


def read_facts(path: Path | str) -> FileFacts:
    """Read an image file once, decode all of it and describe it.

    Parameters
    ----------
    path : path-like
        Any format of the READERS table.

    Returns
    -------
    FileFacts

    Raises
    ------
    UnreadableFile
        When any part of the file is missing, damaged or of a kind that is not read.
    """
    return read_facts_and_pixels(path)[0]


def read_facts_and_pixels(path: Path | str) -> tuple[FileFacts, Array]:
    """As `read_facts`, with the pixels (as `read_raster`) or stored voxels beside it."""
    decoded = decode_file(path)
    if isinstance(decoded.content, Volume):
        return _volume_facts(decoded, decoded.content), decoded.content.values
    pixels = to_pixels(decoded.content)
    return _radiograph_facts(decoded, decoded.content, pixels), pixels


def _radiograph_facts(decoded: DecodedFile, stored: StoredRaster, pixels: Array) -> FileFacts:
    return FileFacts(
        sha256=hashlib.sha256(decoded.data).hexdigest(),
        size_bytes=len(decoded.data),
        kind="radiograph",
        shape=(pixels.shape[0], pixels.shape[1]),
        channels=1 if pixels.ndim == 2 else pixels.shape[2],
        dtype=pixels.dtype.name,
        spacing=None,
        orientation="",
        affine=None,
        scale_slope=1.0,
        scale_intercept=0.0,
        notices=stored.notices + ((TRANSPARENCY_NOTICE,) if stored.transparent else ()),
    )


def _volume_facts(decoded: DecodedFile, volume: Volume) -> FileFacts:
    return FileFacts(
        sha256=hashlib.sha256(decoded.data).hexdigest(),
        size_bytes=len(decoded.data),
        kind="volume",
        shape=tuple(volume.values.shape),
        channels=1,
        dtype=volume.values.dtype.name,
        spacing=volume.spacing,
        orientation=orientation_codes(volume.affine),
        affine=None if volume.affine is None else volume.affine.tolist(),
        scale_slope=volume.scale_slope,
        scale_intercept=volume.scale_intercept,
        notices=volume.notices + _rounding(volume.values),
    )


def _rounding(values: Array) -> tuple[str, ...]:
    """What the store, and so every rater, will see otherwise than it is stored."""
    return () if values.dtype.name in LOSSLESS_TYPES else to_lossless_type(values)[1]
