"""Masks: stored values stay, and pairs are checked."""

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.facts import read_facts
from sts_qa.science.imaging.masks import check_pair, read_mask, read_mask_facts
from tests.science.imaging.files import (
    COLOUR_ALPHA,
    GREY,
    PALETTE,
    chunk,
    png_bytes,
    png_of,
    save_nifti,
)


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        read_mask(path)
    return caught.value.code


def test_a_palette_mask_gives_indices(tmp_path):
    # Index 0 is red here and index 1 black: colours would turn the mask inside out.
    colours = chunk(b"PLTE", bytes([255, 0, 0, 0, 0, 0, 9, 9, 9]))
    content = png_of([[0, 1, 2, 1]], 8, PALETTE, colours, chunk(b"tRNS", b"\0"))
    (tmp_path / "a.png").write_bytes(content)
    assert read_mask(tmp_path / "a.png").tolist() == [[0, 1, 2, 1]]


@pytest.mark.parametrize("colour_type", [GREY, PALETTE])
@pytest.mark.parametrize(
    ("bits", "packed", "expected"),
    [(1, b"\xa0", [1, 0, 1]), (2, b"\x1b", [0, 1, 2, 3]), (4, b"\x0f\x50", [0, 15, 5])],
)
def test_few_bits_give_the_stored_numbers(tmp_path, colour_type, bits, packed, expected):
    colours = [chunk(b"PLTE", bytes(3 * 2**bits))] if colour_type == PALETTE else []
    content = png_bytes([packed], len(expected), bits, colour_type, *colours)
    (tmp_path / "a.png").write_bytes(content)
    assert read_mask(tmp_path / "a.png").tolist() == [expected]


def test_a_colour_mask_is_read_only_with_equal_channels(tmp_path):
    values = np.array([[0, 255, 7]], np.uint8)
    colours = np.stack([values] * 3, axis=-1)
    Image.fromarray(colours).save(tmp_path / "a.png")
    assert read_mask(tmp_path / "a.png").tolist() == [[0, 255, 7]]
    colours[0, 0, 0] = 255
    Image.fromarray(colours).save(tmp_path / "b.png")
    assert refusal(tmp_path / "b.png") == "mask-colour"


def test_a_mask_hidden_in_transparency_is_refused(tmp_path):
    values = np.zeros((2, 2, 4), np.uint8)
    values[0, 0, 3] = 255
    (tmp_path / "a.png").write_bytes(png_of(values, 8, COLOUR_ALPHA))
    assert refusal(tmp_path / "a.png") == "mask-transparency"


def test_a_float_volume_of_whole_numbers_is_a_mask(tmp_path):
    values = np.zeros((2, 3, 4), np.float32)
    values[1, 2, 3] = 12
    mask = read_mask(save_nifti(tmp_path / "a.nii.gz", values))
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, values)


@pytest.mark.parametrize("wrong", [0.5, np.nan, np.inf])
def test_a_float_volume_of_fractions_is_refused(tmp_path, wrong):
    values = np.zeros((2, 3, 4), np.float32)
    values[1, 2, 3] = wrong
    assert refusal(save_nifti(tmp_path / "a.nii.gz", values)) == "mask-values"


def test_a_mask_with_shifted_values_is_refused(tmp_path):
    image = nib.Nifti1Image(np.zeros((2, 3, 4), np.int16), np.eye(4))
    image.header.set_slope_inter(0.5, 16384)
    nib.save(image, tmp_path / "a.nii")
    assert refusal(tmp_path / "a.nii") == "mask-scaled"


def test_facts_of_a_volume_mask(tmp_path):
    values = np.zeros((5, 6, 7), np.int16)
    values[1:3, 2:5, 3] = 4
    values[2, 2, 5] = 9
    # Third axis towards inferior: the most inferior slice is the last one stored.
    affine = np.diag([-1.0, -1.0, -1.0, 1.0])
    facts = read_mask_facts(save_nifti(tmp_path / "a.nii.gz", values, affine))
    assert (facts.values, facts.value_count, facts.nonzero_voxels) == ((0, 4, 9), 3, 7)
    assert facts.extent == ((1, 2), (2, 4), (3, 5))
    assert facts.axial_voxels == (0, 1, 0, 6, 0, 0, 0)


def test_facts_of_an_empty_mask_and_of_many_values(tmp_path):
    Image.fromarray(np.zeros((3, 4), np.uint8)).save(tmp_path / "a.png")
    facts = read_mask_facts(tmp_path / "a.png")
    assert (facts.extent, facts.nonzero_voxels, facts.axial_voxels) == (None, 0, ())
    Image.fromarray(np.arange(100, dtype=np.uint8).reshape(10, 10)).save(tmp_path / "b.png")
    facts = read_mask_facts(tmp_path / "b.png")
    assert (facts.values, facts.value_count) == (tuple(range(64)), 100)


def test_jpeg_masks_come_with_a_warning(tmp_path):
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "a.jpg")
    assert "JPEG" in read_mask_facts(tmp_path / "a.jpg").notices[0]


def pair(tmp_path, image_affine, mask_affine, *, sform=1, shape=(40, 50, 60)):
    values = np.zeros((40, 50, 60), np.uint8)
    image = read_facts(save_nifti(tmp_path / "i.nii.gz", values, image_affine))
    mask_path = save_nifti(
        tmp_path / "m.nii.gz", np.zeros(shape, np.uint8), mask_affine, sform=sform
    )
    return check_pair(image, read_mask_facts(mask_path))


def test_a_pair_on_one_grid_fits(tmp_path):
    affine = np.diag([0.3, 0.3, 0.3, 1.0])
    assert pair(tmp_path, affine, affine) is None


def test_pairs_may_differ_by_a_hundredth_of_a_voxel(tmp_path):
    affine = np.diag([0.25, 0.25, 0.25, 1.0])
    shifted = affine.copy()
    shifted[0, 3] = 0.25 * 0.008
    assert pair(tmp_path, affine, shifted) is None
    shifted[0, 3] = 0.25 * 0.012
    assert pair(tmp_path, affine, shifted) == "affine"


def test_a_turn_counts_at_the_far_corner(tmp_path):
    affine = np.eye(4)
    # Size error of 0.0005 a voxel: 59 * 0.0005 = 0.0295 voxels at the last slice.
    stretched = np.diag([1.0, 1.0, 1.0005, 1.0])
    assert pair(tmp_path, affine, stretched) == "affine"
    # 59 * 0.0001 = 0.0059.
    assert pair(tmp_path, affine, np.diag([1.0, 1.0, 1.0001, 1.0])) is None


def test_a_mask_of_unknown_place_or_other_shape_does_not_fit(tmp_path):
    assert pair(tmp_path, np.eye(4), np.eye(4), sform=0) == "affine"
    assert pair(tmp_path, np.eye(4), np.eye(4), shape=(50, 40, 60)) == "shape"


def test_radiographs_pair_by_shape(tmp_path):
    Image.fromarray(np.zeros((3, 4), np.uint8)).save(tmp_path / "a.png")
    Image.fromarray(np.zeros((4, 3), np.uint8)).save(tmp_path / "b.png")
    image = read_facts(tmp_path / "a.png")
    assert check_pair(image, read_mask_facts(tmp_path / "a.png")) is None
    assert check_pair(image, read_mask_facts(tmp_path / "b.png")) == "shape"
