"""JPEG, BMP and what all radiographs have in common."""

import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.facts import read_facts
from sts_qa.science.imaging.raster import read_raster
from tests.science.imaging.files import save_nifti


def grey_image():
    return np.random.default_rng(5).integers(0, 256, (16, 24), dtype=np.uint8)


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        read_raster(path)
    return caught.value.code


def test_bmp_gives_the_values_another_program_wrote(tmp_path):
    colours = np.random.default_rng(6).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "a.bmp"), colours[..., ::-1])
    assert np.array_equal(read_raster(tmp_path / "a.bmp"), colours)
    cv2.imwrite(str(tmp_path / "b.bmp"), grey_image())
    assert np.array_equal(read_raster(tmp_path / "b.bmp"), grey_image())


def test_grey_jpeg_is_read_as_opencv_reads_it(tmp_path):
    smooth = cv2.GaussianBlur(grey_image(), (9, 9), 3)
    cv2.imwrite(str(tmp_path / "a.jpg"), smooth)
    pixels = read_raster(tmp_path / "a.jpg").astype(int)
    # Decoders may round the inverse transform differently by one.
    assert abs(pixels - cv2.imread(str(tmp_path / "a.jpg"), cv2.IMREAD_UNCHANGED)).max() <= 1


def test_a_grey_jpeg_saved_as_colour_is_grey(tmp_path):
    Image.fromarray(grey_image()).convert("RGB").save(tmp_path / "a.jpg")
    assert read_raster(tmp_path / "a.jpg").shape == (16, 24)


def test_a_cmyk_jpeg_is_refused(tmp_path):
    Image.fromarray(grey_image()).convert("CMYK").save(tmp_path / "a.jpg")
    assert refusal(tmp_path / "a.jpg") == "unsupported-colour"


def test_a_jpeg_of_several_images_is_refused(tmp_path):
    image = Image.fromarray(grey_image())
    image.save(tmp_path / "a.mpo", format="MPO", save_all=True, append_images=[image])
    (tmp_path / "a.mpo").rename(tmp_path / "a.jpg")
    assert refusal(tmp_path / "a.jpg") == "multi-frame"


def test_a_bmp_header_that_promises_too_many_pixels_is_refused_unread(tmp_path):
    path = tmp_path / "a.bmp"
    cv2.imwrite(str(path), grey_image())
    content = bytearray(path.read_bytes())
    struct.pack_into("<ii", content, 18, 30_000, 30_000)
    path.write_bytes(content)
    assert refusal(path) == "too-large"


@pytest.mark.parametrize("ending", [".jpg", ".bmp"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_truncated_files_are_refused(tmp_path, ending, share):
    path = tmp_path / f"a{ending}"
    cv2.imwrite(str(path), np.random.default_rng(7).integers(0, 256, (64, 64), dtype=np.uint8))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert refusal(path) in ("damaged", "truncated")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.tif"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"GIF89a" + bytes(100))
    assert refusal(tmp_path / name) == "not-an-image"


def test_an_empty_a_missing_and_an_unknown_file_are_refused(tmp_path):
    (tmp_path / "a.png").touch()
    assert refusal(tmp_path / "a.png") == "empty"
    assert refusal(tmp_path / "b.png") == "cannot-open"
    assert refusal(tmp_path / "c.gif") == "unknown-format"


def test_a_volume_is_no_radiograph(tmp_path):
    assert refusal(save_nifti(tmp_path / "a.nii", np.zeros((2, 3, 4), np.uint8))) == "dimensions"


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
def test_an_orientation_tag_is_told_and_not_applied(tmp_path, ending):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / f"a{ending}"
    Image.fromarray(grey_image()).save(path, exif=exif)
    facts = read_facts(path)
    assert facts.shape == (16, 24)
    assert "value 6" in facts.notices[0]


def test_endings_in_capitals_are_read(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), grey_image())
    (tmp_path / "a.png").rename(tmp_path / "A.PNG")
    assert np.array_equal(read_raster(tmp_path / "A.PNG"), grey_image())
