import dataclasses
import warnings

import numpy as np
import pytest

from sts_qa.science.metrics.compute import MetricValue, compute
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason, once_per_image
from sts_qa.science.metrics.table import METRICS

ON_IMAGES = [name for name, metric in METRICS.items() if metric.scope == "image"]
ON_RADIOGRAPHS = [name for name in ON_IMAGES if "radiograph" in METRICS[name].kinds]
NEEDS_MASK = {name for name in ON_RADIOGRAPHS if METRICS[name].needs_mask}


def values(*args, **options):
    return {name: entry.value for name, entry in compute(ON_RADIOGRAPHS, *args, **options).items()}


def test_every_metric_has_a_value_on_a_labelled_radiograph(teeth_image):
    found = compute(ON_RADIOGRAPHS, *teeth_image)

    assert list(found) == ON_RADIOGRAPHS
    assert all(entry.reason == "" for entry in found.values())
    for name, entry in found.items():
        low, high = METRICS[name].value_range
        assert low is None or entry.value >= low
        assert high is None or entry.value <= high


def test_asked_together_or_alone_the_values_are_the_same(teeth_image):
    together = compute(ON_RADIOGRAPHS, *teeth_image)
    for name in ON_RADIOGRAPHS:
        assert METRICS[name].function(*teeth_image) == together[name].value


def test_without_mask_only_the_mask_metrics_are_missing(teeth_image):
    found = compute(ON_RADIOGRAPHS, teeth_image.pixels)

    assert {"contrast_to_noise", "tooth_background_auc"} <= NEEDS_MASK
    assert {name for name, entry in found.items() if entry.value is None} == NEEDS_MASK
    assert {found[name].reason for name in NEEDS_MASK} == {"no mask"}


def test_metrics_of_radiographs_only_are_missing_on_slices(teeth_image):
    found = compute(ON_IMAGES, *teeth_image, kind="volume", value_range=(0, 255))

    for name, entry in found.items():
        assert (entry.reason == Reason.WRONG_KIND) == ("volume" not in METRICS[name].kinds)
    for name in ("rms_contrast", "clipped_low", "near_white", "blockiness", "exposure_p5"):
        assert found[name] == MetricValue(None, Reason.WRONG_KIND)


def test_slices_without_a_range_have_only_what_needs_none(teeth_image):
    found = compute(ON_IMAGES, *teeth_image, kind="volume")

    assert found["noise_sigma"].reason == Reason.NO_RANGE
    assert found["blur_effect"].value is not None
    assert found["tooth_background_auc"].value is not None


def test_depth_of_the_file_does_not_change_any_value(teeth_image):
    pixels, mask = teeth_image
    deep = values(pixels.astype(np.uint16) * 257, mask)
    wide = values(pixels.astype(np.float64), mask, value_range=(0, 255))

    assert deep == pytest.approx(values(pixels, mask), rel=1e-9)
    assert wide == pytest.approx(values(pixels, mask), rel=1e-9)


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_stored_in_channels_is_grey_and_alpha_is_left_out(teeth_image, channels):
    pixels, mask = teeth_image
    layers = [pixels] * channels

    assert values(np.dstack(layers), mask) == values(pixels, mask)
    alpha = np.random.default_rng(0).integers(0, 256, pixels.shape, dtype=np.uint8)
    assert values(np.dstack([*layers, alpha]), mask) == values(pixels, mask)


def test_colour_becomes_bt601_luma():
    colours = np.random.default_rng(6).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    luma = colours @ np.array([0.299, 0.587, 0.114])

    np.testing.assert_allclose(PreparedImage(colours).pixels, luma, rtol=1e-12)
    colours[:30] = 255
    colours[0, 0] = (255, 255, 254)
    assert compute(["clipped_high"], colours)["clipped_high"].value == pytest.approx(
        (30 * 80 - 1) / (60 * 80)
    )


