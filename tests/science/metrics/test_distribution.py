import numpy as np
import pytest

from sts_qa.science.metrics import distribution as module
from sts_qa.science.metrics.distribution import Distribution, distribution, grey_levels


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16])
@pytest.mark.parametrize("counted_exactly_by_opencv", [0, 2**24])
def test_values_and_counts_equal_numpy(camera, monkeypatch, dtype, counted_exactly_by_opencv):
    monkeypatch.setattr(module, "EXACT_IN_FLOAT32", counted_exactly_by_opencv)
    pixels = camera.astype(dtype) * dtype(1 if dtype == np.uint8 else 100)
    values, counts = np.unique(pixels, return_counts=True)
    found = Distribution.of(pixels)

    np.testing.assert_array_equal(found.values, values)
    np.testing.assert_array_equal(found.counts, counts)
    assert found.distinct == values.size


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32])
def test_mean_variance_and_percentiles_equal_numpy(camera, dtype):
    pixels = camera[:101, :77].astype(dtype)
    found = distribution(pixels)

    assert found.size == pixels.size
    assert found.mean == pytest.approx(pixels.mean(dtype=float), rel=1e-12)
    assert found.variance == pytest.approx(pixels.var(dtype=float), rel=1e-12)
    for percent in (0, 1, 12.5, 50, 99, 99.9, 100):
        assert found.percentile(percent) == pytest.approx(
            np.percentile(pixels.astype(float), percent), rel=1e-12
        )


def test_grey_levels_of_8_bits_are_the_values_and_of_16_nearly_their_high_bytes(camera):
    expected = np.bincount(camera.ravel(), minlength=256)
    noise = np.random.default_rng(0).integers(0, 256, camera.shape, dtype=np.uint16)

    np.testing.assert_array_equal(grey_levels(camera), expected)
    np.testing.assert_array_equal(grey_levels(camera.astype(np.uint16) * 257), expected)
    # black to white are 65535 steps, so that the high byte is only nearly the level
    levels = grey_levels(camera * np.uint16(256) + noise)
    assert np.abs(np.cumsum(levels) - np.cumsum(expected)).max() < 0.003 * camera.size


def test_grey_levels_equal_numpys_histogram():
    pixels = np.random.default_rng(4).normal(0.5, 0.3, (200, 300))
    expected, _ = np.histogram(np.clip(pixels, 0, 1), bins=256, range=(0, 1))

    np.testing.assert_array_equal(grey_levels(pixels, value_range=(0, 1)), expected)
