"""Which way up: from stored array axes to axial slices as a radiologist sees them."""

from dataclasses import dataclass
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import ArrayLike, NDArray

RIGHT_LEFT, ANTERIOR_POSTERIOR, INFERIOR_SUPERIOR = 0, 1, 2


@dataclass(frozen=True)
class AxialView:
    """How the axial slices of a volume lie in its stored array.

    Parameters
    ----------
    axis : int
        Stored axis nearest to inferior-superior.
    reverse : bool
        True when slice 0, the most inferior one, is the last along ``axis``.
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
        """Index along ``axis`` of axial slice `k` of `count`, counted from the inferior end."""
        if not 0 <= k < count:
            raise IndexError(f"Slice {k} does not exist; the volume has slices 0 to {count - 1}.")
        return count - 1 - k if self.reverse else k

    def take(self, stored: NDArray[Any], k: int) -> NDArray[Any]:
        """Axial slice `k` of a stored array of 3 axes, in display orientation."""
        index = self.array_index(k, stored.shape[self.axis])
        return self.arrange(np.take(stored, index, axis=self.axis))

    def arrange(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Turn a plane cut across ``axis``, remaining axes in stored order, for display."""
        shown = plane.T if self.row_axis > self.column_axis else plane
        rows = slice(None, None, -1) if self.flip_rows else slice(None)
        columns = slice(None, None, -1) if self.flip_columns else slice(None)
        return np.ascontiguousarray(shown[rows, columns])


def axial_view(affine: ArrayLike | None) -> AxialView:
    """Find the axial display by the radiological convention.

    Anterior is up and the patient's right is on the left of the screen.

    Parameters
    ----------
    affine : array_like of shape (4, 4), or None
        Voxel indices to millimetres in the RAS+ space of NIfTI; None when the file
        gives neither sform nor qform.

    Returns
    -------
    AxialView
        Without an affine: slices along the third stored axis in stored order, the
        first axis (the fastest in the file) across, the second down, no letters.
    """
    if affine is None:
        return AxialView(2, False, 1, 0, False, False, ("", "", "", ""))
    nearest, direction = _nearest_axes(affine)
    axis, row_axis, column_axis = (
        nearest.index(world) for world in (INFERIOR_SUPERIOR, ANTERIOR_POSTERIOR, RIGHT_LEFT)
    )
    return AxialView(
        axis=axis,
        reverse=direction[axis] < 0,
        row_axis=row_axis,
        column_axis=column_axis,
        flip_rows=direction[row_axis] > 0,
        flip_columns=direction[column_axis] > 0,
        edges=("A", "L", "P", "R"),
    )


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


def _nearest_axes(affine: ArrayLike) -> tuple[list[int], list[int]]:
    """World axis (0 R, 1 A, 2 S) nearest to each stored axis, and its sign."""
    table = nib.orientations.io_orientation(  # type: ignore[no-untyped-call]
        np.asarray(affine, dtype=float)
    )
    return [int(world) for world in table[:, 0]], [int(sign) for sign in table[:, 1]]
