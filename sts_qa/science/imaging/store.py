"""The volume store: a rebuildable cache from which any slice is read in milliseconds.

A store is a Blosc2 NDim file (``.b2nd``) with a trailer of our own: eight letters and the
SHA-256 of all bytes before it. Blosc2 ignores what follows its frame, so other programs
read the file too. The array lies in reversed axis order (the order of a NIfTI file's
bytes), which makes slices along the third stored axis the cheapest.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import blosc2
import numpy as np
from numpy.typing import ArrayLike

from sts_qa.science.imaging.errors import DamagedStore, OutdatedStore, UnreadableFile
from sts_qa.science.imaging.readers import decode_file
from sts_qa.science.imaging.slicing import PLANES, PlaneView, plane_view
from sts_qa.science.imaging.store_file import verify_once, write_whole
from sts_qa.science.imaging.store_values import to_lossless_type
from sts_qa.science.imaging.stored_raster import Array
from sts_qa.science.imaging.value_ranges import robust_of, value_ranges
from sts_qa.science.imaging.volumes import Volume

FORMAT_VERSION = 2
CHUNKS = (64, 128, 128)
BLOCKS = (16, 32, 32)
# As affine of a volume to open: the one that its own file gives.
OWN = "own"


@dataclass(frozen=True)
class StoreFacts:
    """What a store holds.

    Parameters
    ----------
    shape : tuple of int
        Stored axes of the source.
    dtype : str
        The smallest of uint8, int16, uint16, float32 that holds every stored value.
    source_sha256 : str
    scale_slope, scale_intercept : float
        Real value = slope * stored value + intercept.
    affine : list of list of float, optional
    spacing : tuple of float, optional
        mm along the stored axes.
    extremes : tuple of float
        Least and largest finite stored value.
    percentiles : tuple of float
        1001 of them, at 0.0, 0.1 ... 100.0 % of all finite stored values.
    histogram : tuple of int
        256 counts over equal parts of the range between the extremes.
    notices : tuple of str
    size_bytes : int
        Of the store file.
    """

    shape: tuple[int, ...]
    dtype: str
    source_sha256: str
    scale_slope: float
    scale_intercept: float
    affine: list[list[float]] | None
    spacing: tuple[float, ...] | None
    extremes: tuple[float, float]
    percentiles: tuple[float, ...]
    histogram: tuple[int, ...]
    notices: tuple[str, ...]
    size_bytes: int = 0

    @property
    def robust_range(self) -> tuple[float, float]:
        """Percentiles 0.5 and 99.5."""
        return robust_of(self.percentiles)


class VolumeStore:
    """An opened store; cheap to open, one for each thread.

    Parameters
    ----------
    facts : StoreFacts
    array : blosc2.NDArray
        In reversed axis order.
    affine : array_like of shape (4, 4), or None
        By which the planes are found.
    """

    def __init__(self, facts: StoreFacts, array: Any, affine: ArrayLike | None) -> None:
        self.facts = facts
        self._array = array
        self._views = {plane: plane_view(affine, plane) for plane in PLANES}

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes along the stored axes."""
        return self.facts.shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Type of the stored values."""
        return np.dtype(self.facts.dtype)

    @property
    def robust_range(self) -> tuple[float, float]:
        """Percentiles 0.5 and 99.5 of the whole volume, in stored values."""
        return self.facts.robust_range

    @property
    def scale(self) -> tuple[float, float]:
        """Slope and intercept from stored to real values."""
        return self.facts.scale_slope, self.facts.scale_intercept

    @property
    def view(self) -> PlaneView:
        """How axial slices lie."""
        return self._views["axial"]

    @property
    def axial_count(self) -> int:
        """Number of axial slices."""
        return self.slice_count("axial")

    @property
    def spacing_of_axial(self) -> tuple[float, float] | None:
        """Height and width in mm of a pixel of `axial`; None when unknown."""
        return self.spacing_of("axial")

    def slice_count(self, plane: str) -> int:
        """Number of slices of a plane ("axial", "coronal" or "sagittal")."""
        return self.shape[self._views[plane].axis]

    def spacing_of(self, plane: str) -> tuple[float, float] | None:
        """Height and width in mm of a pixel of a plane; None when unknown."""
        spacing, view = self.facts.spacing, self._views[plane]
        return None if spacing is None else (spacing[view.row_axis], spacing[view.column_axis])

    def axial(self, k: int) -> Array:
        """Axial slice `k`; see `plane`."""
        return self.plane("axial", k)

    def plane(self, plane: str, k: int) -> Array:
        """Slice `k` of a plane in display orientation.

        Parameters
        ----------
        plane : str
            "axial", counted from the inferior end, "coronal", from the posterior end, or
            "sagittal", from the patient's left end.
        k : int
            0 to `slice_count` - 1.

        Returns
        -------
        ndarray of shape (rows, columns)
            Stored values, laid out as `slicing.plane_view` says.
        """
        view = self._views[plane]
        selection: list[int | slice] = [slice(None)] * 3
        selection[view.axis] = view.array_index(k, self.shape[view.axis])
        return view.arrange(self.stored(*selection))

    def axial_run(self, first: int, stop: int) -> Iterator[Array]:
        """Axial slices `first` to `stop` - 1, as `axial` gives them, several read at a time.

        Values lie in blocks of some slices, each of which is unpacked as a whole.
        """
        view, count = self.view, self.axial_count
        at_a_time = BLOCKS[2 - view.axis]
        for lowest in range(first, stop, at_a_time):
            numbers = range(lowest, min(lowest + at_a_time, stop))
            indices = [view.array_index(k, count) for k in numbers]
            selection: list[int | slice] = [slice(None)] * 3
            selection[view.axis] = slice(min(indices), max(indices) + 1)
            planes = np.moveaxis(self.stored(*selection), view.axis, 0)
            for index in indices:
                yield view.arrange(planes[index - min(indices)])

    def stored(self, *selection: int | slice) -> Array:
        """Part of the volume in stored axis order; without selection all of it.

        Parameters
        ----------
        *selection : int or slice
            One for each of the first axes, as in numpy's basic indexing.
        """
        whole = selection + (slice(None),) * (3 - len(selection))
        try:
            return np.asarray(self._array[whole[::-1]]).T
        except (RuntimeError, OSError) as error:
            raise DamagedStore(f"The stored volume cannot be read: {error}") from error


def write_store(
    source_path: Path | str, store_path: Path | str, *, sha256: str | None = None
) -> StoreFacts:
    """Read a volume or a volume mask and write its store.

    Parameters
    ----------
    source_path : path-like
        A volume of the READERS table.
    store_path : path-like
        By custom named ``.b2nd``; appears complete or not at all, replacing what was there.
    sha256 : str, optional
        What the source must have.

    Returns
    -------
    StoreFacts

    Raises
    ------
    UnreadableFile
        When the source is no readable volume, or has another checksum (code "changed").
    """
    decoded = decode_file(source_path, sha256=sha256)
    volume = decoded.content
    if not isinstance(volume, Volume):
        raise UnreadableFile("dimensions", "This is a 2D image where a volume is needed.")
    sha256 = sha256 or hashlib.sha256(decoded.data).hexdigest()
    values, notices = to_lossless_type(volume.values)
    described = {
        "shape": tuple(values.shape),
        "dtype": values.dtype.name,
        "source_sha256": sha256,
        "scale_slope": volume.scale_slope,
        "scale_intercept": volume.scale_intercept,
        "affine": None if volume.affine is None else volume.affine.tolist(),
        "spacing": volume.spacing,
        "notices": volume.notices + notices,
    }
    # The file's bytes, and its values where they were converted, are needed no more
    del decoded, volume
    described |= asdict(value_ranges(values))
    array = _packed(values)
    del values
    return _write(array, described, Path(store_path))


def renew_store(store_path: Path | str, sha256: str) -> bool:
    """Write a store of an older version anew from its own values, which are exact.

    The source may be gone: of a volume imported in place, a study keeps the store only.

    Parameters
    ----------
    store_path : path-like
    sha256 : str
        Of the source.

    Returns
    -------
    bool
        False when there is no sound older store of that source.
    """
    path = Path(store_path)
    try:
        array, described = _opened(path, recheck=True)
    except DamagedStore:
        return False
    version = described.pop("version")
    if version >= FORMAT_VERSION or described["source_sha256"] != sha256:
        return False
    # Version 1 had this range only
    del described["size_bytes"], described["robust_range"]
    values = np.asarray(array[:]).T
    described |= asdict(value_ranges(values))
    _write(_packed(values), described, path)
    return True


def open_store(
    store_path: Path | str, *, affine: ArrayLike | None = OWN, recheck: bool = False
) -> VolumeStore:
    """Open a store, verifying its checksum the first time in this process.

    Parameters
    ----------
    store_path : path-like
    affine : array_like of shape (4, 4), or None, optional
        Of the image, when a mask is opened: an affine halfway between two axes, rounded
        differently in both files, must not turn one against the other. By default the
        store's own.
    recheck : bool
        Verify the checksum even when this process has found this very file sound before.

    Returns
    -------
    VolumeStore

    Raises
    ------
    DamagedStore
        When the file is altered, incomplete, absent or of another version.
    """
    path = Path(store_path)
    array, described = _opened(path, recheck)
    if described.pop("version") != FORMAT_VERSION:
        raise OutdatedStore("The stored volume was written by another version.")
    facts = StoreFacts(**{key: _as_tuple(key, value) for key, value in described.items()})
    return VolumeStore(facts, array, facts.affine if isinstance(affine, str) else affine)


def is_current(store_path: Path | str, sha256: str) -> bool:
    """Whether a store of this version and this source seems to be there; cheap, not verified."""
    try:
        described = _read(Path(store_path))[1]
    except DamagedStore:
        return False
    return bool(
        described.get("version") == FORMAT_VERSION and described.get("source_sha256") == sha256
    )


def _opened(path: Path, recheck: bool) -> tuple[Any, dict[str, Any]]:
    try:
        verify_once(path, recheck)
    except OSError as error:
        raise DamagedStore(f"The stored volume cannot be opened: {error}") from error
    return _read(path)


def _read(path: Path) -> tuple[Any, dict[str, Any]]:
    """Open the array and read what is said about it; not verified."""
    try:
        array = blosc2.open(
            str(path),
            mode="r",
            mmap_mode="r",
            # One thread: a slice is too small to gain from more, and servers fork.
            dparams=blosc2.DParams(nthreads=1),
        )
        described = {**array.schunk.vlmeta["sts_qa"], "size_bytes": path.stat().st_size}
        return array, described
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise DamagedStore(f"The stored volume cannot be opened: {error}") from error


def _write(array: Any, described: dict[str, Any], path: Path) -> StoreFacts:
    array.schunk.vlmeta["sts_qa"] = {"version": FORMAT_VERSION, **described}
    size = write_whole(path, array.to_cframe())
    return StoreFacts(
        **{key: _as_tuple(key, value) for key, value in described.items()}, size_bytes=size
    )


def _packed(values: Array) -> Any:
    """Compress into an array in memory."""
    reversed_axes = np.ascontiguousarray(values.T)
    chunks = tuple(min(most, size) for most, size in zip(CHUNKS, reversed_axes.shape, strict=True))
    blocks = tuple(min(most, size) for most, size in zip(BLOCKS, chunks, strict=True))
    return blosc2.asarray(
        reversed_axes,
        # In one piece, so that the frame is not put together in memory once more
        contiguous=True,
        chunks=chunks,
        blocks=blocks,
        cparams=blosc2.CParams(
            codec=blosc2.Codec.LZ4, filters=[blosc2.Filter.BITSHUFFLE], filters_meta=[0]
        ),
    )


def _as_tuple(key: str, value: Any) -> Any:
    return tuple(value) if isinstance(value, list) and key != "affine" else value
