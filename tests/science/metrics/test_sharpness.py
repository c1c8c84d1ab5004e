import numpy as np
import pytest
from scipy import ndimage
from skimage import measure

from sts_qa.science.metrics.image import NotApplicable, Reason
from sts_qa.science.metrics.noise_exposure import noise_sigma
from sts_qa.science.metrics.sharpness import (
    blur_effect,
    blur_effect_x,
    blur_effect_y,
    tenengrad,
    tenengrad_noise_corrected,
)

SHARPNESS = [blur_effect, blur_effect_x, blur_effect_y, tenengrad, tenengrad_noise_corrected]


def test_published_values_on_camera(camera):
    assert tenengrad(camera) == pytest.approx(9999.451317, rel=1e-9)
    assert blur_effect(camera) == pytest.approx(0.2884746649, rel=1e-9)
    assert blur_effect_y(camera) == pytest.approx(0.2884746649, rel=1e-9)
    assert blur_effect_x(camera) == pytest.approx(0.2461499793, rel=1e-9)


@pytest.mark.parametrize(
    ("sigma", "expected"), [(0.5, 0.32221), (1, 0.41957), (2, 0.60128), (4, 0.80552)]
)
def test_published_blur_effect_after_gaussian_blur(camera, sigma, expected):
    blurred = ndimage.gaussian_filter(camera.astype(float), sigma, mode="reflect")

    assert blur_effect(np.rint(blurred).astype(np.uint8)) == pytest.approx(expected, abs=6e-6)


def test_noise_lowers_the_blur_effect_as_published(camera):
    noisy = camera + np.random.default_rng(0).normal(0, 20, camera.shape)

    assert blur_effect(noisy) == pytest.approx(0.191, abs=0.003)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float64])
def test_blur_effect_equals_scikit_image(teeth_image, dtype):
    pixels = teeth_image.pixels.astype(dtype)
    y, x = measure.blur_effect(pixels.astype(float), h_size=11, reduce_func=None)

    assert blur_effect_x(pixels) == pytest.approx(x, rel=1e-9)
    assert blur_effect_y(pixels) == pytest.approx(y, rel=1e-9)
    assert blur_effect(pixels) == pytest.approx(max(x, y), rel=1e-9)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16])
def test_gradients_of_the_full_range_do_not_overflow(dtype):
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    random = np.random.default_rng(2)
    pixels = random.choice([low, high], (512, 400)).astype(dtype)
    pixels[:, 200:] = high
    grey = pixels.astype(float)
    gradients = [ndimage.sobel(grey, axis=axis, mode="mirror") for axis in (0, 1)]

    assert blur_effect(pixels) == pytest.approx(measure.blur_effect(grey, h_size=11), rel=1e-6)
    assert tenengrad(pixels) == pytest.approx(
        np.mean(gradients[0] ** 2 + gradients[1] ** 2) * (255 / (float(high) - low)) ** 2, rel=1e-6
    )


def test_blur_effect_of_float32_pixels_equals_scikit_image(teeth_image):
    pixels = teeth_image.pixels.astype(np.float32) / 255

    assert blur_effect(pixels) == pytest.approx(
        measure.blur_effect(pixels.astype(float), h_size=11), rel=1e-9
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
def test_tenengrad_equals_scipy(teeth_image, dtype):
    pixels = teeth_image.pixels.astype(dtype)
    grey = pixels.astype(float)
    white = 255 if dtype != np.uint16 else 65535
    gradients = [ndimage.sobel(grey, axis=axis, mode="mirror") for axis in (0, 1)]
    expected = np.mean(gradients[0] ** 2 + gradients[1] ** 2) * (255 / white) ** 2

    assert tenengrad(pixels, value_range=(0, white)) == pytest.approx(expected, rel=1e-9)


def test_more_blur_means_less_sharpness(camera):
    blurred = [
        ndimage.gaussian_filter(camera.astype(float), sigma) for sigma in (0, 0.5, 1, 2, 3, 4, 6)
    ]
    for metric in (tenengrad, tenengrad_noise_corrected):
        values = [metric(image, value_range=(0, 255)) for image in blurred]
        assert (np.diff(values) < 0).all()
    for metric in (blur_effect, blur_effect_x, blur_effect_y):
        assert (np.diff([metric(image) for image in blurred]) > 0).all()


def test_blur_along_one_axis_shows_along_that_axis(camera):
    smeared = ndimage.gaussian_filter1d(camera.astype(float), 4, axis=1)

    assert blur_effect_x(smeared) > 2 * blur_effect_x(camera)
    assert blur_effect_y(smeared) < 1.5 * blur_effect_y(camera)
    assert blur_effect_x(smeared.T) == pytest.approx(blur_effect_y(smeared), rel=1e-12)


@pytest.mark.parametrize("sd", [5, 10, 20])
def test_white_noise_adds_24_variances_and_the_correction_takes_them_off(sd):
    noise = np.random.default_rng(8).normal(128, sd, (512, 512))

    assert tenengrad(noise, value_range=(0, 255)) == pytest.approx(24 * sd**2, rel=0.02)
    corrected = tenengrad_noise_corrected(noise, value_range=(0, 255))
    assert abs(corrected) < 0.05 * 24 * sd**2


def test_the_correction_is_24_estimated_variances(camera):
    expected = 9999.451317 - 24 * 1.259142306**2

    assert tenengrad_noise_corrected(camera) == pytest.approx(expected, rel=1e-9)
    assert noise_sigma(camera) == pytest.approx(1.259142306, rel=1e-9)


def test_noise_moves_the_corrected_tenengrad_far_less_than_the_raw_one(camera):
    noisy = camera + np.random.default_rng(1).normal(0, 20, camera.shape)
    raw, corrected = (
        abs(metric(noisy, value_range=(0, 255)) - metric(camera))
        for metric in (tenengrad, tenengrad_noise_corrected)
    )

    assert corrected < 0.1 * raw


def test_gain_and_offset_do_not_change_the_blur_effect_and_square_in_tenengrad(camera):
    moved = camera * 0.5 - 300.0

    assert blur_effect(moved) == pytest.approx(blur_effect(camera), rel=1e-9)
    assert tenengrad(moved, value_range=(-300, -45)) == pytest.approx(
        0.25 * tenengrad(camera), rel=1e-9
    )


def test_constant_image_has_no_edges():
    grey = np.full((40, 40), 90, dtype=np.uint8)

    assert tenengrad(grey) == 0
    assert tenengrad_noise_corrected(grey) == pytest.approx(0, abs=1e-9)
    for metric in (blur_effect, blur_effect_x, blur_effect_y):
        with pytest.raises(NotApplicable, match=Reason.CONSTANT):
            metric(grey)


@pytest.mark.parametrize("metric", SHARPNESS)
def test_image_smaller_than_the_filter_has_no_value(metric):
    with pytest.raises(NotApplicable, match=Reason.TOO_SMALL):
        metric(np.arange(80, dtype=np.uint8).reshape(2, 40))
