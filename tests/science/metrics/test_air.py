import numpy as np
import pytest
from scipy import stats

from sts_qa.science.metrics.air import (
    air_artifact_share,
    air_sigma,
    entropy_focus,
    foreground_background_energy,
)
from sts_qa.science.metrics.compute import compute
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason
from tests.science.metrics.independent import mriqc_efc, mriqc_fber, mriqc_qi1
from tests.science.metrics.scenes import (
    AIR,
    SCALE,
    SOFT,
    VALUE_RANGE,
    VOLUME,
    head,
    places,
    regions,
    without_air,
)

METRICS_OF_AIR = [air_sigma, air_artifact_share, foreground_background_energy, entropy_focus]


def bright_lines(pixels, amplitude):
    """Lines 3 px wide through the air of two corners."""
    streaked = pixels.astype(float)
    streaked[8:11, 4:60] += amplitude
    streaked[20:70, 240:243] += amplitude
    return np.rint(streaked).astype(np.int16)


@pytest.fixture
def padded():
    """A head whose field of view is a circle, with padding outside."""
    pixels = head(noise=25).pixels.copy()
    pixels[np.hypot(*places()) > 127] = VOLUME["limits"][0]
    return bright_lines(pixels, 0)


@pytest.mark.parametrize("noise", [40, 80, 160])
def test_air_sigma_is_the_noise_of_air(noise):
    assert air_sigma(head(noise).pixels, **VOLUME) == pytest.approx(noise * SCALE, rel=0.03)


def test_air_sigma_equals_scipy_on_the_air_outside_the_head(padded):
    for pixels in (head().pixels, padded):
        air = pixels[regions(pixels)[0]].astype(float)
        expected = stats.median_abs_deviation(air, scale="normal") * SCALE

        assert air_sigma(pixels, **VOLUME) == pytest.approx(expected, rel=1e-9)


def test_artifacts_in_air_equal_mriqc(padded):
    for pixels in (head().pixels, padded, bright_lines(head().pixels, 400)):
        expected = mriqc_qi1(pixels.astype(float), regions(pixels)[0])

        assert air_artifact_share(pixels, **VOLUME) == pytest.approx(expected, rel=1e-9)


def test_artifacts_in_air_are_the_lines_that_were_drawn():
    clean = head().pixels
    # Means of 25 pixels with at least 3 of a line lie 48 above air or more, 12 SDs; with 2 only 8
    found = sum(3 * (length + 4) + 2 * (length + 2) + 2 * length for length in (56, 50))

    assert air_artifact_share(clean, **VOLUME) == 0
    assert air_artifact_share(bright_lines(clean, 400), **VOLUME) == pytest.approx(
        found / regions(clean)[0].sum(), rel=0.05
    )


def test_streaks_below_the_threshold_of_single_pixels_are_artifacts_in_air():
    clean = head(30).pixels
    streaked = clean.copy()
    # 3 SDs of the noise, 15 of a mean of 25 pixels: found where at least 2/3 of them are streak
    streaked[8:18, 4:64] += 90

    assert air_artifact_share(clean, **VOLUME) == 0
    assert air_artifact_share(streaked, **VOLUME) == pytest.approx(
        8 * 57 / regions(clean)[0].sum(), rel=0.15
    )


def test_noise_alone_is_no_artifact_in_air():
    assert air_artifact_share(head(noise=150).pixels, **VOLUME) == 0


def test_energy_equals_mriqc_counted_from_air(padded):
    for pixels in (head().pixels, padded):
        air, tissue = regions(pixels)
        counted = np.minimum(pixels, VALUE_RANGE[1]) - np.median(pixels[air])

        assert foreground_background_energy(pixels, **VOLUME) == pytest.approx(
            mriqc_fber(counted, tissue, air), rel=1e-9
        )


def test_energy_is_that_of_soft_tissue_over_that_of_noise():
    expected = (SOFT - AIR) ** 2 / (20 * 0.6744898) ** 2

    assert foreground_background_energy(head(20).pixels, **VOLUME) == pytest.approx(
        expected, rel=0.1
    )


def test_entropy_focus_of_camera_equals_the_published_value(camera):
    assert entropy_focus(camera) == pytest.approx(0.859303, abs=5e-7)
    assert entropy_focus(camera) == pytest.approx(mriqc_efc(camera.astype(float)), rel=1e-9)


def test_entropy_focus_of_a_slice_equals_mriqc_after_clipping():
    pixels = head().pixels
    clipped = np.clip(pixels.astype(float), *VALUE_RANGE) - VALUE_RANGE[0]

    assert entropy_focus(pixels, **VOLUME) == pytest.approx(mriqc_efc(clipped), rel=1e-9)


def test_entropy_focus_is_1_for_equal_pixels_and_0_for_one_bright_pixel():
    one = np.zeros((32, 32), dtype=np.uint8)
    one[7, 9] = 200

    assert entropy_focus(np.full((32, 32), 90, dtype=np.uint8)) == pytest.approx(1, rel=1e-9)
    assert entropy_focus(one) == pytest.approx(0, abs=1e-12)


