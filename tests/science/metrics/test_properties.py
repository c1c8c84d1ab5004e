"""What holds for every metric of an image, whichever METRICS lists."""

import warnings

import numpy as np
import pytest
from scipy import ndimage
from skimage import draw

from sts_qa.science.metrics.compute import MetricValue, compute
from sts_qa.science.metrics.image import Reason
from sts_qa.science.metrics.table import METRICS, Metric
from sts_qa.science.metrics.table.entry import GREY, Family

IMAGE_METRICS = [metric for metric in METRICS.values() if metric.scope == "image"]
SPACING = (0.4, 0.5)

# What counts the grey levels that occur: a deeper file has more of them to count from
OF_GREY_LEVELS = {"occupied_levels", "comb_gaps"}

# Not changed when all grey values are multiplied by a factor and moved, and black and white are not
FREE_OF_GAIN_AND_OFFSET = {
    "contrast_to_noise",
    "coefficient_of_joint_variation",
    "contrast_to_noise_sigma",
    "tooth_background_auc",
    "blur_effect",
    "blur_effect_x",
    "blur_effect_y",
    "edge_width",
    "edge_width_x",
    "edge_width_y",
    "boundary_gradient_alignment",
    "boundary_offset",
    "boundary_gradient_ratio",
}
RISES_WITH_GAIN = {"clipped_high", "near_white"}


def each(metrics):
    return pytest.mark.parametrize("metric", metrics, ids=lambda metric: metric.name)


every_metric = each(IMAGE_METRICS)
every_metric_free_of_depth = each([one for one in IMAGE_METRICS if one.name not in OF_GREY_LEVELS])


def value_of(metric: Metric, pixels, mask=None, **options) -> MetricValue:
    """The metric on an image of a kind that it is for; a volume's range is that of 8 bits."""
    kind = "radiograph" if "radiograph" in metric.kinds else "volume"
    if kind == "volume" or pixels.dtype.kind == "f":
        options.setdefault("value_range", (0, 255))
    if kind == "volume":
        options.setdefault("spacing", SPACING)
    return compute([metric.name], pixels, mask, kind=kind, **options)[metric.name]


def near(expected: float | None):
    return None if expected is None else pytest.approx(expected, rel=1e-6, abs=1e-9)


def is_value_or_reason(entry: MetricValue) -> bool:
    if entry.value is None:
        return entry.reason in set(Reason)
    return entry.reason == "" and bool(np.isfinite(entry.value))


def head(blur=0.6, noise=0.0, seed=4):
    """Bright teeth with metal in a grey head, air around it: float pixels 0..255, and the mask."""
    mask = np.zeros((200, 264), dtype=bool)
    scene = np.full(mask.shape, 12.0)
    scene[draw.ellipse(100, 132, 80, 110)] = 80
    for column in range(62, 210, 47):
        place = draw.ellipse(104, column, 34, 18)
        mask[place] = True
        scene[place] = 165 + column / 10
    scene[draw.disk((90, 62), 4)] = 245
    scene = ndimage.gaussian_filter(scene, blur)
    return scene + np.random.default_rng(seed).normal(0, noise, mask.shape), mask


def eight_bits(scene):
    return np.clip(np.rint(scene), 0, 255).astype(np.uint8)


@every_metric
def test_it_lies_in_its_range_on_a_head(metric):
    scene, mask = head(noise=3)
    entry = value_of(metric, eight_bits(scene), mask)

    assert is_value_or_reason(entry)
    if entry.value is not None:
        low, high = metric.value_range
        assert low is None or entry.value >= low
        assert high is None or entry.value <= high


@every_metric
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.float64])
def test_it_changes_neither_pixels_nor_mask(metric, dtype):
    scene, mask = head(noise=3)
    pixels = eight_bits(scene).astype(dtype)
    kept, kept_mask = pixels.copy(), mask.copy()
    pixels.flags.writeable = mask.flags.writeable = False
    value_of(metric, pixels, mask, value_range=(0, 255))

    np.testing.assert_array_equal(pixels, kept)
    np.testing.assert_array_equal(mask, kept_mask)


@every_metric
def test_it_is_the_same_alone_and_together(metric):
    scene, mask = head(noise=3)
    pixels = eight_bits(scene)
    kind = "radiograph" if "radiograph" in metric.kinds else "volume"
    options = {"kind": kind, "spacing": SPACING, "value_range": (0, 255)}
    together = compute([one.name for one in IMAGE_METRICS], pixels, mask, **options)[metric.name]
    alone = compute([metric.name], pixels, mask, **options)[metric.name]

    assert alone == together
    if alone.value is not None:
        assert metric.function(pixels, mask, **options) == together.value


@every_metric
@pytest.mark.parametrize("grey", [0, 90, 255])
@pytest.mark.parametrize("with_mask", [True, False])
def test_a_constant_image_gives_a_value_or_a_reason(metric, grey, with_mask):
    pixels = np.full((64, 80), grey, dtype=np.uint8)
    mask = head()[1][40:104, 50:130] if with_mask else None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert is_value_or_reason(value_of(metric, pixels, mask))


