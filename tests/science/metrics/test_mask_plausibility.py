import numpy as np
import pytest
from scipy import ndimage
from skimage import draw, measure, morphology

from sts_qa.science.metrics.image import NotApplicable, Reason
from sts_qa.science.metrics.mask_plausibility import (
    foreground_share,
    mask_border_share,
    mask_components,
    mask_hole_share,
    mask_holes,
    mask_missing_slices,
    mask_slice_dice,
    mask_tiny_components,
)
from sts_qa.science.metrics.masks import PreparedMask, extent

NUMBERS = [mask_components, mask_tiny_components, mask_holes]


def ragged(axes: int, seed: int) -> np.ndarray:
    """Specks on one side, a mass with holes on the other; corners that touch."""
    random = np.random.default_rng(seed)
    shape = (90, 120) if axes == 2 else (30, 34, 78)
    smooth = ndimage.gaussian_filter(random.normal(size=shape), 1)
    return smooth / smooth.std() > np.linspace(-1.5, 2, shape[-1])


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("seed", [1, 2])
def test_numbers_equal_those_of_scikit_image_and_scipy(axes, seed):
    mask = ragged(axes, seed)
    labels = measure.label(mask, connectivity=axes)
    sizes = np.bincount(labels.ravel())[1:]
    filled = ndimage.binary_fill_holes(mask)
    prepared = PreparedMask(mask)

    assert foreground_share(prepared) == mask.mean()
    assert mask_components(prepared) == labels.max() > 1
    assert mask_tiny_components(prepared) == np.sum(sizes < 5**axes) > 1
    # Holes that touch at a corner are two
    assert mask_holes(prepared) == measure.label(filled & ~mask, connectivity=1).max() > 1
    assert mask_hole_share(prepared) == pytest.approx(np.sum(filled & ~mask) / filled.sum())


@pytest.mark.parametrize("axes", [2, 3])
def test_the_euler_number_is_that_of_scikit_image(axes):
    mask = ragged(2, 3) if axes == 2 else np.pad(np.ones((3, 3, 3), dtype=bool), 2)
    if axes == 3:
        mask[3, 3, 3] = False

    euler = measure.euler_number(mask, connectivity=axes)

    sign = -1 if axes == 2 else 1
    assert mask_components(mask) + sign * mask_holes(mask) == euler


def test_pixels_that_touch_at_a_corner_belong_together_and_do_not_open_a_hole():
    ring = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])

    assert mask_components(ring) == 1
    assert mask_holes(ring) == 1
    assert mask_hole_share(ring) == pytest.approx(1 / 5)


def test_a_bay_closed_by_the_image_border_is_no_hole():
    mask = np.ones((6, 6), dtype=bool)
    mask[0:3, 2:4] = False

    assert mask_holes(mask) == 0
    assert mask_hole_share(mask) == 0


def test_a_tunnel_is_no_cavity():
    mask = np.ones((6, 6, 6), dtype=bool)
    mask[:, 2, 2] = False
    assert mask_holes(mask) == 0

    mask[[0, 5], 2, 2] = True
    assert mask_holes(mask) == 1


def test_a_component_is_tiny_below_25_pixels_and_125_voxels():
    plane = np.zeros((20, 40), dtype=bool)
    plane[2:7, 2:7] = plane[2:6, 12:18] = True
    assert mask_tiny_components(plane) == 1

    volume = np.zeros((12, 12, 24), dtype=bool)
    volume[2:7, 2:7, 2:7] = volume[2:7, 2:7, 12:16] = True
    assert mask_tiny_components(volume) == 1


def test_the_border_share_counts_outermost_pixels():
    plane = np.zeros((10, 12), dtype=bool)
    plane[4:8, 4:12] = True
    assert mask_border_share(plane) == pytest.approx(4 / 32)
    assert mask_border_share(np.pad(plane, 1)) == 0

    volume = np.ones((3, 4, 5), dtype=bool)
    assert mask_border_share(volume) == pytest.approx(1 - 1 * 2 * 3 / 60)


def test_slices_are_compared_with_the_next_one():
    mask = np.zeros((7, 10, 10), dtype=bool)
    mask[1, 2:6, 2:6] = mask[2, 2:6, 2:6] = True
    mask[3, 2:6, 4:8] = True
    mask[4, 2:6, 4:6] = True

    assert mask_slice_dice(mask) == pytest.approx(np.median([1, 2 * 8 / 32, 2 * 8 / 24]))
    assert mask_missing_slices(mask) == 0