def test_metal_does_not_change_entropy_focus():
    pixels = head(noise=0).pixels
    bright = np.where(pixels > VALUE_RANGE[1] - 300, 1950, pixels)

    assert entropy_focus(np.where(bright == 1950, 3000, bright), **VOLUME) == pytest.approx(
        entropy_focus(bright, **VOLUME), rel=1e-12
    )


def test_all_answer_to_noise_in_their_direction():
    quiet, noisy = ({m: m(head(n).pixels, **VOLUME) for m in METRICS_OF_AIR} for n in (15, 60))

    assert noisy[air_sigma] == pytest.approx(4 * quiet[air_sigma], rel=0.05)
    assert noisy[foreground_background_energy] < quiet[foreground_background_energy] / 10
    assert noisy[entropy_focus] > quiet[entropy_focus]


@pytest.mark.parametrize("metric", METRICS_OF_AIR)
def test_gain_and_offset_of_the_volume_change_nothing(metric):
    pixels = bright_lines(head().pixels, 400).astype(np.int32)
    moved = 3 * pixels + 4000
    options = VOLUME | {
        "value_range": tuple(3 * v + 4000 for v in VALUE_RANGE),
        "limits": tuple(3 * v + 4000 for v in VOLUME["limits"]),
    }

    assert metric(moved, **options) == pytest.approx(metric(pixels, **VOLUME), rel=1e-9)


@pytest.mark.parametrize("metric", METRICS_OF_AIR)
def test_depth_and_float_give_the_same_value(metric):
    pixels = head().pixels
    expected = metric(pixels, **VOLUME)

    assert metric(pixels.astype(np.float64), **VOLUME) == pytest.approx(expected, rel=1e-9)
    assert metric(pixels.astype(np.float32), **VOLUME) == pytest.approx(expected, rel=1e-6)


def test_padding_is_not_air():
    pixels = head(noise=30).pixels
    wide = np.pad(pixels, 60, constant_values=int(VOLUME["limits"][0]))

    for metric in (air_sigma, foreground_background_energy):
        assert metric(wide, **VOLUME) == pytest.approx(metric(pixels, **VOLUME), rel=0.05)


@pytest.mark.parametrize("metric", METRICS_OF_AIR)
def test_no_air_is_missing_not_zero(metric):
    inside, value_range = without_air()

    for options in (VOLUME, VOLUME | {"value_range": value_range}):
        with pytest.raises(NotApplicable) as missing:
            metric(inside, **options)
        assert missing.value.reason is Reason.NO_AIR


@pytest.mark.parametrize(("side", "shown"), [(33, False), (39, True)])
def test_air_of_less_than_1_percent_is_no_air(side, shown):
    noise = np.random.default_rng(5).normal(0, 20, (256, 256))
    pixels = np.rint(SOFT + noise).astype(np.int16)
    pixels[40 : 40 + side, 60 : 60 + side] += int(AIR - SOFT)
    found = compute(["air_sigma"], pixels, **VOLUME)["air_sigma"]

    # pixels within 5 px of tissue do not count: 23 and 29 of 256 to a side are left
    assert (regions(pixels)[0].mean() >= 0.01) == shown
    assert found.reason == ("" if shown else Reason.NO_AIR)


@pytest.mark.parametrize("metric", METRICS_OF_AIR[:3])
def test_air_cut_off_at_one_value_is_missing(metric):
    cut = np.maximum(head().pixels, -900)

    with pytest.raises(NotApplicable) as missing:
        metric(cut, **VOLUME)
    assert missing.value.reason is Reason.CONSTANT_AIR


def test_not_finite_too_small_and_radiographs_have_reasons():
    spoilt = head().pixels.astype(np.float32)
    spoilt[3, 3] = np.nan
    names = [metric.__name__ for metric in METRICS_OF_AIR]
    tiny = head().pixels[:4, :4]

    assert {v.reason for v in compute(names, spoilt, **VOLUME).values()} == {Reason.NOT_FINITE}
    assert {v.reason for v in compute(names, tiny, **VOLUME).values()} == {Reason.TOO_SMALL}
    assert {v.reason for v in compute(names, tiny).values()} == {Reason.WRONG_KIND}


def test_the_slice_is_not_changed():
    pixels = head().pixels
    before = pixels.copy()
    image = PreparedImage(pixels, **VOLUME)

    for metric in METRICS_OF_AIR:
        metric(image)
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_specks_in_air_are_no_tissue(dtype):
    """Bright specks of 2 x 2 px every 12 px: content, but nothing as wide as 5 px."""
    row, column = np.ogrid[:132, :132]
    specks = (row % 12 // 2 == 3) & (column % 12 // 2 == 3)
    pixels = np.random.default_rng(7).normal(AIR, 20, specks.shape) + 4600 * specks
    pixels = np.rint(pixels).astype(dtype)
    found = compute([metric.__name__ for metric in METRICS_OF_AIR], pixels, **VOLUME)

    assert found["foreground_background_energy"].reason == Reason.ONLY_AIR
    others = [found[name] for name in ("air_sigma", "air_artifact_share", "entropy_focus")]
    assert all(one.value is not None for one in others)
