"""NIfTI: what is read, what is refused, and geometry against nibabel."""

import gzip
import struct

import nibabel as nib
import numpy as np
import pytest

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.facts import read_facts, read_facts_and_pixels
from tests.science.imaging.files import save_nifti

VALUES = np.random.default_rng(9).integers(-1000, 3000, (4, 5, 6), dtype=np.int16)


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        read_facts(path)
    assert caught.value.reason.endswith(".")
    return caught.value.code


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("image_class", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize(
    "dtype", ["u1", "i1", "<i2", ">i2", "<u2", "<i4", "<u4", "<i8", "<f4", "<f8"]
)
def test_it_reads_stored_values_exactly(tmp_path, name, image_class, dtype):
    values = np.abs(VALUES).clip(0, 127).astype(dtype)
    header = image_class.header_class(endianness=">" if dtype[0] == ">" else "<")
    header.set_data_dtype(dtype)
    nib.save(image_class(values, np.diag([2, 3, 4, 1]), header), tmp_path / name)
    facts, voxels = read_facts_and_pixels(tmp_path / name)
    assert np.array_equal(voxels, values)
    assert (facts.kind, facts.shape, facts.channels) == ("volume", (4, 5, 6), 1)
    assert facts.dtype == np.dtype(dtype).name
    assert facts.spacing == (2, 3, 4)


def test_the_scale_is_told_apart_from_stored_values(tmp_path):
    image = nib.Nifti1Image(VALUES, np.eye(4))
    image.header.set_slope_inter(2.5, -1024)
    nib.save(image, tmp_path / "a.nii")
    # With a scale set by hand, nibabel writes the array as it is beside that scale.
    assert (tmp_path / "a.nii").read_bytes()[352:] == VALUES.tobytes(order="F")
    facts, voxels = read_facts_and_pixels(tmp_path / "a.nii")
    assert (facts.scale_slope, facts.scale_intercept) == (2.5, -1024)
    assert np.array_equal(voxels, VALUES)
    assert np.allclose(voxels * 2.5 - 1024, nib.load(tmp_path / "a.nii").get_fdata())


@pytest.mark.parametrize("scale", [(1e300, 0), (-1e300, 0), (np.inf, 0), (1, 1e300), (1, -np.inf)])
def test_a_scale_that_leaves_no_finite_values_is_refused(tmp_path, scale):
    image = nib.Nifti2Image(VALUES, np.eye(4))
    nib.save(image, tmp_path / "a.nii")
    content = bytearray((tmp_path / "a.nii").read_bytes())
    # Where NIfTI-2 has scl_slope and scl_inter
    struct.pack_into("<dd", content, 176, *scale)
    (tmp_path / "a.nii").write_bytes(content)
    assert refusal(tmp_path / "a.nii") == "bad-header"


def test_a_fourth_axis_of_length_1_is_dropped(tmp_path):
    _, voxels = read_facts_and_pixels(save_nifti(tmp_path / "a.nii", VALUES[..., None]))
    assert np.array_equal(voxels, VALUES)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 6, 2), (4, 5, 6, 1, 3)])
def test_other_dimensions_are_refused(tmp_path, shape):
    assert refusal(save_nifti(tmp_path / "a.nii", np.zeros(shape, np.uint8))) == "dimensions"


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.99])
def test_truncated_files_are_refused(tmp_path, name, share):
    path = save_nifti(tmp_path / name, VALUES)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert refusal(path) in ("truncated", "not-a-volume")


def test_every_flipped_byte_of_gzipped_data_is_noticed(tmp_path):
    path = save_nifti(tmp_path / "a.nii.gz", VALUES)
    content = path.read_bytes()
    # From the end of the gzip header (10 bytes and a file name) on.
    for position in range(30, len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0x55
        path.write_bytes(damaged)
        assert refusal(path)


def test_what_is_no_nifti_is_refused(tmp_path):
    (tmp_path / "a.nii").write_bytes(bytes(1000))
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(b"text" * 500))
    (tmp_path / "c.nii.gz").write_bytes(bytes(1000))
    for name in ("a.nii", "b.nii.gz", "c.nii.gz"):
        assert refusal(tmp_path / name) == "not-a-volume"


