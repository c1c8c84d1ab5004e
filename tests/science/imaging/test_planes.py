"""Coronal and sagittal planes by the radiological convention, checked against nibabel."""

import nibabel as nib
import numpy as np
import pytest

from sts_qa.science.imaging.slicing import PLANES, obliqueness, plane_cuts, plane_view
from sts_qa.science.imaging.store import open_store, write_store
from tests.science.imaging.files import save_nifti
from tests.science.imaging.test_orientation import CODES, VALUES, affine_of, oblique

EDGES = {
    "axial": ("A", "L", "P", "R"),
    "coronal": ("S", "L", "I", "R"),
    "sagittal": ("S", "P", "I", "A"),
}


def expected_slice(values, affine, plane, k):
    """Slice of nibabel's closest image whose axes run to right, anterior and superior.

    Axial: anterior up, right on the left. Coronal: superior up, right on the left.
    Sagittal: superior up, anterior on the left.
    """
    canonical = nib.as_closest_canonical(nib.Nifti1Image(values, affine))
    right_anterior_superior = np.asarray(canonical.dataobj)
    if plane == "axial":
        return right_anterior_superior[::-1, ::-1, k].T
    if plane == "coronal":
        return right_anterior_superior[::-1, k, ::-1].T
    return right_anterior_superior[k, ::-1, ::-1].T


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("codes", CODES)
@pytest.mark.parametrize("degrees", [0, 12, -20])
def test_every_orientation_shows_the_same_slices_as_nibabel(codes, plane, degrees):
    affine = oblique(codes, degrees)
    view = plane_view(affine, plane)
    for k in range(VALUES.shape[view.axis]):
        assert np.array_equal(view.take(VALUES, k), expected_slice(VALUES, affine, plane, k))
    assert view.edges == EDGES[plane]


def test_there_are_48_orientations():
    assert len(set(CODES)) == 48


@pytest.mark.parametrize("codes", CODES)
def test_stores_give_the_same_slices_and_spacings(codes, tmp_path):
    affine = affine_of(codes)
    write_store(save_nifti(tmp_path / "a.nii", VALUES, affine), tmp_path / "a.b2nd")
    store = open_store(tmp_path / "a.b2nd")
    canonical = nib.as_closest_canonical(nib.Nifti1Image(VALUES, affine))
    x, y, z = canonical.header.get_zooms()
    spacings = {"axial": (y, x), "coronal": (z, x), "sagittal": (z, y)}
    for plane, across in zip(PLANES, (2, 1, 0), strict=True):
        assert store.slice_count(plane) == canonical.shape[across]
        assert store.spacing_of(plane) == pytest.approx(spacings[plane])
        for k in range(store.slice_count(plane)):
            assert np.array_equal(store.plane(plane, k), expected_slice(VALUES, affine, plane, k))
        with pytest.raises(IndexError):
            store.plane(plane, store.slice_count(plane))


@pytest.mark.parametrize("plane", PLANES)
def test_without_an_affine_axes_lie_in_stored_order(plane):
    view = plane_view(None, plane)
    expected = {"axial": VALUES[:, :, 1], "coronal": VALUES[:, 1, :], "sagittal": VALUES[1, :, :]}
    assert np.array_equal(view.take(VALUES, 1), expected[plane].T)
    assert view.edges == ("", "", "", "")


@pytest.mark.parametrize("affine", [None, *(affine_of(codes) for codes in CODES)])
@pytest.mark.parametrize("plane", PLANES)
def test_rows_and_columns_lie_on_the_slices_that_the_cuts_name(affine, plane):
    rows, columns = plane_cuts(affine, plane)
    shown = plane_view(affine, plane).take(VALUES, 1)
    row_view, column_view = (plane_view(affine, cut.plane) for cut in (rows, columns))
    for row in range(len(shown)):
        k = len(shown) - 1 - row if rows.reverse else row
        assert set(shown[row]) <= set(row_view.take(VALUES, k).ravel())
    for column in range(shown.shape[1]):
        k = shown.shape[1] - 1 - column if columns.reverse else column
        assert set(shown[:, column]) <= set(column_view.take(VALUES, k).ravel())
    # Different values only, or the sets would say little
    assert len(np.unique(VALUES)) == VALUES.size
    assert (rows.reverse, columns.reverse) == ((False,) * 2 if affine is None else (True,) * 2)


@pytest.mark.parametrize("codes", ["RAS", "LPI", "SAR", "PIR"])
@pytest.mark.parametrize("degrees", [0.3, 7, 30])
def test_obliqueness_is_the_angle_of_a_turn_about_one_axis(codes, degrees):
    angle = np.deg2rad(degrees)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    assert obliqueness(turn @ affine_of(codes)) == pytest.approx(degrees)


@pytest.mark.parametrize("codes", CODES)
def test_straight_axes_are_not_oblique(codes):
    assert obliqueness(affine_of(codes)) == 0
    assert obliqueness(None) == 0


def test_the_same_head_in_three_axis_orders_shows_the_same_planes(sample_data, tmp_path):
    folder = sample_data / "volumes/orientations"
    reference = nib.load(folder / "RAS.nii.gz")
    values = reference.dataobj.get_unscaled()
    for codes in ("RAS", "LAS", "LPS"):
        write_store(folder / f"{codes}.nii.gz", tmp_path / "a.b2nd")
        store = open_store(tmp_path / "a.b2nd")
        for plane in PLANES:
            for k in range(store.slice_count(plane)):
                expected = expected_slice(values, reference.affine, plane, k)
                assert np.array_equal(store.plane(plane, k), expected)
