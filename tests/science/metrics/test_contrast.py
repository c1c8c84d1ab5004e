import hashlib

import numpy as np
import pytest
from scipy import ndimage, stats
from skimage import measure, restoration
from sklearn.metrics import roc_auc_score

from sts_qa.science.metrics.contrast import (
    coefficient_of_joint_variation,
    contrast_to_noise,
    contrast_to_noise_sigma,
    entropy,
    histogram_spread,
    percentile_contrast,
    rms_contrast,
    tooth_background_auc,
)
from sts_qa.science.metrics.distribution import distribution
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason
from sts_qa.science.metrics.regions import background_ring
from tests.science.metrics.independent import ring_by_distance

REGIONS = [
    contrast_to_noise,
    contrast_to_noise_sigma,
    coefficient_of_joint_variation,
    tooth_background_auc,
]


def test_the_camera_is_the_image_of_the_published_values(camera):
    assert hashlib.sha256(camera.tobytes()).hexdigest().startswith("5cb24482a53416f9")
    values = distribution(camera)

    assert values.mean == pytest.approx(129.0607262, rel=1e-9)
    assert np.sqrt(values.variance) == pytest.approx(73.64484656, rel=1e-9)
    assert (values.percentile(1), values.percentile(99)) == (4, 230)


def test_published_values_on_camera(camera):
    assert entropy(camera) == pytest.approx(7.231695011, rel=1e-9)
    assert rms_contrast(camera) == pytest.approx(0.2888033198, rel=1e-9)
    assert percentile_contrast(camera) == pytest.approx(0.9658119658, rel=1e-9)
    assert histogram_spread(camera) == pytest.approx(0.6352941176, rel=1e-9)


def test_equals_numpy_on_every_depth(teeth_image):
    for pixels, white in [
        (teeth_image.pixels, 255),
        (teeth_image.pixels.astype(np.uint16) * 31, 65535),
        (teeth_image.pixels.astype(np.uint32) * 999, 2**32 - 1),
    ]:
        p1, p25, p75, p99 = np.percentile(pixels, (1, 25, 75, 99))
        assert rms_contrast(pixels) == pytest.approx(np.std(pixels / white), rel=1e-9)
        assert percentile_contrast(pixels) == pytest.approx((p99 - p1) / (p99 + p1), rel=1e-12)
        assert histogram_spread(pixels) == pytest.approx((p75 - p25) / white, rel=1e-12)


def test_float_pixels_are_measured_on_the_range_given(teeth_image):
    pixels = teeth_image.pixels / 255

    assert rms_contrast(pixels, value_range=(0, 1)) == pytest.approx(np.std(pixels), rel=1e-9)
    with pytest.raises(NotApplicable, match=Reason.NO_RANGE):
        rms_contrast(pixels)


def test_entropy_of_8_bits_equals_scikit_image(teeth_image):
    assert entropy(teeth_image.pixels) == pytest.approx(
        measure.shannon_entropy(teeth_image.pixels), rel=1e-9
    )


@pytest.mark.parametrize(
    ("dtype", "black", "white"),
    [(np.uint16, 0, 65535), (np.int16, -1000, 3000), (np.float32, -0.3, 1.7)],
)
def test_entropy_of_other_depths_equals_scipy_on_256_bins(dtype, black, white):
    random = np.random.default_rng(9)
    pixels = random.normal(black + 0.4 * (white - black), 0.2 * (white - black), (200, 300))
    pixels = np.clip(pixels, black, white).astype(dtype)
    # rounding to float32 may leave the range by a hair
    counts, _ = np.histogram(np.clip(pixels.astype(float), black, white), 256, (black, white))

    assert entropy(pixels, value_range=(black, white)) == pytest.approx(
        stats.entropy(counts, base=2), rel=1e-9
    )


def test_values_beyond_the_range_count_in_the_first_and_last_level():
    pixels = np.array([[-7, 0, 0.3, 0.5], [0.999, 1, 1.001, 40]])

    # steps 0, 76, 128 and 255 with 2, 1, 1 and 4 of 8 pixels
    assert entropy(pixels, value_range=(0, 1)) == pytest.approx(2 / 4 + 2 * 3 / 8 + 1 / 2)


def test_entropy_is_the_number_of_bits_of_equally_frequent_levels():
    ramp = np.tile(np.arange(256, dtype=np.uint8), (16, 1))

    assert [entropy(ramp >> lost) for lost in range(9)] == list(range(8, -1, -1))


def test_less_gain_or_more_noise_move_the_entropy(teeth_image):
    values = [
        entropy((teeth_image.pixels * gain).astype(np.uint8)) for gain in (1, 0.7, 0.4, 0.1, 0)
    ]
    assert (np.diff(values) < 0).all()
    scene = ndimage.gaussian_filter(teeth_image.pixels.astype(float), 4)
    noise = np.random.default_rng(3).normal(size=scene.shape)
    noisy = [entropy(scene + sd * noise, value_range=(0, 255)) for sd in (0, 3, 9, 27)]
    assert (np.diff(noisy) > 0).all()


