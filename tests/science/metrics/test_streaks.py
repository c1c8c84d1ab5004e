import numpy as np
import pytest

from sts_qa.science.metrics import streaks
from sts_qa.science.metrics.air import even_tissue
from sts_qa.science.metrics.compute import measure
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason
from sts_qa.science.metrics.streaks import streak_energy
from sts_qa.science.metrics.table import METRICS
from tests.science.metrics.scenes import (
    CROWN_AT,
    SCALE,
    SIDE,
    SOFT,
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


def by_formula(image, centre=CROWN_AT):
    """The documented formula, one ray at a time; `centre` is the row and column of metal."""
    pixels, even = image.pixels, even_tissue(image)
    # in this order: a pixel between two rays goes where rounding puts it
    down, right = (
        np.arange(SIDE) * side - ((SIDE - 1) / 2 + middle) * side
        for side, middle in zip(image.spacing, centre, strict=True)
    )
    down, right = np.meshgrid(down, right, indexing="ij")
    distance, turn = np.hypot(down, right), np.arctan2(down, right) / (2 * np.pi) % 1
    near = even & (distance >= 3) & (distance <= 30)
    found = [pixels[near & (120 * turn // 1 == ray)].astype(float) for ray in range(120)]
    found = [values for values in found if values.size >= 8]
    medians = np.array([np.median(values) for values in found])
    deviation = np.mean([np.median(np.abs(v - np.median(v))) for v in found]) / 0.6744897501960817
    noise = np.pi / 2 * deviation**2 * np.mean([1 / v.size for v in found])
    return (medians.var() - noise) * SCALE**2


@pytest.mark.parametrize("amplitude", [0, 40, 150])
def test_energy_equals_its_formula(amplitude):
    image = PreparedImage(head(20, crown() + rays(amplitude)).pixels, **(VOLUME | LEVEL))

    assert streak_energy(image) == pytest.approx(by_formula(image), rel=1e-9)


@pytest.mark.parametrize("spacing", [(0.4, 0.4), (0.3, 0.5)])
@pytest.mark.parametrize("where", [(40, -30), (-40, 30)])
def test_rays_are_those_of_the_largest_piece_of_metal_in_mm(spacing, where):
    """A small pin and a smaller one in tissue that is soft from edge to edge."""
    rows, columns = places()
    pins = [np.hypot(rows - row, columns - column) for row, column in (where, (-50, -60))]
    # Uneven by direction and by distance, so that it matters where rays run, begin and end
    scene = SOFT + 60 * np.sin(rows / 9) + 40 * np.cos(columns / 13)
    scene += 60 * (pins[0] < 8)
    scene += 20 * np.random.default_rng(6).standard_normal(scene.shape)
    scene[pins[0] < 3], scene[pins[1] < 2] = 4000, 4000
    image = PreparedImage(
        np.rint(scene).astype(np.int16), **(VOLUME | LEVEL | {"spacing": spacing})
    )

    assert streak_energy(image) == pytest.approx(by_formula(image, where), rel=1e-9)


@pytest.mark.parametrize(("rays", "reason"), [(11, Reason.NO_TISSUE), (12, None)])
def test_at_least_twelve_rays_must_run_through_even_tissue(monkeypatch, rays, reason):
    rows, columns = places()
    turn = np.arctan2(rows, columns) / (2 * np.pi) % 1
    monkeypatch.setattr(streaks, "even_tissue", lambda image: turn < rays / 120)
    scene = np.where(np.hypot(rows, columns) < 4, 4000, SOFT)
    image = PreparedImage(scene.astype(np.int16), **(VOLUME | LEVEL))

    assert measure(METRICS["streak_energy"], image).reason == (reason or "")


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