def test_missing_slices_lie_between_the_first_and_the_last_with_teeth():
    mask = np.zeros((9, 10, 10), dtype=bool)
    mask[[1, 2, 5, 6, 7], 2:6, 2:6] = True

    assert mask_missing_slices(mask) == 2
    # pairs 1-2, 2-3, 4-5, 5-6, 6-7; 3 and 4 are both empty
    assert mask_slice_dice(mask) == np.median([1, 0, 0, 1, 1])


@pytest.mark.parametrize("metric", [mask_slice_dice, mask_missing_slices])
def test_a_radiograph_has_no_slices(metric):
    with pytest.raises(NotApplicable, match=Reason.WRONG_KIND):
        metric(np.ones((5, 5)))


def test_one_slice_has_no_neighbour():
    mask = np.zeros((5, 6, 6), dtype=bool)
    mask[3, 2:4, 2:4] = True

    assert mask_missing_slices(mask) == 0
    with pytest.raises(NotApplicable, match=Reason.ONE_SLICE):
        mask_slice_dice(mask)


@pytest.mark.parametrize("shape", [(20, 30), (5, 20, 30)])
def test_an_empty_mask_has_numbers_but_no_shares(shape):
    prepared = PreparedMask(np.zeros(shape, dtype=np.uint8))

    assert foreground_share(prepared) == 0
    assert [metric(prepared) for metric in NUMBERS] == [0, 0, 0]
    shares = [mask_hole_share, mask_border_share]
    for metric in shares if len(shape) == 2 else [*shares, mask_slice_dice, mask_missing_slices]:
        with pytest.raises(NotApplicable, match=Reason.EMPTY_MASK):
            metric(prepared)


@pytest.mark.parametrize("shape", [(20, 30), (5, 20, 30)])
def test_one_pixel_is_one_tiny_component(shape):
    mask = np.zeros(shape, dtype=np.uint8)
    mask[tuple(side // 2 for side in shape)] = 255
    prepared = PreparedMask(mask)

    assert foreground_share(prepared) == pytest.approx(1 / mask.size)
    assert [metric(prepared) for metric in NUMBERS] == [1, 1, 0]
    assert (mask_hole_share(prepared), mask_border_share(prepared)) == (0, 0)


def test_a_full_mask_has_no_hole():
    for shape in [(4, 5), (3, 4, 5)]:
        prepared = PreparedMask(np.ones(shape))
        assert foreground_share(prepared) == 1
        assert (mask_components(prepared), mask_holes(prepared)) == (1, 0)


def test_specks_and_holes_are_told_from_a_clean_mask():
    clean = np.zeros((120, 160), dtype=bool)
    clean[draw.ellipse(60, 80, 40, 30)] = True
    faulty = morphology.area_closing(clean.astype(np.uint8)).astype(bool)
    faulty[50:53, 70:73] = False
    faulty[5:7, 5:7] = True

    assert [metric(clean) for metric in NUMBERS] == [1, 0, 0]
    assert [metric(faulty) for metric in NUMBERS] == [2, 1, 1]


def test_nothing_is_changed_and_slabs_of_larger_arrays_are_fine():
    whole = ragged(3, 4)
    before = whole.copy()
    part = whole[2:20:2, ::-1, 3:]

    for metric in [*NUMBERS, mask_hole_share, mask_slice_dice, mask_border_share]:
        assert metric(part) == metric(part.copy())
    np.testing.assert_array_equal(whole, before)


def test_extent_is_the_bounding_box():
    mask = ragged(3, 5)
    mask[:4] = mask[:, :, -3:] = False

    found = extent(mask)

    assert found == ndimage.find_objects(mask.astype(np.uint8))[0]
    assert extent(np.zeros((3, 4), dtype=bool)) is None


def test_shared_work_is_done_once():
    prepared = PreparedMask(ragged(2, 6))
    mask_components(prepared)
    prepared.mask = np.zeros((1, 1), dtype=bool)

    assert mask_tiny_components(prepared) == mask_tiny_components(ragged(2, 6))
