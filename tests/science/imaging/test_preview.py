"""Pictures for looking through a data set: right plane, right way up, right outline."""

import hashlib
from io import BytesIO

import nibabel
import numpy as np
import pytest
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.preview import (
    OUTLINE,
    Plane,
    PreviewFile,
    draw,
    preview,
    read_mask_plane,
    read_plane,
)
from sts_qa.science.imaging.store import write_store

LPS = np.diag([-0.3, -0.3, 0.6, 1.0])


def png_file(path, pixels) -> PreviewFile:
    Image.fromarray(pixels).save(path)
    return PreviewFile(str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def nifti_file(path, values, affine=LPS) -> PreviewFile:
    nibabel.save(nibabel.Nifti1Image(values, affine), path)
    return PreviewFile(str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def shown(png: bytes) -> np.ndarray:
    """As an independent program decodes it."""
    return np.asarray(Image.open(BytesIO(png)))


def outline_of(picture: np.ndarray) -> np.ndarray:
    return (picture == OUTLINE).all(axis=2)


@pytest.fixture
def pixels():
    return np.random.default_rng(1).integers(0, 256, (20, 40)).astype(np.uint8)


@pytest.fixture
def volume():
    """Values name their slice: 100 times the index from the inferior end, plus a ramp."""
    ramp = np.arange(8, dtype=np.int16)[:, np.newaxis, np.newaxis]
    return (ramp + 100 * np.arange(5, dtype=np.int16) + np.zeros((8, 6, 1), np.int16)).astype(
        np.int16
    )


def test_a_small_8_bit_radiograph_is_shown_pixel_by_pixel(tmp_path, pixels):
    file = png_file(tmp_path / "a.png", pixels)
    assert np.array_equal(shown(preview(file, None, longest=100)), pixels)


def test_16_bit_values_are_spread_between_their_percentiles(tmp_path):
    pixels = np.linspace(1000, 2000, 10_000).astype(np.uint16).reshape(100, 100)
    picture = shown(preview(png_file(tmp_path / "a.png", pixels), None, longest=100))
    assert (picture.min(), picture.max()) == (0, 255)
    # Halfway between the percentiles 0.5 and 99.5 of an even ramp lies its middle
    assert abs(int(picture[50, 0]) - 128) <= 1


def test_a_large_image_is_shrunk_by_averaging(tmp_path):
    board = np.tile(np.array([[0, 200], [200, 0]], np.uint8), (50, 100))
    picture = shown(preview(png_file(tmp_path / "a.png", board), None, longest=100))
    assert picture.shape == (50, 100)
    assert (picture == 100).all()


def test_the_mask_is_drawn_as_its_own_outermost_pixels(tmp_path, pixels):
    inside = np.zeros((20, 40), np.uint8)
    inside[5:10, 10:20] = 1
    image, mask = png_file(tmp_path / "a.png", pixels), png_file(tmp_path / "m.png", inside)
    picture = shown(preview(image, mask, longest=100))

    expected = inside.astype(bool)
    expected[6:9, 11:19] = False
    assert np.array_equal(outline_of(picture), expected)
    assert np.array_equal(picture[~expected][:, 0], pixels[~expected])


def test_a_mask_reaching_the_edge_of_the_image_has_its_line_there(tmp_path, pixels):
    inside = np.ones((20, 40), np.uint8)
    image, mask = png_file(tmp_path / "a.png", pixels), png_file(tmp_path / "m.png", inside)
    edge = outline_of(shown(preview(image, mask, longest=100)))
    assert edge[0].all()
    assert edge[:, -1].all()
    assert not edge[1:-1, 1:-1].any()


def test_a_mask_of_another_size_is_not_drawn(tmp_path, pixels):
    image = png_file(tmp_path / "a.png", pixels)
    mask = png_file(tmp_path / "m.png", np.ones((10, 40), np.uint8))
    assert np.array_equal(shown(preview(image, mask, longest=100)), pixels)


@pytest.mark.parametrize("flipped", [False, True])
def test_a_volume_shows_its_middle_axial_slice_as_a_radiologist_sees_it(tmp_path, volume, flipped):
    affine = LPS.copy()
    if flipped:
        affine[2, 2] *= -1
        volume = volume[:, :, ::-1]
    plane = read_plane(nifti_file(tmp_path / "v.nii.gz", volume, affine))
    # Slice 2 of 5 from the inferior end. The first axis runs to the left, as on the screen
    assert np.array_equal(plane.pixels, np.tile(200 + np.arange(8, dtype=np.int16), (6, 1)))


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("flipped", [False, True])
def test_another_slice_is_counted_from_the_inferior_end(tmp_path, volume, flipped, stored):
    affine = LPS.copy()
    inside = np.zeros(volume.shape, np.uint8)
    inside[2, 1, 4] = 1
    if flipped:
        affine[2, 2] *= -1
        volume, inside = volume[:, :, ::-1], inside[:, :, ::-1]
    file = nifti_file(tmp_path / "v.nii.gz", volume, affine)
    mask = nifti_file(tmp_path / "m.nii.gz", inside, affine)
    if stored:
        write_store(file.path, tmp_path / "v.b2nd")
        file = PreviewFile("nowhere.nii.gz", file.sha256, str(tmp_path / "v.b2nd"))
    for number in range(5):
        plane = read_plane(file, number)
        assert plane.pixels[0, 0] == 100 * number
        seen = read_mask_plane(mask, plane.view, number)
        assert np.argwhere(seen).tolist() == ([[1, 2]] if number == 4 else [])


def test_a_store_gives_the_same_picture_as_the_file(tmp_path, volume):
    file = nifti_file(tmp_path / "v.nii.gz", volume)
    inside = nifti_file(tmp_path / "m.nii.gz", (volume % 100 < 4).astype(np.uint8))
    write_store(file.path, tmp_path / "v.b2nd")
    stored = PreviewFile("nowhere.nii.gz", file.sha256, str(tmp_path / "v.b2nd"))
    assert preview(stored, inside, longest=50) == preview(file, inside, longest=50)


def test_a_damaged_store_is_passed_over_for_the_file(tmp_path, volume):
    file = nifti_file(tmp_path / "v.nii.gz", volume)
    (tmp_path / "v.b2nd").write_bytes(b"damaged")
    stored = PreviewFile(file.path, file.sha256, str(tmp_path / "v.b2nd"))
    assert preview(stored, None, longest=50) == preview(file, None, longest=50)


def test_the_mask_of_a_volume_lies_where_it_lies_in_the_slice(tmp_path, volume):
    inside = np.zeros(volume.shape, np.uint8)
    inside[2:5, 1:4, 2] = 1
    image = nifti_file(tmp_path / "v.nii.gz", volume)
    picture = shown(preview(image, nifti_file(tmp_path / "m.nii.gz", inside), longest=50))
    expected = np.zeros((6, 8), bool)
    expected[1:4, 2:5] = True
    expected[2, 3] = False
    assert np.array_equal(outline_of(picture), expected)


def test_pixels_that_are_not_square_are_shown_in_proportion():
    plane = Plane(np.zeros((10, 40), np.uint8), (0, 255), pixel_ratio=2.0)
    assert draw(plane, None, longest=100).shape == (20, 40)


@pytest.mark.parametrize("which", ["image", "mask"])
def test_bytes_other_than_the_imported_ones_are_refused(tmp_path, pixels, which):
    files = {
        "image": png_file(tmp_path / "image.png", pixels),
        "mask": png_file(tmp_path / "mask.png", pixels),
    }
    png_file(tmp_path / f"{which}.png", 255 - pixels)
    with pytest.raises(UnreadableFile) as refusal:
        preview(files["image"], files["mask"], longest=100)
    assert refusal.value.code == "changed"
