import numpy as np
import pytest
from scipy import ndimage

from sts_qa.science.metrics.distribution import Distribution
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason
from sts_qa.science.metrics.metal import artifact_index, metal_level, over_range_fraction
from sts_qa.science.metrics.noise_exposure import noise_sigma
from sts_qa.science.metrics.volumes import VolumeRange, compute_volume
from tests.science.metrics.scenes import (
    AIR,
    METAL,
    SCALE,
    SOFT,
    TOOTH,
    VALUE_RANGE,
    VOLUME,
    crown,
    head,
    places,
    rings,
    waves,
)

CROWN = crown()
CROSS = ndimage.generate_binary_structure(2, 1)


def of_head(added=0.0, noise=20.0, masked=True, **options):
    pixels, teeth = head(noise, added)
    return PreparedImage(pixels, teeth if masked else None, **(VOLUME | options))


def test_level_is_1_8_times_the_tooth_from_soft_tissue_or_2_8_steps_above_it():
    pixels = head(noise=5).pixels
    values = Distribution.of(pixels)

    assert metal_level(values, *VALUE_RANGE, TOOTH) == pytest.approx(
        SOFT + 1.8 * (TOOTH - SOFT), abs=5
    )
    assert metal_level(values, *VALUE_RANGE) == pytest.approx(SOFT + 2.8 * (SOFT - AIR), abs=10)


def test_level_is_the_higher_of_both():
    values = Distribution.of(head(noise=5).pixels)
    without_teeth = metal_level(values, *VALUE_RANGE)

    assert metal_level(values, *VALUE_RANGE, 0.6 * TOOTH) == without_teeth
    assert metal_level(values, *VALUE_RANGE, 1.5 * TOOTH) > without_teeth


def test_level_from_percentiles_is_that_of_all_voxels():
    pixels = head(noise=20).pixels
    percentiles = np.percentile(pixels, np.linspace(0, 100, 1001))
    of_percentiles = Distribution(percentiles, np.ones(1001, dtype=np.int64))

    for tooth in (TOOTH, None):
        assert metal_level(of_percentiles, *VALUE_RANGE, tooth) == pytest.approx(
            metal_level(Distribution.of(pixels), *VALUE_RANGE, tooth), abs=5
        )


@pytest.mark.parametrize("masked", [True, False])
def test_fraction_is_the_area_of_the_crown(masked):
    area = np.count_nonzero(CROWN)
    image = of_head(CROWN, masked=masked)
    drawn = ndimage.binary_opening(CROWN > 0, CROSS)

    assert over_range_fraction(image) == pytest.approx(area / image.pixels.size, rel=0.1)
    assert over_range_fraction(image) == np.count_nonzero(drawn) / image.pixels.size


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        {"noise": 150.0},
        {"added": rings(300)},
        {"added": waves(200)},
    ],
)
def test_fraction_answers_to_metal_only(fault, masked):
    assert over_range_fraction(of_head(masked=masked, **fault)) == 0


def test_level_of_the_volume_goes_before_that_of_the_slice():
    assert over_range_fraction(of_head(metal_level=TOOTH - 200)) > 0.02
    assert over_range_fraction(of_head(CROWN, metal_level=METAL + 300)) == 0


def test_level_of_the_volume_reaches_its_slices():
    pixels = head().pixels
    found = [
        compute_volume(
            ["over_range_fraction"],
            [pixels],
            volume_range=VolumeRange(*VALUE_RANGE, -2000, 4000, metal_level=level),
        )["over_range_fraction"].values[0]
        for level in (None, TOOTH - 200)
    ]

    assert found[0] == 0
    assert found[1] > 0.02


def test_metal_of_a_volume_that_is_cut_off_below_its_level():
    pixels, teeth = head(0, CROWN)
    cut = np.minimum(pixels, 2500)
    options = VOLUME | {"limits": (-2000.0, 2500.0)}

    assert over_range_fraction(cut, mask=teeth, **options) == over_range_fraction(
        pixels, mask=teeth, **VOLUME
    )


@pytest.mark.parametrize(("share", "shown"), [(1.14, False), (1.16, True)])
def test_a_cut_less_than_15_percent_above_the_range_shows_no_metal(share, shown):
    pixels, teeth = head(0, CROWN)
    black, white = VALUE_RANGE
    largest = int(black + share * (white - black))
    options = VOLUME | {"limits": (-2000.0, float(largest))}

    found = over_range_fraction(np.minimum(pixels, largest), mask=teeth, **options)
    assert (found > 0) == shown


