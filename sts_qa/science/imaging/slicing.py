"""Which way up: from stored array axes to the planes that a radiologist looks at."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import ArrayLike, NDArray

RIGHT_LEFT, ANTERIOR_POSTERIOR, INFERIOR_SUPERIOR = 0, 1, 2
PLANES = ("axial", "coronal", "sagittal")


@dataclass(frozen=True)
class _Layout:
    """World axes of a plane: which it cuts across, which run down and across the screen."""

    across: int
    rows: int
    columns: int
    edges: tuple[str, str, str, str]


# As DICOM viewers and 3D Slicer lay them out.
_LAYOUTS = {
    "axial": _Layout(INFERIOR_SUPERIOR, ANTERIOR_POSTERIOR, RIGHT_LEFT, ("A", "L", "P", "R")),
    "coronal": _Layout(ANTERIOR_POSTERIOR, INFERIOR_SUPERIOR, RIGHT_LEFT, ("S", "L", "I", "R")),
    "sagittal": _Layout(RIGHT_LEFT, INFERIOR_SUPERIOR, ANTERIOR_POSTERIOR, ("S", "P", "I", "A")),
}
_NO_EDGES = ("", "", "", "")


@dataclass(frozen=True)
class PlaneView:
    """How the slices of one plane lie in a volume's stored array.

    Parameters
    ----------
    axis : int
        Stored axis that the slices are cut across.
    reverse : bool
        True when slice 0, at the inferior, posterior or left end, is the last along ``axis``.
    row_axis, column_axis : int
        Stored axes that run down and across the displayed slice.
    flip_rows, flip_columns : bool
        Whether these axes are shown in reverse.
    edges : tuple of str
        Letters at the top, right, bottom and left edge (``("A", "L", "P", "R")``), or
        four empty strings when the orientation is unknown.
    """

    axis: int
    reverse: bool
    row_axis: int
    column_axis: int
    flip_rows: bool
    flip_columns: bool
    edges: tuple[str, str, str, str]

    def array_index(self, k: int, count: int) -> int:
        """Index along ``axis`` of slice `k` of `count`."""
        if not 0 <= k < count:
            raise IndexError(f"Slice {k} does not exist; the volume has slices 0 to {count - 1}.")
        return count - 1 - k if self.reverse else k

    def take(self, stored: NDArray[Any], k: int) -> NDArray[Any]:
        """Slice `k` of a stored array of 3 axes, in display orientation."""
        index = self.array_index(k, stored.shape[self.axis])
        return self.arrange(np.take(stored, index, axis=self.axis))

    def arrange(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Turn a plane cut across ``axis``, remaining axes in stored order, for display."""
        shown = plane.T if self.row_axis > self.column_axis else plane
        rows = slice(None, None, -1) if self.flip_rows else slice(None)
        columns = slice(None, None, -1) if self.flip_columns else slice(None)
        return np.ascontiguousarray(shown[rows, columns])


@dataclass(frozen=True)
class PlaneCut:
    """The slices of another plane that the rows, or the columns, of a plane lie on.

    Parameters
    ----------
    plane : str
        One of PLANES.
    reverse : bool
        Row r of n lies on slice n - 1 - r when True, else on slice r.
    """

    plane: str
    reverse: bool


def plane_view(affine: ArrayLike | None, plane: str) -> PlaneView:
    """Find the display of a plane by the radiological convention.

    Axial slices count from the inferior end and are shown with anterior up, coronal ones
    from the posterior end with superior up, both with the patient's right on the left of
    the screen; sagittal ones from the patient's left end, superior up, anterior on the
    left of the screen. Oblique axes are taken for the nearest anatomical ones.

    Parameters
    ----------
    affine : array_like of shape (4, 4), or None
        Voxel indices to millimetres in the RAS+ space of NIfTI; None when the file
        gives neither sform nor qform.
    plane : str
        One of PLANES.

    Returns
    -------
    PlaneView
        Without an affine the stored axes are taken for x, y and z in stored order: axial
        across the third, coronal across the second, sagittal across the first, nothing
        reversed, no letters.
    """
    layout = _LAYOUTS[plane]
    if affine is None:
        return PlaneView(layout.across, False, layout.rows, layout.columns, False, False, _NO_EDGES)
    nearest, direction = _nearest_axes(affine)
    axis, row_axis, column_axis = (
        nearest.index(world) for world in (layout.across, layout.rows, layout.columns)
    )
    return PlaneView(
        axis=axis,
        reverse=direction[axis] < 0,
        row_axis=row_axis,
        column_axis=column_axis,
        flip_rows=direction[row_axis] > 0,
        flip_columns=direction[column_axis] > 0,
        edges=layout.edges,
    )


