"""Extremes, percentiles and histograms of whole images, checked against numpy."""

import numpy as np
import pytest

from sts_qa.science.imaging import store_values
from sts_qa.science.imaging.store import open_store, write_store
from sts_qa.science.imaging.value_ranges import robust_range, value_ranges
from tests.science.imaging.files import save_nifti

RANDOM = np.random.default_rng(21)
PERCENTS = np.linspace(0, 100, 1001)
IMAGES = {
    "uint8": RANDOM.integers(3, 250, (11, 12, 13), dtype=np.uint8),
    "int16": RANDOM.normal(-200, 900, (11, 12, 13)).astype(np.int16),
    "uint16": RANDOM.integers(0, 65536, (11, 12, 13), dtype=np.uint16),
    "float32": RANDOM.normal(0.1, 3e-3, (11, 12, 13)).astype(np.float32),
    "large": RANDOM.uniform(-1e38, 1e38, (11, 12, 13)).astype(np.float32),
    "few": np.array([[[5, -7]]], np.int16),
    "constant": np.full((2, 2, 2), 9, np.uint8),
    "constant float": np.full((2, 2, 2), 0.25, np.float32),
}


@pytest.mark.parametrize("name", IMAGES)
def test_they_are_those_of_numpy(name):
    values = IMAGES[name]
    ranges = value_ranges(values)
    precise = values.astype(np.float64)
    assert ranges.extremes == (precise.min(), precise.max())
    assert np.allclose(ranges.percentiles, np.percentile(precise, PERCENTS), rtol=1e-12, atol=0)
    assert list(ranges.histogram) == np.histogram(precise, bins=256)[0].tolist()
    assert robust_range(values) == (ranges.percentiles[5], ranges.percentiles[995])


def test_what_is_no_finite_number_does_not_count():
    values = IMAGES["float32"].copy()
    finite = values.copy().ravel()[50:]
    values.ravel()[:50] = [np.nan, np.inf, -np.inf, np.nan, np.inf] * 10
    assert value_ranges(values) == value_ranges(finite)


@pytest.mark.parametrize("size", [1, 7, 1716, 5000])
def test_it_does_not_matter_how_many_are_looked_at_together(monkeypatch, size):
    values = IMAGES["float32"].copy(order="F")
    values[0, :5], values[-1, 3] = np.nan, np.inf
    expected = value_ranges(values), value_ranges(IMAGES["int16"])
    monkeypatch.setattr(store_values, "PIECE_SIZE", size)
    before = values.copy()
    assert (value_ranges(values), value_ranges(IMAGES["int16"])) == expected
    assert np.array_equal(values, before, equal_nan=True)


def test_without_any_finite_value_the_histogram_is_empty():
    ranges = value_ranges(np.full((2, 3, 4), np.nan, np.float32))
    assert ranges.extremes == (0, 1)
    assert sum(ranges.histogram) == 0


@pytest.mark.parametrize("name", ["int16", "float32"])
def test_a_store_keeps_them(tmp_path, name):
    write_store(save_nifti(tmp_path / "a.nii", IMAGES[name]), tmp_path / "a.b2nd")
    facts = open_store(tmp_path / "a.b2nd").facts
    ranges = value_ranges(IMAGES[name])
    kept = (facts.extremes, facts.percentiles, facts.histogram)
    assert kept == (ranges.extremes, ranges.percentiles, ranges.histogram)
    assert facts.robust_range == (facts.percentiles[5], facts.percentiles[995])
