import numpy as np
import pytest
from scipy import ndimage

from sts_qa.science.metrics.image import NotApplicable, Reason
from sts_qa.science.metrics.noise_exposure import noise_sigma
from sts_qa.science.metrics.rings import ring_index, ring_profile
from tests.science.metrics.independent import ring_spread
from tests.science.metrics.scenes import (
    SCALE,
    SOFT,
    VALUE_RANGE,
    VOLUME,
    crown,
    head,
    places,
    rays,
    rings,
    waves,
)


def by_formula(pixels, **steps):
    return ring_spread(pixels, **steps) * SCALE


@pytest.mark.parametrize("amplitude", [0, 40, 150])
def test_index_equals_its_formula(amplitude):
    pixels = head(20, rings(amplitude)).pixels
    expected = by_formula(pixels) / noise_sigma(pixels, **VOLUME)

    assert ring_index(pixels, **VOLUME) == pytest.approx(expected, rel=1e-9)


def test_rays_from_metal_and_noise_are_no_rings():
    for streaked in (head(20, crown() + rays(300)).pixels, head(60).pixels):
        assert ring_index(streaked, **VOLUME) < 0.01
    assert ring_index(head(20, rings(15)).pixels, **VOLUME) > 0.02


def test_profile_is_the_rings_that_were_drawn():
    distance = np.hypot(*places())
    pixels = SOFT + 100.0 * (np.abs(distance - 60) < 2)
    profile = ring_profile(pixels, **VOLUME)
    radii = 10 + np.arange(len(profile))

    assert profile[radii == 60] == 100
    assert np.abs(profile[np.abs(radii - 60) > 3]).max() == 0


def test_edges_around_the_centre_are_no_rings():
    distance = np.hypot(*places())
    step = np.where(distance < 60, SOFT, -1000.0)

    assert np.abs(ring_profile(step, **VOLUME)).max() == 0
    assert ring_profile(ndimage.gaussian_filter(step, 2), **VOLUME).std() < 5


def test_index_is_the_sd_over_the_radius_over_the_noise():
    random = np.random.default_rng(2)
    distance = np.hypot(*places())
    pattern = 80.0 * (np.abs((distance % 20) - 10) < 1.5)
    pixels = SOFT + pattern + 10 * random.standard_normal(pattern.shape)
    share = 3 / 20

    assert ring_profile(pixels, **VOLUME).std() == pytest.approx(
        80 * np.sqrt(share * (1 - share)), rel=0.15
    )


def test_index_answers_to_rings_much_more_than_to_other_faults():
    clean = ring_index(head(20).pixels, **VOLUME)
    ringed = ring_index(head(20, rings(150)).pixels, **VOLUME)

    assert ringed > 5 * clean
    for other in (
        head(60).pixels,
        head(20, waves(150)).pixels,
        head(20, crown() + rays(300)).pixels,
        np.rint(ndimage.gaussian_filter(head(20).pixels.astype(float), 1.5)).astype(np.int16),
    ):
        assert ring_index(other, **VOLUME) < 0.2 * ringed


def test_index_grows_with_the_rings():
    found = [
        ring_index(head(20, rings(amplitude)).pixels, **VOLUME) for amplitude in range(0, 160, 30)
    ]

    assert found == sorted(found)


def test_circles_are_of_equal_mm_where_pixels_are_not_square():
    rows, columns = np.mgrid[:200, :300] - np.array([99.5, 149.5])[:, None, None]
    distance = np.hypot(rows * 0.6, columns * 0.4) / 0.4
    pixels = SOFT + 100.0 * (np.abs(distance - 80) < 1.5)
    pixels += 10 * np.random.default_rng(1).standard_normal(pixels.shape)
    right, wrong = (
        ring_index(pixels, **(VOLUME | {"spacing": spacing}))
        for spacing in ((0.6, 0.4), (0.5, 0.5))
    )

    assert right > 4 * wrong
    assert right * noise_sigma(pixels, **VOLUME) == pytest.approx(
        by_formula(pixels, row_step=2 / 3), rel=1e-2
    )


def test_without_noise_the_index_stays_finite():
    pixels = head(0, rings(100)).pixels

    assert ring_index(pixels, **VOLUME) == pytest.approx(by_formula(pixels) / 0.25, rel=0.02)


def test_gain_and_offset_of_the_volume_change_nothing():
    pixels = head(20, rings(60)).pixels.astype(np.int32)
    options = VOLUME | {
        "value_range": tuple(3 * v + 4000 for v in VALUE_RANGE),
        "limits": tuple(3 * v + 4000 for v in VOLUME["limits"]),
    }

    assert ring_index(3 * pixels + 4000, **options) == pytest.approx(
        ring_index(pixels, **VOLUME), rel=1e-4
    )


def test_fewer_than_twenty_radii_are_too_few():
    # from 10 px to 5 px before the border
    pixels = head().pixels[:69, :69]

    assert len(ring_profile(pixels, **VOLUME)) == 20
    with pytest.raises(NotApplicable) as missing:
        ring_index(pixels[:68, :68], **VOLUME)
    assert missing.value.reason is Reason.TOO_SMALL
