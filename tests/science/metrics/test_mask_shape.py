import math

import numpy as np
import pytest
from scipy import ndimage
from skimage import draw, measure

from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason
from sts_qa.science.metrics.mask_shape import mask_isoperimetric, mask_roughness, mask_solidity
from tests.science.metrics.independent import components, hull_area, smoothed

SHAPE_METRICS = [mask_solidity, mask_isoperimetric, mask_roughness]


def with_mask(mask: np.ndarray) -> PreparedImage:
    return PreparedImage(np.zeros(mask.shape, dtype=np.uint8), mask)


def ragged(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return ndimage.gaussian_filter(random.normal(size=(90, 120)), 2) > 0.04


def disk(radius: float, side: int = 200) -> np.ndarray:
    mask = np.zeros((side, side), dtype=bool)
    mask[draw.disk((side // 2, side // 2), radius)] = True
    return mask


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_solidity_is_area_by_the_hulls_of_the_pixels_corners(seed):
    mask = ragged(seed)
    hulls = sum(hull_area(part) for part in components(mask))

    assert mask_solidity(with_mask(mask)) == pytest.approx(mask.sum() / hulls, rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_compactness_is_that_of_each_component_by_croftons_outline(seed):
    mask = ragged(seed)
    parts = components(mask)
    squares = sum(measure.perimeter_crofton(np.pad(part, 1), directions=4) ** 2 for part in parts)

    assert mask_isoperimetric(with_mask(mask)) == pytest.approx(
        squares / (4 * math.pi * mask.sum()), rel=1e-9
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_roughness_compares_with_the_mask_opened_and_closed(seed):
    mask = ragged(seed)
    outline = measure.perimeter_crofton(np.pad(mask, 8), directions=4)
    smooth = measure.perimeter_crofton(smoothed(mask), directions=4)

    assert mask_roughness(with_mask(mask)) == pytest.approx(outline / smooth, rel=1e-9)


@pytest.mark.parametrize("radius", [20, 40, 80])
def test_a_disk_is_compact_solid_and_smooth(radius):
    image = with_mask(disk(radius))

    assert mask_isoperimetric(image) == pytest.approx(1, abs=0.03)
    assert mask_solidity(image) == pytest.approx(1, abs=0.03)
    assert mask_roughness(image) == pytest.approx(1, abs=0.03)


def test_two_equal_disks_are_as_compact_as_one():
    one = disk(20)
    two = np.concatenate([one, one])

    for metric in SHAPE_METRICS:
        assert metric(with_mask(two)) == pytest.approx(metric(with_mask(one)), rel=1e-12)


def test_a_component_inside_a_hole_has_a_hull_of_its_own():
    mask = np.zeros((30, 30), dtype=bool)
    mask[2:28, 2:28] = True
    mask[6:24, 6:24] = False
    mask[12:18, 12:18] = True

    assert mask_solidity(with_mask(mask)) == pytest.approx(mask.sum() / (26**2 + 6**2))


def test_a_rectangle_is_solid_wherever_it_lies():
    for place in [(slice(0, 6), slice(0, 9)), (slice(4, 10), slice(11, 20))]:
        mask = np.zeros((10, 20), dtype=bool)
        mask[place] = True
        assert mask_solidity(with_mask(mask)) == 1
        assert mask_isoperimetric(with_mask(mask)) == pytest.approx(
            measure.perimeter_crofton(np.pad(mask, 1), directions=4) ** 2 / (4 * math.pi * 54)
        )


def test_staircases_and_jitter_are_rough_and_a_dent_is_not_solid():
    clean = disk(60)
    random = np.random.default_rng(4)
    jitter = np.stack([np.roll(row, random.integers(-3, 4)) for row in clean])
    staircase = np.kron(disk(15, side=50), np.ones((4, 4)))
    dented = clean.copy()
    dented[90:110, 100:] = False

    rough = [mask_roughness(with_mask(mask)) for mask in (clean, staircase, jitter)]
    assert rough[0] < 1.05 < 1.1 < rough[1] < 1.5 < rough[2]
    assert mask_solidity(with_mask(dented)) < 0.93 < mask_solidity(with_mask(clean))
    assert mask_isoperimetric(with_mask(dented)) > 1.3 > mask_isoperimetric(with_mask(clean))


def test_one_pixel_has_a_shape_but_nothing_is_left_to_compare_its_outline_with():
    mask = np.zeros((9, 9), dtype=bool)
    mask[4, 4] = True

    assert mask_solidity(with_mask(mask)) == 1
    outline = math.pi / 8 * (4 + 4 / math.sqrt(2))
    assert mask_isoperimetric(with_mask(mask)) == pytest.approx(outline**2 / (4 * math.pi))
    with pytest.raises(NotApplicable, match=Reason.SMALL_MASK):
        mask_roughness(with_mask(mask))


@pytest.mark.parametrize("metric", SHAPE_METRICS)
def test_an_empty_mask_has_no_shape(metric):
    with pytest.raises(NotApplicable, match=Reason.EMPTY_MASK):
        metric(with_mask(np.zeros((9, 9))))
    with pytest.raises(NotApplicable, match=Reason.NO_MASK):
        metric(np.zeros((9, 9)))


@pytest.mark.parametrize("metric", SHAPE_METRICS)
def test_where_the_mask_lies_does_not_matter(metric):
    mask = ragged(5)
    moved = np.pad(mask, ((0, 7), (11, 0)))

    assert metric(with_mask(moved)) == pytest.approx(metric(with_mask(mask)), rel=1e-12)
    assert metric(with_mask(mask.T)) == pytest.approx(metric(with_mask(mask)), rel=1e-9)
