"""One fault at a time: nothing at strength 0, more with more strength, each what its name says."""

from functools import cache, partial

import numpy as np
import pytest

from sts_qa.science.phantoms.faults import (
    FAULTS,
    VOLUME_NOISE,
    faulty_radiograph,
    faulty_volume,
)
from sts_qa.science.phantoms.tomography import project, reconstruct, scan_angles

SEED = 3
# Each slice takes as long as the next; several tests look at the same volume
few_slices = partial(faulty_volume, slices=2)
MAKERS = {"radiograph": cache(faulty_radiograph), "volume": cache(few_slices)}


def difference(make, fault, strength):
    clean = make("blur", 0, SEED).pixels.astype(float)
    return make(fault, strength, SEED).pixels - clean


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("fault", FAULTS)
def test_strength_0_is_the_clean_phantom_and_more_strength_changes_more(make, fault):
    assert not difference(make, fault, 0).any()
    changes = [np.abs(difference(make, fault, strength)).mean() for strength in (0.3, 1)]
    assert 0 < changes[0] < changes[1]


@pytest.mark.parametrize("make", [faulty_radiograph, few_slices], ids=MAKERS)
def test_the_seed_decides_everything(make):
    first, again, other = (make("noise", 0.5, seed) for seed in (SEED, SEED, SEED + 1))
    assert np.array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, other.pixels)
    assert first.mask.shape == first.pixels.shape
    assert first.mask.any()


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize(
    ("fault", "strength", "words"), [("fog", 1, "no such fault: fog"), ("blur", 1.1, "from 0 to 1")]
)
def test_other_faults_and_strengths_are_refused(make, fault, strength, words):
    with pytest.raises(ValueError, match=words):
        make(fault, strength, SEED)


def test_noise_has_the_stated_sd():
    added = difference(MAKERS["volume"], "noise", 1)
    assert added.std() == pytest.approx(200, rel=0.01)


def test_clipping_ends_the_grey_scale():
    radiograph = faulty_radiograph("clipping", 1, SEED).pixels
    assert np.mean(radiograph == 0) > 0.02
    volume = few_slices("clipping", 0.7, SEED).pixels
    assert np.count_nonzero(volume == volume.max()) > 100


def test_only_streaks_bring_metal():
    brightest = {fault: int(MAKERS["volume"](fault, 1, SEED).pixels.max()) for fault in FAULTS}
    metal = brightest.pop("streaks")
    assert metal > 5500
    assert max(brightest.values()) < 4500


def test_motion_of_a_radiograph_stays_in_the_middle_columns():
    moved = difference(MAKERS["radiograph"], "motion", 1)
    assert not moved[:, :150].any()
    assert not moved[:, 490:].any()
    assert moved[:, 200:440].any()


def test_rings_run_around_the_middle_of_the_slice():
    added = difference(faulty_volume, "rings", 1)[4]
    rows, columns = np.indices(added.shape) - (added.shape[0] - 1) / 2
    inside = np.hypot(rows, columns) < 100
    quarter_turn = np.corrcoef(added[inside], np.rot90(added)[inside])[0, 1]
    shifted = np.corrcoef(added[inside], np.roll(added, 9, axis=1)[inside])[0, 1]
    assert quarter_turn > 0.8
    assert abs(shifted) < 0.3
    assert added[inside].std() > VOLUME_NOISE


def disk(radius, count=128):
    """A disk of value 1 with soft edges, off the middle."""
    rows, columns = np.indices((count, count)) - (count - 1) / 2
    return np.clip(radius + 0.5 - np.hypot(rows - 11, columns + 7), 0, 1)


def test_projections_of_a_disk_are_its_chords():
    angles = scan_angles(9)
    sums = project(disk(20.0)[None], angles)[0]
    for angle, row in zip(angles, sums, strict=True):
        middle = -7 * np.cos(angle) + 11 * np.sin(angle)
        offset = np.arange(128) - 63.5 - middle
        chord = 2 * np.sqrt(np.maximum(20.0**2 - offset**2, 0))
        np.testing.assert_allclose(row[chord > 20], chord[chord > 20], atol=0.5)
        assert not row[np.abs(offset) > 22].any()
        assert row.sum() == pytest.approx(np.pi * 20**2, rel=0.01)


def test_a_disk_comes_back_from_its_projections():
    angles = scan_angles(241)
    truth = disk(20.0)
    found = reconstruct(project(truth[None], angles), angles)[0]
    assert found[disk(16.0) == 1].mean() == pytest.approx(1, abs=0.01)
    assert np.abs(found[(disk(24.0) == 0) & (disk(50.0) > 0)]).mean() < 0.02
