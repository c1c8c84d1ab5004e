import dataclasses
import weakref

import numpy as np
import pytest
from scipy import ndimage

from sts_qa.science.metrics.image import Reason
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.metrics.volumes import (
    VolumeRange,
    compute_volume,
    has_content,
    join_slabs,
    summarise,
)
from tests.science.metrics.scenes import range_of

WITH_CONTENT = range(2, 11)
ON_SLICES = [
    name for name, metric in METRICS.items() if metric.scope == "image" and "volume" in metric.kinds
]


def measured(volume, names=("tenengrad", "blur_effect", "noise_sigma"), masks=None):
    return compute_volume(names, iter(volume), masks, volume_range=range_of(volume))


def test_only_slices_with_content_have_a_value(volume):
    for slices in measured(volume).values():
        assert np.flatnonzero(~np.isnan(slices.values)).tolist() == list(WITH_CONTENT)
        assert slices.reasons[0] == Reason.NO_CONTENT
        assert slices.reasons[5] == ""
        assert slices.summary.counted == len(WITH_CONTENT)


@pytest.mark.parametrize(
    ("value", "pixels", "content"), [(25, 100, True), (24, 100, False), (25, 99, False)]
)
def test_content_is_1_percent_at_a_quarter_of_the_range(value, pixels, content):
    plane = np.zeros(10_000, dtype=np.int16)
    plane[:pixels] = value

    assert has_content(plane.reshape(100, 100), VolumeRange(0, 100, -5, 300)) == content


def test_values_are_of_the_whole_volumes_robust_range(volume):
    low, high = np.percentile(volume, (0.5, 99.5))
    normalised = 255 * (volume[6] - low) / (high - low)
    squares = sum(ndimage.sobel(normalised, axis, mode="mirror") ** 2 for axis in (0, 1))

    assert measured(volume)["tenengrad"].values[6] == pytest.approx(squares.mean(), rel=1e-6)


def test_gain_and_offset_of_the_whole_volume_change_nothing(volume):
    masks = volume > 900
    plain = measured(volume, ON_SLICES, masks)
    moved = measured(volume * np.int16(3) + np.int16(5000), ON_SLICES, masks)
    for name, slices in plain.items():
        np.testing.assert_allclose(moved[name].values, slices.values, rtol=1e-6)
        assert moved[name].reasons == slices.reasons


def test_summary_equals_numpy_and_names_the_worst_slice(volume):
    volume[7] += np.random.default_rng(2).normal(0, 90, volume[7].shape).astype(np.int16)
    slices = measured(volume)["noise_sigma"]
    present = slices.values[list(WITH_CONTENT)]
    summary = slices.summary

    assert summary.worst_slice == 7
    assert summary.median == np.median(present)
    assert summary.iqr == pytest.approx(np.subtract(*np.percentile(present, (75, 25))))
    assert summary.worst_5_percent == np.percentile(present, 95)


def test_worst_follows_the_direction_of_the_metric():
    values = np.array([np.nan, 5.0, 1.0, 9.0, np.nan, 4.0])

    lower_is_better = summarise("noise_sigma", values)
    assert (lower_is_better.worst_slice, lower_is_better.worst_5_percent) == (
        3,
        pytest.approx(8.4),
    )
    higher_is_better = summarise("tenengrad", values)
    assert (higher_is_better.worst_slice, higher_is_better.worst_5_percent) == (
        2,
        pytest.approx(1.45),
    )


def test_mask_metrics_have_values_where_the_slice_has_teeth(volume):
    masks = [None if number == 4 else slice_ > 900 for number, slice_ in enumerate(volume)]
    masks[5] = np.zeros_like(volume[5], dtype=bool)
    slices = measured(volume, ["tooth_background_auc"], masks)["tooth_background_auc"]

    assert np.flatnonzero(~np.isnan(slices.values)).tolist() == [2, 3, 6, 7, 8, 9, 10]
    assert (slices.reasons[4], slices.reasons[5]) == (Reason.NO_MASK, Reason.SMALL_MASK)


def test_clipping_is_counted_at_the_largest_value_of_the_volume(volume):
    cut = np.minimum(volume, 1400)
    shares = measured(cut, ["clipped_high"])["clipped_high"].values

    assert shares[6] == pytest.approx(np.mean(volume[6] >= 1400))
    assert shares[6] > 0


def test_the_brightest_half_percent_is_not_clipped(volume):
    shares = measured(volume, ["clipped_high"])["clipped_high"].values
    expected = np.mean(volume == volume.max(), axis=(1, 2))

    np.testing.assert_allclose(shares[2:11], expected[2:11])


def test_a_slice_with_nan_is_missing_and_the_others_are_not(volume):
    pixels = volume.astype(np.float32)
    pixels[6, 0, 0] = np.nan
    slices = measured(pixels)["tenengrad"]

    assert slices.reasons[6] == Reason.NOT_FINITE
    assert slices.summary.counted == len(WITH_CONTENT) - 1


def test_a_volume_of_one_value_has_no_values_but_reasons():
    slices = measured(np.full((3, 20, 20), 7, dtype=np.int16))["tenengrad"]

    assert np.isnan(slices.values).all()
    assert set(slices.reasons) == {Reason.CONSTANT}
    assert slices.summary.counted == 0
    assert slices.summary.median is None
    assert slices.summary.iqr is None


def test_as_many_masks_as_slices_are_asked_for(volume):
    with pytest.raises(ValueError, match="shorter"):
        measured(volume, masks=list(volume > 900)[:-1])


def test_at_most_two_slices_are_in_memory(volume):
    handed_out = []

    def stream():
        for number in range(len(volume)):
            assert sum(slice_() is not None for slice_ in handed_out) <= 2
            pixels = volume[number].copy()
            handed_out.append(weakref.ref(pixels))
            yield pixels

    compute_volume(ON_SLICES, stream(), volume_range=range_of(volume))
    assert len(handed_out) == len(volume)


def test_slices_that_no_metric_foresaw_are_numbered_through_all_slabs(volume, monkeypatch):
    bad = [volume[3].sum(), volume[7].sum()]

    def broken(image):
        if image.pixels.sum() in bad:
            raise ZeroDivisionError("nothing there")
        return 1.0

    metric = dataclasses.replace(METRICS["noise_sigma"], function=broken)
    monkeypatch.setitem(METRICS, "broken", metric)
    volume_range = range_of(volume)
    slabs = [
        compute_volume(["broken", "noise_sigma"], iter(part), volume_range=volume_range)
        for part in (volume[:2], volume[2:6], volume[6:])
    ]
    found = join_slabs(slabs)

    assert list(found["broken"].errors) == [3, 7]
    assert found["broken"].errors[7].startswith("ZeroDivisionError: nothing there (")
    assert not found["noise_sigma"].errors
    assert found["noise_sigma"].summary.counted == len(WITH_CONTENT)