@every_metric
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 3), (10, 10), (11, 4), (17, 17)])
@pytest.mark.parametrize("with_mask", [True, False])
def test_a_tiny_image_gives_a_value_or_a_reason(metric, shape, with_mask):
    pixels = np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)
    mask = None
    if with_mask:
        mask = np.zeros(shape, dtype=bool)
        mask[: shape[0] // 2 + 1, : shape[1] // 2 + 1] = True
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert is_value_or_reason(value_of(metric, pixels, mask))


@every_metric
@pytest.mark.parametrize("fill", [True, False])
def test_a_mask_of_everything_or_nothing_gives_a_value_or_a_reason(metric, fill):
    pixels = eight_bits(head(noise=3)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert is_value_or_reason(value_of(metric, pixels, np.full(pixels.shape, fill)))


@every_metric
def test_it_has_a_value_without_mask_if_and_only_if_it_needs_none(metric):
    scene, mask = head(noise=3)
    without = value_of(metric, eight_bits(scene))

    if metric.needs_mask:
        assert without.reason == Reason.NO_MASK
    elif value_of(metric, eight_bits(scene), mask).value is not None:
        assert without.value is not None


@every_metric_free_of_depth
def test_16_bits_give_what_8_bits_give(metric):
    scene, mask = head(noise=3)
    pixels = eight_bits(scene)
    shallow = value_of(metric, pixels, mask, value_range=(0, 255))
    deep = value_of(metric, pixels.astype(np.uint16) * 257, mask, value_range=(0, 65535))

    assert deep.reason == shallow.reason
    assert deep.value == near(shallow.value)


@every_metric
@pytest.mark.parametrize("lowest", [-100, 1e6])
def test_single_precision_is_measured_in_double(metric, lowest):
    scene, mask = head(noise=3)
    single = (scene / 7 + lowest).astype(np.float32)
    found, expected = (
        value_of(metric, pixels, mask, value_range=(lowest, lowest + 255 / 7))
        for pixels in (single, single.astype(np.float64))
    )

    assert found.reason == expected.reason
    assert found.value == near(expected.value)


@every_metric_free_of_depth
def test_grey_values_and_range_moved_together_change_nothing(metric):
    scene, mask = head(noise=3)
    pixels = eight_bits(scene).astype(np.int16)
    plain = value_of(metric, pixels, mask, value_range=(0, 255))
    moved = value_of(metric, pixels * 3 - 500, mask, value_range=(-500, 265))

    assert moved.reason == plain.reason
    assert moved.value == near(plain.value)


@pytest.mark.parametrize("name", sorted(FREE_OF_GAIN_AND_OFFSET & set(METRICS)))
def test_gain_and_offset_alone_change_nothing(name):
    scene, mask = head(noise=3)
    metric = METRICS[name]
    moved = value_of(metric, scene * 0.5 + 20, mask)

    assert moved.value == near(value_of(metric, scene, mask).value)


@every_metric
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_pixel_that_is_not_finite_leaves_a_reason(metric, wrong):
    scene, mask = head(noise=3)
    pixels = scene.astype(np.float32)
    pixels[90, 70] = wrong
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        entry = value_of(metric, pixels, mask)

    if looks_at_the_mask_alone(metric):
        assert entry.value is not None
    else:
        assert (entry.value, entry.reason) == (None, Reason.NOT_FINITE)


def looks_at_the_mask_alone(metric: Metric) -> bool:
    # moved off the mask bit by bit, and noisy
    scene, mask = head(noise=40)
    values = {value_of(metric, np.roll(scene, 3 * step, axis=1), mask).value for step in range(3)}
    return metric.needs_mask and len(values) == 1 and None not in values


@each([one for one in IMAGE_METRICS if one.family == Family.SHARPNESS])
def test_more_blur_without_noise_is_less_sharp(metric):
    values = [value_of(metric, *head(blur=sigma)).value for sigma in (0.6, 1, 1.5, 2)]
    steps = np.diff(values)

    assert (steps < 0).all() if metric.direction == "up" else (steps > 0).all()


@each([one for one in IMAGE_METRICS if one.family == Family.NOISE and one.unit == GREY])
@pytest.mark.parametrize("sd", [2, 5, 10, 20])
def test_added_noise_is_found_within_5_percent(metric, sd):
    ramp = np.add.outer(np.linspace(60, 110, 300), np.linspace(0, 60, 400))
    noisy = ramp + np.random.default_rng(9).normal(0, sd, ramp.shape)

    assert value_of(metric, noisy).value == pytest.approx(sd, rel=0.05)


@pytest.mark.parametrize("name", sorted(RISES_WITH_GAIN & set(METRICS)))
def test_clipping_rises_with_gain(name):
    scene, mask = head(noise=3)
    values = [
        value_of(METRICS[name], eight_bits(scene * gain), mask).value for gain in (1, 1.3, 1.5, 2)
    ]

    assert (np.diff(values) > 0).all()


def test_clipping_to_black_rises_with_the_loss_of_light():
    scene, mask = head(noise=3)
    values = [
        value_of(METRICS["clipped_low"], eight_bits(scene - loss), mask).value
        for loss in (0, 10, 15, 90)
    ]

    assert (np.diff(values) > 0).all()
