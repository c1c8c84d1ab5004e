"""Artifacts of volumes on phantoms of a head, one fault at a time."""

from functools import cache

import numpy as np
import pytest

from sts_qa.science.metrics.distribution import Distribution
from sts_qa.science.metrics.image import Reason
from sts_qa.science.metrics.metal import metal_level
from sts_qa.science.metrics.volumes import VolumeRange, compute_volume
from sts_qa.science.phantoms.volume import TOOTH_FIELD, WHOLE_FIELD, volume_phantom
from tests.science.metrics.scenes import range_of

SHAPE = (32, 128, 128)
SPACING = (WHOLE_FIELD[1] / SHAPE[1], WHOLE_FIELD[2] / SHAPE[2])


@cache
def whole_head(**fault):
    return volume_phantom(3, shape=SHAPE, field=WHOLE_FIELD, **fault)


def measured(names, fault, masked=True):
    """Values of every slice of a phantom of the whole head, the level of metal as of a volume."""
    phantom = whole_head(**fault)
    pixels, mask = phantom.pixels, phantom.mask
    found = range_of(pixels)
    level = metal_level(
        Distribution.of(pixels),
        found.low,
        found.high,
        float(np.median(pixels[mask > 0])) if masked else None,
    )
    facts = VolumeRange(found.low, found.high, found.minimum, found.maximum, level)
    values = compute_volume(
        names, pixels, mask if masked else None, volume_range=facts, spacing=SPACING
    )
    return {name: values[name].values for name in names}


@pytest.mark.parametrize("fault", [{"noise": 100.0}, {"blur": 1.0}, {"rings": 100.0}])
def test_metal_is_found_only_where_there_is_metal(fault):
    for masked in (True, False):
        found = measured(["over_range_fraction"], fault, masked)["over_range_fraction"]
        assert np.nanmax(found) == 0, masked


@pytest.mark.parametrize("noise", [25.0, 75.0])
def test_two_crowns_are_found_in_the_slices_that_show_them(noise):
    phantom = whole_head(noise=0.0, streaks=1.0)
    # metal has 3071 and enamel 2600, what one ray of amplitude 1 adds is nothing
    share = (phantom.pixels > 2900).mean(axis=(1, 2))
    fault = {"noise": noise, "streaks": 1.0}
    for masked in (True, False):
        found = measured(["over_range_fraction"], fault, masked)["over_range_fraction"]
        assert np.array_equal(found > 0, share > 0), masked
        assert found[share > 0] == pytest.approx(share[share > 0], rel=0.35), masked


def test_streaks_and_rings_have_a_metric_each():
    names = ["streak_energy", "ring_index"]
    # 1 is metal that makes no streaks
    clean = measured(names, {"streaks": 1.0})
    streaked = measured(names, {"streaks": 300.0})
    ringed = measured(names, {"streaks": 1.0, "rings": 100.0})

    assert np.nanmax(streaked["streak_energy"]) > 5
    assert np.nanmax(np.abs(clean["streak_energy"])) < 1
    assert np.nanmedian(ringed["ring_index"]) > 10 * np.nanmedian(clean["ring_index"])
    assert np.nanmedian(streaked["ring_index"]) < 0.05 * np.nanmedian(ringed["ring_index"])


def test_air_is_found_only_where_there_is_air():
    inside = volume_phantom(3, shape=(32, 160, 160), field=TOOTH_FIELD).pixels[:, 34:92, 50:110]
    share = (inside < -500).mean(axis=(1, 2))
    found = compute_volume(["air_sigma"], inside, volume_range=range_of(inside))["air_sigma"]
    shown = ~np.isnan(found.values)

    assert not shown[share < 0.01].any()
    assert shown.sum() < shown.size / 2
    assert set(found.reasons) - {""} == {Reason.NO_AIR}
