import numpy as np
import pytest
from scipy import ndimage
from skimage import exposure as skimage_exposure
from skimage import restoration

from sts_qa.science.metrics.exposure import (
    dynamic_range_bits,
    exposure_median,
    exposure_p5,
    exposure_p95,
    occupied_levels,
    percentile_range,
)
from sts_qa.science.metrics.image import NotApplicable, Reason

LEVELS = {exposure_p5: 5, exposure_median: 50, exposure_p95: 95}


def test_published_values_on_camera(camera):
    assert percentile_range(camera) == pytest.approx((230 - 4) / 255, rel=1e-12)
    assert dynamic_range_bits(camera) == pytest.approx(np.log2((230 - 4) / 1.259142306), rel=1e-9)


@pytest.mark.parametrize(("metric", "percent"), LEVELS.items())
@pytest.mark.parametrize(("dtype", "gain", "white"), [(np.uint8, 1, 255), (np.uint16, 93, 65535)])
def test_exposure_equals_numpy(teeth_image, metric, percent, dtype, gain, white):
    pixels = teeth_image.pixels.astype(dtype) * dtype(gain)
    expected = np.percentile(pixels, percent) / white

    assert metric(pixels) == pytest.approx(expected, rel=1e-12)


def test_exposure_counts_from_black_to_white(teeth_image):
    signed = teeth_image.pixels.astype(np.int16) - 1000
    for metric in LEVELS:
        assert metric(signed, value_range=(-1000, -745)) == pytest.approx(
            metric(teeth_image.pixels), rel=1e-12
        )


def test_a_brighter_image_is_exposed_more_everywhere(teeth_image):
    brighter = teeth_image.pixels // 2 + 100
    for metric in LEVELS:
        assert metric(brighter.astype(np.uint8)) > metric(teeth_image.pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_percentile_range_is_what_scikit_image_calls_contrast(teeth_image, dtype):
    pixels = teeth_image.pixels.astype(dtype) * dtype(1 if dtype == np.uint8 else 117)
    used = percentile_range(pixels)

    assert skimage_exposure.is_low_contrast(pixels, fraction_threshold=used + 1e-9)
    assert not skimage_exposure.is_low_contrast(pixels, fraction_threshold=used - 1e-9)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
def test_dynamic_range_equals_its_formula(teeth_image, dtype):
    pixels = teeth_image.pixels.astype(dtype)
    p1, p99 = np.percentile(pixels, (1, 99))
    expected = np.log2((p99 - p1) / restoration.estimate_sigma(pixels.astype(float)))

    assert dynamic_range_bits(pixels, value_range=(0, 255)) == pytest.approx(expected, rel=1e-6)


def test_twice_the_noise_is_one_bit_less():
    # a ramp much wider than the noise, so that the noise hardly moves p1 and p99
    ramp = np.tile(np.linspace(0, 10_000, 600), (400, 1))
    noise = np.random.default_rng(6).normal(size=ramp.shape)
    noisy = [ramp + sd * noise for sd in (5, 10, 20)]
    bits = [dynamic_range_bits(image, value_range=(0, 10_000)) for image in noisy]

    assert bits[0] == pytest.approx(np.log2(9800 / 5), abs=0.05)
    np.testing.assert_allclose(np.diff(bits), -1, atol=0.01)


def test_gain_and_offset_change_the_used_range_but_not_the_dynamic_range(teeth_image):
    moved = teeth_image.pixels * 0.25 - 40

    assert percentile_range(moved, value_range=(-40, 215)) == pytest.approx(
        0.25 * percentile_range(teeth_image.pixels), rel=1e-9
    )
    assert dynamic_range_bits(moved, value_range=(-40, 215)) == pytest.approx(
        dynamic_range_bits(teeth_image.pixels), rel=1e-9
    )


@pytest.mark.parametrize(
    ("dtype", "factor"), [(np.uint8, 1), (np.uint16, 257), (np.int16, -77), (np.float32, 0.1)]
)
def test_occupied_levels_are_the_different_values(camera, dtype, factor):
    pixels = camera.astype(dtype) * dtype(factor)

    assert occupied_levels(pixels, value_range=(0, 1)) == np.unique(camera).size


def test_fewer_bits_are_fewer_occupied_levels():
    ramp = np.tile(np.arange(256, dtype=np.uint8), (40, 1))

    found = [occupied_levels(ramp >> lost << lost) for lost in range(8)]
    assert found == [256, 128, 64, 32, 16, 8, 4, 2]


def test_smoothing_raises_the_dynamic_range(teeth_image):
    smooth = [
        ndimage.gaussian_filter(teeth_image.pixels.astype(float), sigma) for sigma in (0, 0.5, 1)
    ]

    assert (
        np.diff([dynamic_range_bits(image, value_range=(0, 255)) for image in smooth]) > 0
    ).all()


def test_constant_image():
    grey = np.full((30, 30), 51, dtype=np.uint8)

    assert [metric(grey) for metric in LEVELS] == pytest.approx([0.2, 0.2, 0.2])
    assert percentile_range(grey) == 0
    assert occupied_levels(grey) == 1
    for shade in (0, 51, 255):
        with pytest.raises(NotApplicable, match=Reason.NO_NOISE):
            dynamic_range_bits(np.full_like(grey, shade))


def test_without_noise_or_without_a_range_there_is_no_dynamic_range():
    halves = np.full((40, 40), 90, dtype=np.uint8)
    halves[:, 20:] = 150
    with pytest.raises(NotApplicable) as missing:
        dynamic_range_bits(halves)
    assert missing.value.reason is Reason.NO_NOISE

    # black but for specks on one pixel of 256, which neither percentile meets
    specked = np.zeros((160, 160), dtype=np.uint8)
    specked[5::16, 5::16] = np.random.default_rng(0).integers(80, 120, (10, 10))
    with pytest.raises(NotApplicable) as missing:
        dynamic_range_bits(specked)
    assert missing.value.reason is Reason.NO_SPREAD


def test_floats_need_a_range(teeth_image):
    for metric in (*LEVELS, percentile_range, dynamic_range_bits):
        with pytest.raises(NotApplicable, match=Reason.NO_RANGE):
            metric(teeth_image.pixels / 255)
