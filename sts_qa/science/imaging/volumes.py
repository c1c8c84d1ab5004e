"""NIfTI-1 and NIfTI-2 volumes, stored values and their scale kept apart."""

import gzip
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from sts_qa.science.imaging.errors import UnreadableFile

Array = NDArray[Any]

# 1024 x 1024 x 1024, eight times a large cone-beam scan.
MAX_VOXELS = 1024**3
GZIP_MAGIC = b"\x1f\x8b"
# Spatial units of xyzt_units, in millimetres; unknown is taken as millimetres.
UNIT_IN_MM = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
READABLE_KINDS = "uif"
EXPORT_AGAIN = "Copy or export the file again."
# Spacings of header and affine that differ by less are rounding, not contradiction.
SPACING_TOLERANCE = 0.01
# NIfTI-2 can say more, but real values would then be no finite numbers.
LARGEST_SCALE = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Volume:
    """A decoded volume.

    Parameters
    ----------
    values : ndarray of shape (I, J, K)
        Stored values in stored axis order, native byte order, scale not applied.
    affine : ndarray of shape (4, 4), optional
        Voxel indices to millimetres (RAS+), from sform, else qform; None without both.
    spacing : tuple of float, optional
        Voxel size in mm along each stored axis; None when the header gives none.
    scale_slope, scale_intercept : float
        Real value = slope * stored value + intercept.
    notices : tuple of str
        Remarks for the coordinator.
    """

    values: Array
    affine: NDArray[np.float64] | None
    spacing: tuple[float, ...] | None
    scale_slope: float
    scale_intercept: float
    notices: tuple[str, ...]


