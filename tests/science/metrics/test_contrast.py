import numpy as np
import pytest
from scipy import ndimage, stats
from sklearn.metrics import roc_auc_score

from sts_qa.science.metrics.contrast import (
    contrast_to_noise,
    histogram_spread,
    percentile_contrast,
    rms_contrast,
    tooth_background_auc,
)
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason
from sts_qa.science.metrics.regions import background_ring


def ring_by_distance(mask: np.ndarray) -> np.ndarray:
    distance = ndimage.distance_transform_edt(mask == 0)
    return (distance >= 2) & (distance <= 15)


def test_published_values_on_camera(camera):
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

    assert contrast_to_noise(moved, mask) == pytest.approx(
        contrast_to_noise(pixels, mask), rel=1e-9
    )
    assert tooth_background_auc(moved, mask) == tooth_background_auc(pixels, mask)
    assert tooth_background_auc((pixels / 255) ** 0.4, mask) == tooth_background_auc(pixels, mask)


def test_more_noise_lowers_contrast_to_noise(teeth_image):
    random = np.random.default_rng(3)
    noise = random.normal(size=teeth_image.pixels.shape)
    values = [
        contrast_to_noise(teeth_image.pixels + sd * noise, teeth_image.mask)
        for sd in (0, 5, 10, 20, 40)
    ]

    assert values == sorted(values, reverse=True)


def test_any_label_other_than_zero_is_tooth(teeth_image):
    pixels, mask = teeth_image

    assert contrast_to_noise(pixels, mask * 37) == contrast_to_noise(pixels, mask)


@pytest.mark.parametrize("metric", [contrast_to_noise, tooth_background_auc])
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


def test_regions_without_any_variation_have_no_contrast_to_noise():
    mask = np.zeros((40, 40), dtype=bool)
    mask[15:25, 15:25] = True
    with pytest.raises(NotApplicable, match=Reason.CONSTANT_REGIONS):
        contrast_to_noise(mask.astype(np.uint8), mask)


def test_constant_image():
    grey = np.full((30, 30), 90, dtype=np.uint8)

    assert rms_contrast(grey) == 0
    assert percentile_contrast(grey) == 0
    assert histogram_spread(grey) == 0
    with pytest.raises(NotApplicable, match=Reason.BLACK):
        percentile_contrast(np.zeros_like(grey))