def test_half_black_half_white_has_the_largest_contrast():
    pixels = np.zeros((20, 20), dtype=np.uint8)
    pixels[:, 10:] = 255

    assert rms_contrast(pixels) == 0.5
    assert percentile_contrast(pixels) == 1
    assert histogram_spread(pixels) == 1


def test_less_gain_lowers_what_depends_on_gain_and_leaves_the_rest(teeth_image):
    weaker = teeth_image.pixels.astype(float) * 0.5
    for metric, factor in [(rms_contrast, 0.5), (histogram_spread, 0.5), (percentile_contrast, 1)]:
        assert metric(weaker, value_range=(0, 255)) == pytest.approx(
            factor * metric(teeth_image.pixels), rel=1e-9
        )


def test_background_is_the_ring_two_to_fifteen_pixels_outside(teeth_image):
    image = PreparedImage(*teeth_image)

    np.testing.assert_array_equal(background_ring(image), ring_by_distance(teeth_image.mask))


def test_background_stops_at_the_image_border():
    mask = np.zeros((12, 40), dtype=bool)
    mask[:6, :6] = True
    image = PreparedImage(np.zeros(mask.shape, dtype=np.uint8), mask)

    np.testing.assert_array_equal(background_ring(image), ring_by_distance(mask))


def test_contrast_to_noise_equals_its_formula(teeth_image):
    pixels, mask = teeth_image
    teeth, background = pixels[mask == 1], pixels[ring_by_distance(mask)]
    expected = abs(teeth.mean() - background.mean()) / np.sqrt(teeth.var() + background.var())

    assert contrast_to_noise(pixels, mask) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
def test_contrast_to_noise_sigma_equals_its_formula(teeth_image, dtype):
    pixels, mask = teeth_image.pixels.astype(dtype), teeth_image.mask
    teeth, background = pixels[mask == 1], pixels[ring_by_distance(mask)]
    sigma = restoration.estimate_sigma(pixels.astype(float))
    expected = abs(teeth.mean() - background.mean()) / sigma

    assert contrast_to_noise_sigma(pixels, mask, value_range=(0, 255)) == pytest.approx(
        expected, rel=1e-6
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
def test_joint_variation_equals_its_formula(teeth_image, dtype):
    pixels, mask = teeth_image.pixels.astype(dtype), teeth_image.mask
    teeth, background = pixels[mask == 1], pixels[ring_by_distance(mask)]
    expected = (teeth.std() + background.std()) / abs(teeth.mean() - background.mean())

    assert coefficient_of_joint_variation(pixels, mask, value_range=(0, 255)) == pytest.approx(
        expected, rel=1e-9
    )


def test_known_contrast_and_noise_are_found():
    mask = np.zeros((300, 300), dtype=bool)
    mask[100:200, 100:200] = True
    pixels = 100 + 40 * mask + np.random.default_rng(1).normal(0, 8, mask.shape)

    image = PreparedImage(pixels, mask, value_range=(0, 255))
    assert contrast_to_noise_sigma(image) == pytest.approx(40 / 8, rel=0.03)
    assert coefficient_of_joint_variation(image) == pytest.approx(2 * 8 / 40, rel=0.03)
    assert contrast_to_noise(image) == pytest.approx(40 / (8 * 2**0.5), rel=0.03)


def test_anatomy_counts_in_the_joint_variation_and_not_over_noise_alone(teeth_image):
    rows = np.arange(teeth_image.pixels.shape[0])[:, np.newaxis]
    uneven = teeth_image.pixels + 25 * np.sin(rows / 4)
    plain, waved = (
        PreparedImage(pixels, teeth_image.mask, value_range=(0, 255))
        for pixels in (teeth_image.pixels.astype(float), uneven)
    )

    assert coefficient_of_joint_variation(waved) > 1.3 * coefficient_of_joint_variation(plain)
    assert contrast_to_noise_sigma(waved) == pytest.approx(contrast_to_noise_sigma(plain), rel=0.05)


def test_auc_equals_scikit_learn_and_scipy(teeth_image):
    pixels, mask = teeth_image
    teeth, background = pixels[mask == 1], pixels[ring_by_distance(mask)]
    truth = np.repeat([1, 0], [teeth.size, background.size])

    for stored in (pixels, pixels.astype(np.uint16) * 257, pixels.astype(np.float32) / 255):
        auc = tooth_background_auc(stored, mask)
        assert auc == pytest.approx(
            roc_auc_score(truth, np.concatenate([teeth, background])), rel=1e-9
        )
        u = stats.mannwhitneyu(teeth, background).statistic
        assert auc == pytest.approx(u / (teeth.size * background.size), rel=1e-9)


def test_auc_counts_ties_half_and_order_whole():
    mask = np.zeros((40, 40), dtype=bool)
    mask[15:25, 15:25] = True

    assert tooth_background_auc(np.full((40, 40), 7, dtype=np.uint8), mask) == 0.5
    assert tooth_background_auc(mask.astype(np.uint8), mask) == 1
    assert tooth_background_auc(1 - mask.astype(np.uint8), mask) == 0


def test_gain_and_offset_do_not_change_the_regions_metrics_nor_gamma_the_auc(teeth_image):
    pixels, mask = teeth_image
    moved = pixels.astype(float) * 3 - 1000

    for metric in REGIONS:
        assert metric(moved, mask, value_range=(-1000, -235)) == pytest.approx(
            metric(pixels, mask), rel=1e-9
        )
    assert tooth_background_auc(moved, mask) == tooth_background_auc(pixels, mask)
    assert tooth_background_auc((pixels / 255) ** 0.4, mask) == tooth_background_auc(pixels, mask)


def test_more_noise_lowers_contrast_to_noise_and_raises_the_joint_variation(teeth_image):
    random = np.random.default_rng(3)
    noise = random.normal(size=teeth_image.pixels.shape)
    images = [
        PreparedImage(teeth_image.pixels + sd * noise, teeth_image.mask, value_range=(0, 255))
        for sd in (0, 5, 10, 20, 40)
    ]

    for metric in (contrast_to_noise, contrast_to_noise_sigma):
        assert (np.diff([metric(image) for image in images]) < 0).all()
    assert (np.diff([coefficient_of_joint_variation(image) for image in images]) > 0).all()


def test_any_label_other_than_zero_is_tooth(teeth_image):
    pixels, mask = teeth_image

    assert contrast_to_noise(pixels, mask * 37) == contrast_to_noise(pixels, mask)


@pytest.mark.parametrize("metric", REGIONS)
@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (None, Reason.NO_MASK),
        (np.zeros((30, 30)), Reason.SMALL_MASK),
        (np.eye(30)[:, ::-1] * np.eye(30), Reason.SMALL_MASK),
        (np.ones((30, 30)), Reason.NO_BACKGROUND),
    ],
)
def test_without_teeth_or_background_there_is_no_value(metric, mask, reason):
    with pytest.raises(NotApplicable) as missing:
        metric(np.zeros((30, 30), dtype=np.uint8), mask)
    assert missing.value.reason is reason