def decode_nifti_gz(data: bytes) -> Volume:
    """Decode a gzipped NIfTI file completely, its checksum included.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Volume
    """
    if not data.startswith(GZIP_MAGIC):
        raise UnreadableFile(
            "not-a-volume",
            "The name says .gz, but the content is not gzipped. Rename or export it.",
        )
    limit = MAX_VOXELS * 8
    try:
        # Both are closed: what is left of a stream would keep the file in memory for a while
        with BytesIO(data) as packed, gzip.GzipFile(fileobj=packed) as stream:
            header = _Header.parse(stream.read(540))
            limit = header.end
            stream.seek(0)
            content = stream.read(limit)
            # Trailing bytes are allowed, but the checksum stands behind them.
            extra = len(stream.read(limit + 1))
    except EOFError as error:
        raise UnreadableFile("truncated", f"The gzipped file ends early. {EXPORT_AGAIN}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile("damaged", f"The gzipped data is damaged. {EXPORT_AGAIN}") from error
    if extra > limit:
        raise UnreadableFile(
            "too-large", f"The file unpacks to far more than its header says. {EXPORT_AGAIN}"
        )
    return _build(header, content)


def decode_nifti(data: bytes) -> Volume:
    """Decode an uncompressed single-file NIfTI-1 or NIfTI-2.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Volume
    """
    return _build(_Header.parse(data[:540]), data)


@dataclass(frozen=True)
class _Header:
    """What the fixed header says, checked."""

    nifti: Any
    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    offset: int

    @property
    def end(self) -> int:
        """Bytes of header and image together."""
        return self.offset + int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    @classmethod
    def parse(cls, start: bytes) -> "_Header":
        nifti = _parse_nifti(start)
        shape = _three_dimensions(nifti)
        dtype = _stored_dtype(nifti)
        offset = float(nifti["vox_offset"])
        least = int(nifti["sizeof_hdr"])
        if not np.isfinite(offset) or not least <= offset <= 2**31 or offset != int(offset):
            raise UnreadableFile(
                "bad-header", f"The header gives no valid start of the image data. {EXPORT_AGAIN}"
            )
        return cls(nifti, shape, dtype, int(offset))


def _parse_nifti(start: bytes) -> Any:
    for order in ("<", ">"):
        size = int.from_bytes(start[:4], "little" if order == "<" else "big")
        if size == 348 and len(start) >= 348 and start[344:348] == b"n+1\0":
            return nib.Nifti1Header(start[:348], order, check=False)  # type: ignore[no-untyped-call]
        if size == 540 and len(start) >= 540 and start[4:8] == b"n+2\0":
            return nib.Nifti2Header(start[:540], order, check=False)  # type: ignore[no-untyped-call]
    if start[344:348] == b"ni1\0" or start[4:8] == b"ni2\0":
        raise UnreadableFile(
            "header-only",
            "This is the header of a NIfTI pair without its image. Convert the pair to .nii.",
        )
    raise UnreadableFile(
        "not-a-volume", "This is not a NIfTI file. Check the file, or convert it to NIfTI."
    )


def _three_dimensions(nifti: Any) -> tuple[int, int, int]:
    count = int(nifti["dim"][0])
    sizes = [int(size) for size in nifti["dim"][1 : max(count, 0) + 1]]
    if not 1 <= count <= 7 or any(size < 1 for size in sizes):
        raise UnreadableFile("bad-header", f"The header gives no valid dimensions. {EXPORT_AGAIN}")
    if count == 4 and sizes[3] == 1:
        sizes.pop()
    if len(sizes) != 3:
        extent = " x ".join(str(size) for size in sizes)
        raise UnreadableFile(
            "dimensions",
            f"The file has {len(sizes)} dimensions ({extent}); a volume has three. "
            "Save each volume as a file of its own.",
        )
    # Python integers: the product of hostile sizes overflows 64 bits.
    if sizes[0] * sizes[1] * sizes[2] > MAX_VOXELS:
        raise UnreadableFile(
            "too-large",
            f"The header says {sizes[0]} x {sizes[1]} x {sizes[2]} voxels, more than the limit of "
            f"{MAX_VOXELS:,}. Cut the volume, or check whether the header is damaged.",
        )
    return sizes[0], sizes[1], sizes[2]


def _stored_dtype(nifti: Any) -> "np.dtype[Any]":
    try:
        dtype: np.dtype[Any] = np.dtype(nifti.get_data_dtype())
    except (nib.spatialimages.HeaderDataError, KeyError) as error:
        raise UnreadableFile(
            "bad-header",
            f"The header names an unknown data type ({int(nifti['datatype'])}). {EXPORT_AGAIN}",
        ) from error
    if dtype.kind not in READABLE_KINDS or dtype.itemsize > 8 or dtype.itemsize == 0:
        raise UnreadableFile(
            "unsupported-depth",
            f"The data type {dtype} is not read. Save the volume as integer or float, "
            "one value a voxel.",
        )
    return dtype


def _build(header: _Header, content: bytes) -> Volume:
    if len(content) < header.end:
        raise UnreadableFile(
            "truncated",
            f"The file holds {len(content):,} bytes where its header says {header.end:,}. "
            f"{EXPORT_AGAIN}",
        )
    count = int(np.prod(header.shape, dtype=np.int64))
    values = np.frombuffer(content, header.dtype, count, header.offset)
    values = values.reshape(header.shape, order="F")
    values = values.astype(header.dtype.newbyteorder("="), order="K", copy=False)
    slope, intercept = _scale(header.nifti)
    unit = UNIT_IN_MM.get(int(header.nifti["xyzt_units"]) & 7, 1.0)
    affine, notices = _affine(header.nifti, unit)
    spacing, more = _spacing(header.nifti, affine, unit)
    notices += more
    if values.dtype.kind == "f":
        missing = int(values.size - np.count_nonzero(np.isfinite(values)))
        if missing:
            notices += (f"{missing:,} voxels hold no finite number.",)
    return Volume(values, affine, spacing, slope, intercept, notices)


def _scale(nifti: Any) -> tuple[float, float]:
    slope, intercept = float(nifti["scl_slope"]), float(nifti["scl_inter"])
    # The standard: a slope of 0 means no scaling; writers also put NaN there.
    if slope == 0 or np.isnan(slope):
        return 1.0, 0.0
    if abs(slope) > LARGEST_SCALE or abs(intercept) > LARGEST_SCALE:
        raise UnreadableFile(
            "bad-header", f"The header's scale of values is not a finite number. {EXPORT_AGAIN}"
        )
    return slope, 0.0 if np.isnan(intercept) else intercept


def _affine(nifti: Any, unit: float) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """The sform if it is set and usable, else the qform, else nothing."""
    notices: tuple[str, ...] = ()
    for name in ("sform", "qform"):
        if int(nifti[f"{name}_code"]) <= 0:
            continue
        try:
            affine = np.array(getattr(nifti, f"get_{name}")(), dtype=np.float64)
        except (ValueError, nib.spatialimages.HeaderDataError):
            affine = np.full((4, 4), np.nan)
        affine[:3] *= unit
        if _is_usable(affine):
            return affine, notices
        notices += (f"The {name} in the header is not usable; it is ignored.",)
    return None, notices


def _is_usable(affine: NDArray[np.float64]) -> bool:
    if not np.isfinite(affine).all():
        return False
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    if (sizes < 1e-9).any():
        return False
    return bool(abs(np.linalg.det(affine[:3, :3] / sizes)) > 1e-3)


def _spacing(
    nifti: Any, affine: NDArray[np.float64] | None, unit: float
) -> tuple[tuple[float, ...] | None, tuple[str, ...]]:
    """Voxel size in mm: from the affine where there is one, because it places the voxels."""
    in_header = np.asarray(nifti["pixdim"][1:4], dtype=np.float64) * unit
    valid = bool(np.isfinite(in_header).all() and (in_header > 0).all())
    if affine is None:
        if valid:
            return tuple(float(size) for size in in_header), ()
        return None, ("The header gives no valid voxel size.",)
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    spacing = tuple(float(size) for size in sizes)
    if valid and bool((abs(sizes - in_header) > SPACING_TOLERANCE * sizes).any()):
        shown = " x ".join(f"{size:.4g}" for size in in_header)
        used = " x ".join(f"{size:.4g}" for size in sizes)
        return spacing, (
            f"The header's voxel size ({shown} mm) contradicts its orientation matrix; "
            f"{used} mm from the matrix is used.",
        )
    return spacing, ()
