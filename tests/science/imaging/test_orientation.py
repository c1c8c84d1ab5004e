"""Axial slices by the radiological convention, checked against nibabel."""

from itertools import permutations, product

import nibabel as nib
import numpy as np
import pytest

from sts_qa.science.imaging.slicing import axial_axis, axial_view, orientation_codes

VALUES = np.random.default_rng(10).permutation(120).astype(np.int16).reshape(4, 5, 6)
CODES = [
    "".join(letters) for axes in permutations(("RL", "AP", "SI")) for letters in product(*axes)
]


def affine_of(codes):
    """Voxel to RAS+ matrix of axes that run along the given letters, 1, 2 and 3 mm apart."""
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis, letter in enumerate(codes):
        world = "RLAPSI".index(letter) // 2
        affine[world, axis] = (axis + 1) * (1 if letter in "RAS" else -1)
    return affine


def oblique(codes, degrees):
    """The same, turned about an axis that is none of the three."""
    axis = np.array([1.0, 2.0, 3.0]) / np.sqrt(14)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    angle = np.deg2rad(degrees)
    turn = np.eye(4)
    turn[:3, :3] = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turn @ affine_of(codes)


def expected_slice(affine, k):
    """Axial slice of nibabel's closest RAS+ image: anterior up, patient's right on the left.

    Its first axis runs to the right and its second to anterior, so both are shown reversed.
    """
    canonical = nib.as_closest_canonical(nib.Nifti1Image(VALUES, affine))
    return np.asarray(canonical.dataobj)[::-1, ::-1, k].T


@pytest.mark.parametrize("codes", CODES)
@pytest.mark.parametrize("degrees", [0, 12, -20])
def test_every_orientation_shows_the_same_slices_as_nibabel(codes, degrees):
    affine = oblique(codes, degrees)
    view = axial_view(affine)
    count = VALUES.shape[view.axis]
    for k in range(count):
        assert np.array_equal(view.take(VALUES, k), expected_slice(affine, k))
    assert view.edges == ("A", "L", "P", "R")


@pytest.mark.parametrize("codes", CODES)
def test_codes_are_those_of_nibabel(codes):
    assert orientation_codes(affine_of(codes)) == codes
    assert "".join(nib.aff2axcodes(affine_of(codes))) == codes


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("RAS", (2, False)),
        ("LPS", (2, False)),
        ("LPI", (2, True)),
        ("SAR", (0, False)),
        ("PIR", (1, True)),
    ],
)
def test_slices_count_from_the_inferior_end(codes, expected):
    assert axial_axis(affine_of(codes)) == expected


def test_the_patients_right_and_anterior_lie_where_the_letters_say():
    # RAS: index 3 of the first axis is the rightmost, index 4 of the second the foremost.
    values = np.zeros((4, 5, 6))
    values[3, 4, 0] = 1
    shown = axial_view(np.eye(4)).take(values, 0)
    assert shown.shape == (5, 4)
    assert shown[0, 0] == 1


def test_without_an_affine_slices_lie_in_stored_order():
    view = axial_view(None)
    assert axial_axis(None) == (2, False)
    assert view.edges == ("", "", "", "")
    assert np.array_equal(view.take(VALUES, 2), VALUES[:, :, 2].T)
    assert orientation_codes(None) == ""


@pytest.mark.parametrize("k", [-1, 6])
def test_slices_outside_the_volume_are_errors(k):
    with pytest.raises(IndexError, match="0 to 5"):
        axial_view(np.eye(4)).take(VALUES, k)