def test_byte_order_and_memory_layout_do_not_matter(teeth_image):
    pixels = teeth_image.pixels.astype(np.uint16) * 200
    turned = pixels.astype(">u2").T
    expected = values(pixels.T.copy(), teeth_image.mask.T)

    assert values(turned, teeth_image.mask.T) == expected
    assert values(turned[::-1][::-1], teeth_image.mask.T) == expected


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_input_is_not_changed(teeth_image, dtype):
    pixels, mask = teeth_image.pixels.astype(dtype), teeth_image.mask.copy()
    pixels.flags.writeable = mask.flags.writeable = False
    compute(ON_RADIOGRAPHS, pixels, mask, value_range=(0, 255))

    np.testing.assert_array_equal(pixels, teeth_image.pixels)
    np.testing.assert_array_equal(mask, teeth_image.mask)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_not_finite_leave_no_value(teeth_image, wrong):
    pixels = teeth_image.pixels.astype(np.float32)
    pixels[3, 4] = wrong
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compute(ON_RADIOGRAPHS, pixels, teeth_image.mask, value_range=(0, 255))

    lacking = {name for name, one in found.items() if one == MetricValue(None, Reason.NOT_FINITE)}
    # the shape of the mask does not depend on grey values
    of_mask_alone = {"mask_solidity", "mask_isoperimetric", "mask_roughness"}
    assert lacking == set(ON_RADIOGRAPHS) - of_mask_alone


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (3, 3), (4, 4), (5, 30), (11, 11)])
@pytest.mark.parametrize("fill", [0, 255, "ramp"])
def test_tiny_and_constant_images_give_finite_values_or_reasons(shape, fill):
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    if fill != "ramp":
        pixels[:] = fill
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compute(ON_RADIOGRAPHS, pixels, np.ones(shape, dtype=bool))

    for entry in found.values():
        assert (entry.value is None) != (entry.reason == "")
        assert entry.value is None or np.isfinite(entry.value)


def test_true_false_pixels_have_the_range_zero_to_one():
    pixels = np.zeros((20, 20), dtype=bool)
    pixels[:, 10:] = True

    assert compute(["rms_contrast"], pixels)["rms_contrast"].value == 0.5


@pytest.mark.parametrize(
    ("pixels", "mask", "words"),
    [
        (np.zeros(5), None, "shape"),
        (np.zeros((5, 5, 5)), None, "shape"),
        (np.zeros((0, 5)), None, "shape"),
        (np.zeros((5, 5), dtype=complex), None, "complex"),
        (np.zeros((5, 5)), np.zeros((5, 6)), "mask of shape"),
    ],
)
def test_arrays_that_are_no_image_are_refused(pixels, mask, words):
    with pytest.raises(ValueError, match=words) as refused:
        compute(["rms_contrast"], pixels, mask)
    assert not isinstance(refused.value, NotApplicable)


def test_unknown_metrics_are_refused_by_name(camera):
    with pytest.raises(ValueError, match="no such metric: sharpnes;"):
        compute(["rms_contrast", "sharpnes"], camera)


def test_shared_work_is_done_once_per_image(camera):
    calls = []

    @once_per_image
    def shared(image):
        calls.append(image)
        return 1.0

    image = PreparedImage(camera)
    assert shared(image) + shared(image) == 2
    assert len(calls) == 1
    shared(PreparedImage(camera))
    assert len(calls) == 2


def test_an_error_of_one_metric_is_told_with_its_place_and_costs_no_other(teeth_image, monkeypatch):
    def broken(image):
        return [][image.shape[0]]

    metric = dataclasses.replace(METRICS["entropy"], function=broken)
    monkeypatch.setitem(METRICS, "broken", metric)
    found = compute(["noise_sigma", "broken", "rms_contrast"], *teeth_image)

    assert (found["broken"].value, found["broken"].reason) == (None, "")
    assert found["broken"].error.startswith("IndexError: list index out of range (compute.py, line")
    assert all(found[name].value is not None for name in ("noise_sigma", "rms_contrast"))
