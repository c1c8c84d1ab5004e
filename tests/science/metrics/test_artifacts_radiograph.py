import io

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from sts_qa.science.metrics.artifacts_radiograph import blockiness, comb_gaps
from sts_qa.science.metrics.image import NotApplicable, Reason
from tests.science.metrics.independent import gaps_by_histogram, published_score


def as_jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "JPEG", quality=quality)
    return np.asarray(Image.open(written))


@pytest.mark.parametrize(("quality", "score"), [(None, 10.20), (95, 9.88), (50, 7.64), (10, 3.51)])
def test_published_values_on_camera(camera, quality, score):
    pixels = camera if quality is None else as_jpeg(camera, quality)

    assert blockiness(pixels) == pytest.approx(10 - score, abs=0.0051)


@pytest.mark.parametrize("shape", [(320, 640), (101, 64), (16, 16), (33, 77)])
@pytest.mark.parametrize(("dtype", "gain"), [(np.uint8, 1), (np.uint16, 257), (np.float64, 1)])
def test_blockiness_equals_the_published_program(shape, dtype, gain):
    random = np.random.default_rng(12)
    scene = ndimage.gaussian_filter(random.normal(0, 300, shape), 2) + random.normal(128, 4, shape)
    pixels = np.clip(np.rint(scene), 0, 255).astype(np.uint8)
    stored = pixels.astype(dtype) * dtype(gain)

    assert blockiness(stored, value_range=(0, 255 * gain)) == pytest.approx(
        10 - published_score(pixels), rel=1e-6
    )


def test_stronger_compression_is_blockier(teeth_image):
    compressed = [as_jpeg(teeth_image.pixels, quality) for quality in (70, 40, 20, 8)]

    assert (np.diff([blockiness(image) for image in (teeth_image.pixels, *compressed)]) > 0).all()


def test_blocks_of_another_grid_are_not_seen(teeth_image):
    blocky = as_jpeg(teeth_image.pixels, 15)

    assert blockiness(blocky[8:, 16:]) == pytest.approx(blockiness(blocky), abs=0.2)
    assert blockiness(blocky[4:, 4:]) < blockiness(blocky) - 1


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.full((32, 32), 90), Reason.NO_DETAIL),
        # rising from left to right: no difference changes its sign
        (np.tile(np.arange(32), (32, 1)), Reason.NO_DETAIL),
        # blocks alone: no difference within them
        (np.kron(np.arange(16).reshape(4, 4) % 5, np.ones((8, 8))), Reason.NO_DETAIL),
        (np.arange(15 * 40).reshape(15, 40) % 7, Reason.TOO_SMALL),
        (np.arange(15 * 40).reshape(40, 15) % 7, Reason.TOO_SMALL),
    ],
)
def test_where_the_formula_says_nothing_there_is_no_blockiness(pixels, reason):
    with pytest.raises(NotApplicable) as missing:
        blockiness(pixels.astype(np.uint8))
    assert missing.value.reason is reason


@pytest.mark.parametrize(("dtype", "gain"), [(np.uint8, 1), (np.uint16, 257), (np.uint16, 31)])
def test_comb_gaps_equal_numpys_histogram(teeth_image, dtype, gain):
    pixels = teeth_image.pixels // 3 * dtype(3) * dtype(gain)

    assert comb_gaps(pixels) == pytest.approx(
        gaps_by_histogram(pixels, np.iinfo(dtype).max), rel=1e-12
    )


def test_a_stretched_grey_scale_has_a_comb_of_the_stretch():
    levels = np.tile(np.arange(64, 192, dtype=np.uint8), (50, 8))
    assert comb_gaps(levels) == 0
    # every second and every third of four levels stay empty, but for the ends
    doubled = (levels - 64) * 2
    assert comb_gaps(doubled) == pytest.approx(1 / 2, abs=0.01)
    stretched = np.rint((levels - 64.0) * 4 / 3).astype(np.uint8)
    assert comb_gaps(stretched) == pytest.approx(1 / 4, abs=0.01)


@pytest.mark.parametrize("bits", [7, 6, 5, 4])
def test_fewer_bits_leave_more_gaps(bits):
    levels = np.tile(np.arange(256, dtype=np.uint8), (50, 4))
    coarse = levels >> (8 - bits) << (8 - bits)

    assert comb_gaps(coarse) == pytest.approx(1 - 2 ** (bits - 8), abs=0.03)


def test_deep_images_have_no_gaps_in_256_levels():
    deep = np.tile(np.linspace(0, 65535, 4096).astype(np.uint16), (20, 1))

    assert comb_gaps(deep) == 0
    assert comb_gaps(deep // 16, value_range=(0, 4095)) == 0


def test_smooth_noise_closes_the_gaps(teeth_image):
    stretched = np.clip((teeth_image.pixels.astype(float) - 50) * 1.8, 0, 255)
    rounded = np.rint(stretched).astype(np.uint8)
    turned = cv2.GaussianBlur(rounded, (3, 3), 0.8)

    assert comb_gaps(rounded) > 0.3
    assert comb_gaps(turned) < 0.02


@pytest.mark.parametrize("shade", [0, 90, 255])
def test_a_constant_image_has_no_histogram_to_have_gaps(shade):
    with pytest.raises(NotApplicable) as missing:
        comb_gaps(np.full((30, 30), shade, dtype=np.uint8))
    assert missing.value.reason is Reason.NO_SPREAD
