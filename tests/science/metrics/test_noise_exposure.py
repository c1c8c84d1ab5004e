import numpy as np
import pytest
import pywt
from scipy import ndimage, stats
from skimage import restoration

from sts_qa.science.metrics.image import NotApplicable, Reason
from sts_qa.science.metrics.noise_exposure import (
    clipped_high,
    clipped_low,
    near_white,
    noise_sigma,
    noise_sigma_immerkaer,
)
from tests.science.metrics.independent import immerkaer

ESTIMATORS = [noise_sigma, noise_sigma_immerkaer]


def test_published_values_on_camera(camera):
    assert noise_sigma(camera) == pytest.approx(1.259142306, rel=1e-9)
    assert noise_sigma_immerkaer(camera) == pytest.approx(3.623901692, rel=1e-9)
    assert clipped_low(camera) == pytest.approx(3.8147e-06, rel=1e-6)
    assert clipped_high(camera) == pytest.approx(1.033783e-03, rel=1e-6)


@pytest.mark.parametrize("shape", [(320, 640), (101, 64), (64, 101), (33, 77)])
def test_wavelet_noise_equals_scikit_image(shape):
    random = np.random.default_rng(4)
    scene = ndimage.gaussian_filter(random.normal(0, 900, shape), 6) + 120
    pixels = np.clip(np.rint(scene + random.normal(0, 7, shape)), 0, 255).astype(np.uint8)

    assert noise_sigma(pixels) == pytest.approx(
        restoration.estimate_sigma(pixels.astype(float)), rel=1e-6
    )


def test_details_of_flat_areas_count_unless_padding_though_scikit_image_loses_some(camera):
    flat = camera.copy()
    flat[:200] = 187
    details = pywt.dwtn(flat.astype(float), "db2")["dd"]

    assert noise_sigma(flat) == pytest.approx(
        np.median(np.abs(details)) / stats.norm.ppf(0.75), rel=1e-6
    )
    nearly = np.count_nonzero(np.abs(details) < 1e-9)
    assert 0 < np.count_nonzero(details == 0) < nearly
    assert restoration.estimate_sigma(flat.astype(float)) == pytest.approx(
        np.median(np.abs(details[details != 0])) / stats.norm.ppf(0.75), rel=1e-12
    )


def test_black_padding_is_left_out_as_in_scikit_image(teeth_image):
    padded = np.pad(teeth_image.pixels, 200)

    assert noise_sigma(padded) == pytest.approx(
        restoration.estimate_sigma(padded.astype(float)), rel=1e-6
    )
    assert noise_sigma(padded) == pytest.approx(noise_sigma(teeth_image.pixels), rel=0.05)


def test_padding_is_left_out_whatever_value_it_has(teeth_image):
    padded = np.pad(teeth_image.pixels, 200).astype(np.int16) - 1000

    assert noise_sigma(padded, value_range=(-1000, -745)) == pytest.approx(
        noise_sigma(padded.astype(float) + 1000, value_range=(0, 255)), rel=1e-9
    )


def test_padding_of_a_volume_is_its_lowest_value_and_not_black(teeth_image):
    padded = np.pad(teeth_image.pixels, 200).astype(np.int16) - 1000
    options = {"kind": "volume", "value_range": (-980, -725)}

    assert noise_sigma(padded, limits=(-1000, 300), **options) == pytest.approx(
        noise_sigma(teeth_image.pixels), rel=0.05
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
def test_immerkaer_equals_its_formula(teeth_image, dtype):
    pixels = teeth_image.pixels.astype(dtype)
    white = 255 if dtype != np.uint16 else 65535

    assert noise_sigma_immerkaer(pixels, value_range=(0, white)) == pytest.approx(
        immerkaer(pixels * (255 / white)), rel=1e-9
    )


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("sd", [2, 5, 10, 20])
def test_added_noise_is_recovered(estimator, sd):
    random = np.random.default_rng(sd)
    scene = ndimage.gaussian_filter(random.normal(0, 1500, (320, 640)), 12) + 128
    noisy = scene + random.normal(0, sd, scene.shape)

    assert estimator(noisy, value_range=(0, 255)) == pytest.approx(sd, rel=0.05)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_noise_added_to_camera_is_recovered(camera, estimator):
    noisy = camera + np.random.default_rng(0).normal(0, 20, camera.shape)

    assert estimator(noisy, value_range=(0, 255)) == pytest.approx(20, rel=0.05)


def test_clipping_rises_with_gain(camera):
    gained = [
        np.clip(camera.astype(float) * gain, 0, 255).astype(np.uint8)
        for gain in (1, 1.2, 1.5, 2, 4)
    ]
    for metric in (clipped_high, near_white):
        assert (np.diff([metric(image) for image in gained]) > 0).all()
    darkened = [np.clip(camera.astype(int) - loss, 0, 255).astype(np.uint8) for loss in (0, 9, 40)]
    assert (np.diff([clipped_low(image) for image in darkened]) > 0).all()


@pytest.mark.parametrize("scale", [1, 257])
def test_clipping_counts_pixels_at_the_ends_of_the_type(scale):
    pixels = np.full((10, 10), 100, dtype=np.uint8 if scale == 1 else np.uint16) * scale
    pixels[0, :3] = 0
    pixels[1, :2] = 255 * scale
    pixels[2, :4] = 250 * scale
    pixels[3, :5] = 250 * scale - 1

    assert clipped_low(pixels) == pytest.approx(0.03)
    assert clipped_high(pixels) == pytest.approx(0.02)
    assert near_white(pixels) == pytest.approx(0.06)


def test_constant_image():
    grey = np.full((30, 30), 90, dtype=np.uint8)

    assert noise_sigma(grey) == pytest.approx(0, abs=1e-9)
    assert noise_sigma_immerkaer(grey) == 0
    assert noise_sigma(np.zeros_like(grey)) == 0
    assert (clipped_low(np.zeros_like(grey)), clipped_high(grey)) == (1, 0)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_image_smaller_than_the_filter_has_no_value(estimator):
    with pytest.raises(NotApplicable, match=Reason.TOO_SMALL):
        estimator(np.arange(80, dtype=np.uint8).reshape(2, 40))