@pytest.mark.parametrize("metric", REGIONS)
@pytest.mark.parametrize(("count", "reason"), [(25, None), (24, Reason.SMALL_MASK)])
def test_teeth_of_fewer_than_25_pixels_have_no_value(metric, count, reason):
    mask = np.zeros((40, 40), dtype=bool)
    mask[15:20, 15:20].flat[:count] = True

    assert reason_of(metric, mask) is reason


# Beside teeth that fill all rows lies one column that touches them, then the ring
@pytest.mark.parametrize("metric", REGIONS)
@pytest.mark.parametrize(("rows", "beside", "reason"), [(5, 6, None), (4, 7, Reason.NO_BACKGROUND)])
def test_a_background_of_fewer_than_25_pixels_has_no_value(metric, rows, beside, reason):
    mask = np.zeros((rows, 30 + beside), dtype=bool)
    mask[:, :30] = True

    assert reason_of(metric, mask) is reason


def reason_of(metric, mask):
    pixels = np.random.default_rng(1).integers(0, 256, mask.shape, dtype=np.uint8)
    try:
        metric(pixels, mask)
    except NotApplicable as missing:
        return missing.reason
    return None


def test_regions_without_any_variation_have_no_contrast_to_noise():
    mask = np.zeros((40, 40), dtype=bool)
    mask[15:25, 15:25] = True
    with pytest.raises(NotApplicable, match=Reason.CONSTANT_REGIONS):
        contrast_to_noise(mask.astype(np.uint8), mask)
    with pytest.raises(NotApplicable, match=Reason.NO_NOISE):
        contrast_to_noise_sigma(mask.astype(np.uint8), mask)
    assert coefficient_of_joint_variation(mask.astype(np.uint8), mask) == 0


def test_teeth_as_bright_as_the_background_have_no_joint_variation():
    mask = np.zeros((40, 40), dtype=bool)
    mask[14:26, 14:26] = True
    stripes = np.tile(np.array([10, 30], dtype=np.uint8), (40, 20))
    with pytest.raises(NotApplicable) as missing:
        coefficient_of_joint_variation(stripes, mask)
    assert missing.value.reason is Reason.EQUAL_REGIONS


def test_constant_image():
    grey = np.full((30, 30), 90, dtype=np.uint8)

    assert rms_contrast(grey) == 0
    assert (entropy(grey), str(entropy(grey))) == (0, "0.0")
    assert percentile_contrast(grey) == 0
    assert histogram_spread(grey) == 0
    with pytest.raises(NotApplicable, match=Reason.BLACK):
        percentile_contrast(np.zeros_like(grey))