def test_a_peak_of_few_grey_levels_is_not_cut_off():
    rows, columns = places()
    distance = np.hypot(rows - 17, columns - 50)
    pixels, teeth = head(0, 800 * np.exp(-((distance / 12) ** 2)))
    in_steps = 40 * (pixels // 40)
    at_the_top = in_steps == in_steps.max()
    options = VOLUME | {"limits": (-2000.0, float(in_steps.max()))}

    assert ndimage.binary_opening(at_the_top, CROSS).any()
    assert over_range_fraction(in_steps, mask=teeth, **options) == 0


def test_a_volume_cut_off_among_its_teeth_shows_no_metal():
    pixels, teeth = head()
    cut = np.minimum(pixels, int(VALUE_RANGE[1]) - 250)
    options = VOLUME | {"limits": (-2000.0, VALUE_RANGE[1])}

    assert over_range_fraction(cut, mask=teeth, **options) == 0


def test_neither_teeth_nor_air_is_missing():
    inside = head(noise=20).pixels[68:188, 68:188]

    with pytest.raises(NotApplicable) as missing:
        over_range_fraction(inside, **VOLUME)
    assert missing.value.reason is Reason.NO_METAL_LEVEL


@pytest.mark.parametrize("spacing", [(0.4, 0.4), (0.3, 0.5)])
def test_artifact_index_equals_its_formula(spacing):
    specks = np.zeros(CROWN.shape)
    specks[140:150:5, 190:200:5] = 3000
    # too small to be metal, too bright to be what it did
    image = of_head(CROWN + waves(60) + specks, spacing=spacing, metal_level=2900.0)
    metal = ndimage.binary_opening(image.pixels > 2900, CROSS)
    distance = ndimage.distance_transform_edt(~metal, sampling=spacing)
    near = image.pixels[(image.pixels <= 2900) & (distance <= 10 + 1e-6)].astype(float)
    expected = np.sqrt(max(0, (near.std() * SCALE) ** 2 - noise_sigma(image) ** 2))

    assert artifact_index(image) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("noise", [0, 20, 60])
def test_artifact_index_is_the_sd_that_is_not_noise(noise):
    rows, columns = places()
    scene = np.where(np.hypot(rows, columns) < 8, 3800, SOFT + waves(90))
    scene[np.abs(rows) > 90] = AIR
    random = np.random.default_rng(8)
    pixels = np.rint(scene + noise * random.standard_normal(scene.shape)).astype(np.int16)

    assert artifact_index(pixels, **VOLUME) == pytest.approx(90 / np.sqrt(2) * SCALE, rel=0.1)


def test_artifact_index_is_0_where_there_is_only_noise():
    rows, columns = places()
    metal = np.hypot(rows, columns) < 8
    scene = np.where(metal, 3800.0, SOFT)
    scene[np.abs(rows) > 90] = AIR
    noise = 40 * np.random.default_rng(8).standard_normal(scene.shape)
    pixels = np.rint(scene + noise).astype(np.int16)

    assert artifact_index(pixels, **VOLUME) < 0.5 * 40 * SCALE


def test_artifact_index_has_no_value_without_metal_or_spacing():
    for image, reason in (
        (of_head(), Reason.NO_METAL),
        (of_head(CROWN, spacing=None), Reason.NO_SPACING),
    ):
        with pytest.raises(NotApplicable) as missing:
            artifact_index(image)
        assert missing.value.reason is reason


@pytest.mark.parametrize("metric", [over_range_fraction, artifact_index])
def test_gain_and_offset_of_the_volume_change_nothing(metric):
    pixels, teeth = head(20, CROWN + waves(60))
    pixels = pixels.astype(np.int32)
    options = VOLUME | {
        "value_range": tuple(3 * v + 4000 for v in VALUE_RANGE),
        "limits": tuple(3 * v + 4000 for v in VOLUME["limits"]),
    }

    assert metric(3 * pixels + 4000, mask=teeth, **options) == pytest.approx(
        metric(pixels, mask=teeth, **VOLUME), rel=1e-9
    )