def test_a_pair_is_refused_by_its_name_and_by_its_header(tmp_path):
    nib.save(nib.Nifti1Pair(VALUES, np.eye(4)), tmp_path / "a.hdr")
    assert refusal(tmp_path / "a.hdr") == "unknown-format"
    assert refusal(tmp_path / "a.img") == "unknown-format"
    (tmp_path / "a.hdr").rename(tmp_path / "b.nii")
    assert refusal(tmp_path / "b.nii") == "header-only"


@pytest.mark.parametrize("dtype", [np.complex64, [("R", "u1"), ("G", "u1"), ("B", "u1")]])
def test_more_than_one_number_a_voxel_is_refused(tmp_path, dtype):
    path = tmp_path / "a.nii"
    nib.save(nib.Nifti1Image(np.zeros((2, 3, 4), dtype), np.eye(4)), path)
    assert refusal(path) == "unsupported-depth"


def test_a_header_that_promises_too_much_is_refused_unread(tmp_path):
    path = save_nifti(tmp_path / "a.nii", VALUES)
    content = bytearray(path.read_bytes())
    struct.pack_into("<8h", content, 40, 3, 32767, 32767, 32767, 1, 1, 1, 1)
    path.write_bytes(content)
    assert refusal(path) == "too-large"
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(bytes(content)))
    assert refusal(tmp_path / "a.nii.gz") == "too-large"


def test_a_file_that_unpacks_to_more_than_its_header_says_is_refused(tmp_path):
    content = save_nifti(tmp_path / "a.nii", VALUES).read_bytes()
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(content + bytes(10_000_000)))
    assert refusal(tmp_path / "a.nii.gz") == "too-large"


def test_without_sform_and_qform_the_orientation_is_unknown(tmp_path):
    facts = read_facts(save_nifti(tmp_path / "a.nii", VALUES, np.diag([2, 3, 4, 1]), sform=0))
    assert (facts.affine, facts.orientation) == (None, "")
    assert facts.spacing == (2, 3, 4)


def test_the_qform_counts_when_there_is_no_sform(tmp_path):
    affine = np.array([[0, -2.0, 0, 5], [3.0, 0, 0, 6], [0, 0, 4.0, 7], [0, 0, 0, 1]])
    facts = read_facts(save_nifti(tmp_path / "a.nii", VALUES, affine, sform=0, qform=1))
    assert np.allclose(facts.affine, affine, atol=1e-5)
    assert facts.orientation == "ALS"


def test_an_unusable_sform_is_told_and_the_qform_used(tmp_path):
    path = save_nifti(tmp_path / "a.nii", VALUES, np.diag([2, 3, 4, 1]), qform=1)
    content = bytearray(path.read_bytes())
    content[280:328] = bytes(48)
    path.write_bytes(content)
    facts = read_facts(path)
    assert np.allclose(facts.affine, np.diag([2, 3, 4, 1]))
    assert "sform" in facts.notices[0]


def test_units_are_turned_into_millimetres(tmp_path):
    image = nib.Nifti1Image(VALUES, np.diag([200, 300, 400, 1]))
    image.header.set_xyzt_units("micron")
    nib.save(image, tmp_path / "a.nii")
    facts = read_facts(tmp_path / "a.nii")
    assert facts.spacing == pytest.approx((0.2, 0.3, 0.4))
    assert np.allclose(facts.affine, np.diag([0.2, 0.3, 0.4, 1]))


def test_contradicting_voxel_sizes_are_told(tmp_path):
    path = save_nifti(tmp_path / "a.nii", VALUES, np.diag([2, 3, 4, 1]))
    content = bytearray(path.read_bytes())
    struct.pack_into("<f", content, 80, 9.0)
    path.write_bytes(content)
    facts = read_facts(path)
    assert facts.spacing == (2, 3, 4)
    assert "contradicts" in facts.notices[0]


def test_voxels_without_a_number_are_told(tmp_path):
    values = VALUES.astype(np.float32)
    values[0, 0, :2] = np.nan
    assert "2 voxels" in read_facts(save_nifti(tmp_path / "a.nii", values)).notices[0]
