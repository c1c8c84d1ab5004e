"""What is recorded about an image file."""

import hashlib
import subprocess

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from sts_qa.science.imaging.facts import read_facts, read_facts_and_pixels
from sts_qa.science.imaging.readers import ending_of, is_readable_name, stem_of
from tests.science.imaging.files import COLOUR, COLOUR_ALPHA, png_of


def test_facts_of_a_radiograph(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png_of(np.arange(105).reshape(5, 7, 3) * 600, 16, COLOUR))
    facts = read_facts(path)
    assert (facts.kind, facts.shape, facts.channels) == ("radiograph", (5, 7), 3)
    assert (facts.dtype, facts.spacing, facts.orientation) == ("uint16", None, "")
    assert (facts.affine, facts.scale_slope, facts.scale_intercept) == (None, 1, 0)
    assert facts.size_bytes == path.stat().st_size
    assert facts.notices == ()


def test_the_checksum_is_that_of_the_sha256sum_program(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save(path)
    printed = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True)
    assert read_facts(path).sha256 == printed.stdout.split()[0]
    assert read_facts(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_transparency_is_told_only_where_there_is_some(tmp_path):
    values = np.full((2, 2, 4), 255, np.uint8)
    (tmp_path / "a.png").write_bytes(png_of(values, 8, COLOUR_ALPHA))
    assert read_facts(tmp_path / "a.png").notices == ()
    values[0, 0, 3] = 254
    (tmp_path / "b.png").write_bytes(png_of(values, 8, COLOUR_ALPHA))
    facts, pixels = read_facts_and_pixels(tmp_path / "b.png")
    assert "transparen" in facts.notices[0]
    assert (pixels == 255).all()


@pytest.mark.parametrize(
    ("value", "dtype", "is_told"),
    [
        # 2**24 + 1 is the first whole number that 32-bit floating point does not hold
        (2**24 + 1, np.int32, True),
        (2**24, np.int32, False),
        (0.1, np.float64, True),
        (0.5, np.float64, False),
        (300, np.int16, False),
        (0.1, np.float32, False),
    ],
)
def test_rounding_of_what_raters_will_see_is_told_at_import(tmp_path, value, dtype, is_told):
    values = np.full((4, 5, 6), value, dtype)
    nib.save(nib.Nifti1Image(values, np.eye(4), dtype=dtype), tmp_path / "a.nii")
    notices = read_facts(tmp_path / "a.nii").notices
    assert [("32-bit floating point rounds" in notice) for notice in notices] == [True] * is_told


def test_names_are_split_before_the_whole_ending():
    assert ending_of("x/Case 1.v2.NII.GZ") == ".nii.gz"
    assert stem_of("x/Case 1.v2.NII.GZ") == "Case 1.v2"
    assert stem_of("x/a_mask.png") == "a_mask"
    assert is_readable_name("a.TIFF")
    assert not is_readable_name("a.gz")
    assert not is_readable_name("notes")
