import math

import numpy as np
import pytest
import surface_distance
from scipy import ndimage
from skimage import draw, measure
from surface_distance import lookup_tables

from sts_qa.science.metrics import surface as surface_module
from sts_qa.science.metrics.image import NotApplicable, Reason
from sts_qa.science.metrics.surface import element_areas, surface, surface_distances

# The published program calls SciPy by names that are going out of use
pytestmark = pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")

SPACINGS = {2: [(1.0, 1.0), (0.3, 0.7)], 3: [(1.0, 1.0, 1.0), (0.3, 0.3125, 0.25), (2.0, 1.0, 5.0)]}
CASES = [(axes, spacing) for axes in SPACINGS for spacing in SPACINGS[axes]]


def blobs(axes: int, seed: int) -> np.ndarray:
    """Ragged regions with holes and specks, some of them at the border."""
    random = np.random.default_rng(seed)
    shape = (60, 80) if axes == 2 else (20, 24, 28)
    return ndimage.gaussian_filter(random.normal(size=shape), 1.3) > 0.08


def peer_distances(first, second, spacing):
    return surface_distance.compute_surface_distances(first, second, spacing)


@pytest.mark.parametrize("spacing", SPACINGS[2])
def test_every_2x2_neighbourhood_has_the_published_length(spacing):
    published = lookup_tables.create_table_neighbour_code_to_contour_length(spacing)

    np.testing.assert_allclose(element_areas(spacing), published, rtol=1e-12)


@pytest.mark.parametrize("spacing", SPACINGS[3])
def test_every_2x2x2_neighbourhood_has_the_published_area(spacing):
    published = lookup_tables.create_table_neighbour_code_to_surface_area(spacing)

    np.testing.assert_allclose(element_areas(spacing), published, rtol=1e-12)


@pytest.mark.parametrize(("axes", "spacing"), CASES)
def test_distances_and_areas_equal_those_of_the_published_program(axes, spacing):
    first, second = blobs(axes, 1), blobs(axes, 2)
    published = peer_distances(first, second, spacing)

    there, back = surface_distances(first, second, spacing)

    for found, key in ((there, "gt_to_pred"), (back, "pred_to_gt")):
        np.testing.assert_allclose(found.distances, published[f"distances_{key}"], atol=1e-12)
        assert found.area == pytest.approx(
            published[f"surfel_areas_{key.split('_')[0]}"].sum(), rel=1e-12
        )
    mean = surface_distance.compute_average_surface_distance(published)
    assert (there.moment / there.area, back.moment / back.area) == pytest.approx(mean, rel=1e-9)
    for percent in (50, 95, 100):
        assert max(there.percentile(percent), back.percentile(percent)) == pytest.approx(
            surface_distance.compute_robust_hausdorff(published, percent), rel=1e-9
        )


def test_two_single_pixels_apart_as_in_the_published_tests():
    first, second = np.zeros((2, 128, 128), dtype=bool)
    first[50, 70] = second[50, 72] = True

    for found in surface_distances(first, second, (2.0, 1.0)):
        np.testing.assert_allclose(found.distances, [1, 1, 2, 2])
        np.testing.assert_allclose(found.areas, [math.sqrt(5) / 2] * 4)
        assert found.area_within(1) == pytest.approx(found.area / 2)


def test_the_outline_is_as_long_as_that_of_marching_squares():
    mask = np.zeros((90, 120), dtype=bool)
    mask[draw.ellipse(45, 60, 30, 42)] = True
    (contour,) = measure.find_contours(mask.astype(float), 0.5)
    length = np.linalg.norm(np.diff(contour, axis=0) * (0.3, 0.7), axis=1).sum()

    assert surface(mask, (0.3, 0.7)).areas.sum() == pytest.approx(length, rel=1e-9)


def test_a_box_has_flat_sides_with_edges_and_corners_cut_off():
    mask = np.zeros((9, 10, 11), dtype=bool)
    mask[2:6, 2:7, 2:8] = True
    a, b, c = 3, 4, 5
    expected = 2 * (a * b + b * c + a * c) + 4 * (a + b + c) * math.sqrt(0.5) + math.sqrt(3)

    assert surface(mask, (1.0, 1.0, 1.0)).areas.sum() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("axes", [2, 3])
def test_the_border_of_the_image_is_surface(axes):
    mask = np.ones((4,) * axes, dtype=bool)

    np.testing.assert_allclose(
        np.sort(surface(mask, (1.0,) * axes).areas),
        np.sort(surface(np.pad(mask, 3), (1.0,) * axes).areas),
    )


def test_the_order_of_axes_does_not_matter():
    first, second = blobs(3, 3), blobs(3, 4)
    turned = [np.transpose(mask, (2, 0, 1)) for mask in (first, second)]

    there, back = surface_distances(first, second, (0.3, 0.4, 0.5))
    there_turned, back_turned = surface_distances(*turned, (0.5, 0.3, 0.4))

    np.testing.assert_allclose(there.distances, there_turned.distances, atol=1e-12)
    assert back.moment == pytest.approx(back_turned.moment, rel=1e-9)


def test_a_percentile_is_of_area_and_not_of_elements():
    far = surface_module.Distances(np.array([0.0, 3.0, 4.0]), np.array([90.0, 5.0, 5.0]))

    assert [far.percentile(percent) for percent in (90, 90.1, 95, 95.1)] == [0, 3, 3, 4]


def test_a_mask_of_noise_is_refused_before_memory_runs_out(monkeypatch):
    monkeypatch.setattr(surface_module, "MOST_ELEMENTS", 1000)

    with pytest.raises(NotApplicable, match=Reason.LARGE_SURFACE):
        surface(blobs(3, 1), (1.0, 1.0, 1.0))
