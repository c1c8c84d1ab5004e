import numpy as np
import pytest

from sts_qa.science.metrics.air import even_tissue
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason
from sts_qa.science.metrics.streaks import streak_energy
from tests.science.metrics.scenes import (
    CROWN_AT,
    SCALE,
    VALUE_RANGE,
    VOLUME,
    crown,
    head,
    places,
    rays,
    rings,
)

LEVEL = {"metal_level": 2800.0}


def energy(added=0.0, noise=20.0, **options):
    return streak_energy(head(noise, crown() + added).pixels, **(VOLUME | LEVEL | options))


def by_formula(pixels, even):
    """The documented formula, one ray at a time."""
    rows, columns = places()
    down, right = 0.4 * (rows - CROWN_AT[0]), 0.4 * (columns - CROWN_AT[1])
    distance, turn = np.hypot(down, right), np.degrees(np.arctan2(down, right)) % 360
    near = even & (distance >= 3) & (distance <= 30)
    found = [pixels[near & (turn // 3 == ray)].astype(float) for ray in range(120)]
    found = [values for values in found if values.size >= 8]
    medians = np.array([np.median(values) for values in found])
    deviation = np.mean([np.median(np.abs(v - np.median(v))) for v in found]) / 0.6744897501960817
    noise = np.pi / 2 * deviation**2 * np.mean([1 / v.size for v in found])
    return (medians.var() - noise) * SCALE**2


@pytest.mark.parametrize("amplitude", [0, 40, 150])
def test_energy_equals_its_formula(amplitude):
    image = PreparedImage(head(20, crown() + rays(amplitude)).pixels, **(VOLUME | LEVEL))

    assert streak_energy(image) == pytest.approx(
        by_formula(image.pixels, even_tissue(image)), rel=0.02, abs=0.02
    )


def test_soft_tissue_is_even_and_nothing_else_is():
    image = PreparedImage(head(20).pixels, **VOLUME)
    rows, columns = places()
    tissue = np.hypot(rows / 90, columns / 80) < 1
    even = even_tissue(image)

    assert even[np.hypot(rows - 17, columns) < 30].all()
    assert not even[~tissue].any()
    assert not even[head(20).teeth > 0].any()


@pytest.mark.parametrize("amplitude", [40, 80, 160])
@pytest.mark.parametrize("noise", [5, 40])
def test_energy_of_rays_is_their_squared_amplitude(amplitude, noise):
    assert energy(rays(amplitude), noise) == pytest.approx((amplitude * SCALE) ** 2, rel=0.1)


def test_noise_alone_has_little_energy():
    assert all(abs(energy(noise=noise)) < 0.05 * (noise * SCALE) ** 2 for noise in (10, 40, 80))


def test_energy_answers_to_rays_more_than_to_rings():
    assert energy(rays(120)) > 10 * energy(rings(120))


def test_gain_and_offset_of_the_volume_change_nothing():
    pixels = head(20, crown() + rays(60)).pixels.astype(np.int32)
    options = VOLUME | {
        "value_range": tuple(3 * v + 4000 for v in VALUE_RANGE),
        "limits": tuple(3 * v + 4000 for v in VOLUME["limits"]),
    }

    assert streak_energy(3 * pixels + 4000, metal_level=12400.0, **options) == pytest.approx(
        streak_energy(pixels, **VOLUME, **LEVEL), rel=1e-9
    )


def test_without_metal_spacing_or_soft_tissue_there_is_no_value():
    rows, columns = places()
    uneven = np.minimum(2500, 2000 * np.random.default_rng(4).standard_normal(rows.shape))
    uneven[np.hypot(rows, columns) < 8] = 4000
    for pixels, options, reason in (
        (head().pixels, {}, Reason.NO_METAL),
        (head(20, crown()).pixels, {"spacing": None}, Reason.NO_SPACING),
        (uneven, {}, Reason.NO_TISSUE),
    ):
        with pytest.raises(NotApplicable) as missing:
            streak_energy(pixels, **(VOLUME | LEVEL | options))
        assert missing.value.reason is reason