def axial_view(affine: ArrayLike | None) -> PlaneView:
    """The axial display; see `plane_view`."""
    return plane_view(affine, "axial")


def plane_cuts(affine: ArrayLike | None, plane: str) -> tuple[PlaneCut, PlaneCut]:
    """Say on which slices of the other planes a plane's rows and columns lie.

    Parameters
    ----------
    affine : array_like of shape (4, 4), or None
    plane : str
        One of PLANES.

    Returns
    -------
    rows, columns : PlaneCut
        Linked crosshairs follow from these.
    """
    view = plane_view(affine, plane)
    others = {name: plane_view(affine, name) for name in PLANES if name != plane}

    def cut(axis: int, flipped: bool) -> PlaneCut:
        name = next(name for name, other in others.items() if other.axis == axis)
        return PlaneCut(name, flipped != others[name].reverse)

    return cut(view.row_axis, view.flip_rows), cut(view.column_axis, view.flip_columns)


def obliqueness(affine: ArrayLike | None) -> float:
    """Largest angle between a stored axis and the anatomical axis it is shown as.

    Parameters
    ----------
    affine : array_like of shape (4, 4), or None

    Returns
    -------
    float
        Degrees, 0 for straight axes and without an affine.
    """
    if affine is None:
        return 0.0
    nearest, _direction = _nearest_axes(affine)
    angles = []
    for axis, world in enumerate(nearest):
        column = np.asarray(affine, dtype=float)[:3, axis]
        aside = np.linalg.norm(np.delete(column, world))
        angles.append(np.degrees(np.arctan2(aside, abs(column[world]))))
    return float(max(angles))


def axial_axis(affine: ArrayLike | None) -> tuple[int, bool]:
    """Stored axis nearest to inferior-superior, and whether it runs downwards.

    Parameters
    ----------
    affine : array_like of shape (4, 4), or None

    Returns
    -------
    axis : int
        0, 1 or 2; 2 without an affine.
    reverse : bool
        True when an index must be reversed to count slices from the inferior end.
    """
    view = axial_view(affine)
    return view.axis, view.reverse


def orientation_codes(affine: ArrayLike | None) -> str:
    """Letters of the directions in which the stored axes run, ``"RAS"`` for instance.

    Parameters
    ----------
    affine : array_like of shape (4, 4), or None

    Returns
    -------
    str
        Three letters out of R/L, A/P and S/I; empty without an affine.
    """
    if affine is None:
        return ""
    nearest, direction = _nearest_axes(affine)
    letters = ("LR", "PA", "IS")
    return "".join(letters[world][direction[axis] > 0] for axis, world in enumerate(nearest))


def _nearest_axes(affine: ArrayLike) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """World axis (0 R, 1 A, 2 S) nearest to each stored axis, and its sign."""
    matrix = np.asarray(affine, dtype=float)
    return _nearest_axes_of(matrix.shape, matrix.tobytes())


# A volume's page asks for these a dozen times, and every slice once or more.
@lru_cache(maxsize=1024)
def _nearest_axes_of(
    shape: tuple[int, ...], data: bytes
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    matrix = np.frombuffer(data).reshape(shape)
    table = nib.orientations.io_orientation(matrix)  # type: ignore[no-untyped-call]
    return tuple(int(world) for world in table[:, 0]), tuple(int(sign) for sign in table[:, 1])
