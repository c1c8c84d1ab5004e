import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import surface_distance
from scipy import ndimage
from skimage import draw, morphology

from sts_qa.science.metrics.image import NotApplicable, Reason
from sts_qa.science.metrics.mask_agreement import (
    average_surface_distance,
    boundary_iou,
    boundary_overlap,
    dice,
    hausdorff_95,
    intersection_over_union,
    surface_dice,
    surface_share,
)
from sts_qa.science.metrics.masks import PreparedMask
from sts_qa.science.metrics.surface import surface_distances
from sts_qa.science.phantoms.panoramic import panoramic_phantom
from sts_qa.science.phantoms.second_masks import second_mask

# The published program calls SciPy by names that are going out of use
pytestmark = pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")

AGREEMENT = [
    dice,
    intersection_over_union,
    boundary_iou,
    surface_dice,
    hausdorff_95,
    average_surface_distance,
]
OVERLAP, DISTANCE = AGREEMENT[:4], AGREEMENT[4:]


def square(first_row: int = 100) -> np.ndarray:
    mask = np.zeros((320, 640), dtype=bool)
    mask[first_row : first_row + 100, 200:300] = True
    return mask


def disk(column: int) -> np.ndarray:
    rows, columns = np.ogrid[:320, :640]
    return (rows - 160) ** 2 + (columns - column) ** 2 <= 50**2


def box(column: int) -> np.ndarray:
    mask = np.zeros((40, 64, 64), dtype=bool)
    mask[10:30, 16:48, column : column + 32] = True
    return mask


def wavy(axes: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    shape = (70, 90) if axes == 2 else (16, 30, 34)
    return ndimage.gaussian_filter(random.normal(size=shape), 3) > 0.03


# Published programs' values, to five decimals: dice, IoU, mean distance, HD95, surface Dice at a
# tolerance of one pixel, boundary IoU 14 px deep
SHIFTED_SQUARE = (0.98000, 0.96078, (1.0, 1.0), 2, 0.50501, 0.86667)
ERODED_SQUARE = (0.97980, 0.96040, (1.00294, 1.0), 1, 0.99642, 0.86667)
SHIFTED_DISK = (0.96189, 0.92657, (1.66962, 1.66962), 3, 0.34587, 0.80803)


@pytest.mark.parametrize(
    ("mask", "reference", "expected"),
    [
        (square(), square(102), SHIFTED_SQUARE),
        (square(), ndimage.binary_erosion(square()), ERODED_SQUARE),
        (disk(320), disk(323), SHIFTED_DISK),
    ],
)
def test_reference_values_of_radiographs(mask, reference, expected):
    dice_value, overlap, means, far, share, boundary = expected
    there, back = surface_distances(mask, reference, (1.0, 1.0))
    prepared = PreparedMask(mask, reference=reference)

    assert dice(prepared) == pytest.approx(dice_value, abs=5e-6)
    assert intersection_over_union(prepared) == pytest.approx(overlap, abs=5e-6)
    assert (there.moment / there.area, back.moment / back.area) == pytest.approx(means, abs=5e-6)
    assert min(means) - 5e-6 <= average_surface_distance(prepared) <= max(means) + 5e-6
    assert hausdorff_95(prepared) == pytest.approx(far, rel=1e-12)
    assert surface_dice(prepared) == pytest.approx(share, abs=5e-6)
    assert boundary_overlap(mask, reference, depth=14) == pytest.approx(boundary, abs=5e-6)


def test_reference_values_of_a_volume_with_anisotropic_spacing():
    spacing = (0.3, 0.3125, 0.3125)
    prepared = PreparedMask(box(16), reference=box(17), spacing=spacing)

    assert dice(prepared) == pytest.approx(0.96875, rel=1e-12)
    assert intersection_over_union(prepared) == pytest.approx(0.93939, abs=5e-6)
    assert average_surface_distance(prepared) == pytest.approx(0.08492, abs=5e-6)
    assert hausdorff_95(prepared) == pytest.approx(0.3125, rel=1e-12)
    apart = surface_distances(box(16), box(17), spacing)
    assert surface_share(*apart, 0.3) == pytest.approx(0.74121, abs=5e-6)


def drawn_twice(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inside = (mask > 0).astype(np.uint8)
    return inside > 0, second_mask(inside, seed=4) > 0


@pytest.mark.parametrize("axes", [2, 3])
def test_equals_the_published_program_on_ragged_masks(axes):
    compare_with_the_published_program(wavy(axes, 1), wavy(axes, 2))


def test_equals_the_published_program_on_teeth_drawn_twice():
    compare_with_the_published_program(*drawn_twice(panoramic_phantom(2).mask))


def test_equals_the_published_program_on_the_bone_of_a_head(sample_data):
    file = sample_data / "volumes" / "invesalius_cranium" / "cranium_bone_mask.nii.gz"
    bone = np.asarray(nib.load(file).dataobj).T[:30, 60:160, 60:160]
    compare_with_the_published_program(*drawn_twice(bone))


def compare_with_the_published_program(first, second):
    spacing = (0.3, 0.3125, 0.4)[: first.ndim]
    published = surface_distance.compute_surface_distances(first, second, spacing)
    there, back = surface_distance.compute_average_surface_distance(published)
    areas = published["surfel_areas_gt"].sum(), published["surfel_areas_pred"].sum()
    prepared = PreparedMask(first, reference=second, spacing=spacing)

    assert dice(prepared) == pytest.approx(
        surface_distance.compute_dice_coefficient(first, second), rel=1e-12
    )
    assert hausdorff_95(prepared) == pytest.approx(
        surface_distance.compute_robust_hausdorff(published, 95), rel=1e-9
    )
    assert average_surface_distance(prepared) == pytest.approx(
        np.average((there, back), weights=areas), rel=1e-9
    )
    assert surface_dice(prepared) == pytest.approx(
        surface_distance.compute_surface_dice_at_tolerance(published, max(spacing) + 1e-6),
        rel=1e-9,
    )


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("depth", [1, 2, 5])
def test_boundary_is_what_repeated_erosion_takes_away(axes, depth):
    first, second = wavy(axes, 3), wavy(axes, 4)
    around = np.ones((3,) * axes)
    edges = [
        mask & ~ndimage.binary_erosion(mask, around, iterations=depth) for mask in (first, second)
    ]

    assert boundary_overlap(first, second, depth=depth) == np.sum(edges[0] & edges[1]) / np.sum(
        edges[0] | edges[1]
    )


@pytest.mark.parametrize("axes", [2, 3])
def test_boundary_iou_is_that_of_the_outermost_two_pixels(axes):
    first, second = wavy(axes, 3), wavy(axes, 4)
    around = np.ones((5,) * axes)
    edges = [mask & ~ndimage.binary_erosion(mask, around) for mask in (first, second)]

    assert boundary_iou(first, reference=second) == np.sum(edges[0] & edges[1]) / np.sum(
        edges[0] | edges[1]
    )


def test_a_mask_thinner_than_the_boundary_is_all_boundary():
    first, second = np.zeros((2, 1, 30, 30), dtype=bool)
    first[0, 5:20, 5:20] = second[0, 5:20, 8:20] = True

    assert boundary_iou(first, reference=second) == pytest.approx(12 / 15)


@pytest.mark.parametrize("metric", AGREEMENT)
@pytest.mark.parametrize("axes", [2, 3])
def test_exchanging_the_masks_changes_nothing(metric, axes):
    first, second = wavy(axes, 5), wavy(axes, 6)
    spacing = (0.3, 0.3125, 0.4)[:axes]

    assert metric(first, reference=second, spacing=spacing) == pytest.approx(
        metric(second, reference=first, spacing=spacing), rel=1e-12
    )


@pytest.mark.parametrize("axes", [2, 3])
def test_a_mask_agrees_fully_with_itself(axes):
    mask = wavy(axes, 7)

    assert [metric(mask, reference=mask.copy()) for metric in OVERLAP] == [1] * 4
    assert [metric(mask, reference=mask.copy()) for metric in DISTANCE] == [0] * 2


@pytest.mark.parametrize("empty_first", [True, False])
@pytest.mark.parametrize("shape", [(20, 30), (8, 20, 30)])
def test_one_empty_mask_has_no_overlap_and_no_distance(shape, empty_first):
    mask, empty = np.zeros((2, *shape), dtype=bool)
    mask[..., 5:9, 5:9] = True
    first, second = (empty, mask) if empty_first else (mask, empty)

    assert [metric(first, reference=second) for metric in OVERLAP] == [0] * 4
    for metric in DISTANCE:
        with pytest.raises(NotApplicable, match=Reason.ONE_MASK_EMPTY):
            metric(first, reference=second)


@pytest.mark.parametrize("metric", AGREEMENT)
@pytest.mark.parametrize("shape", [(20, 30), (8, 20, 30)])
def test_two_empty_masks_say_nothing(metric, shape):
    empty = np.zeros(shape, dtype=np.uint8)

    with pytest.raises(NotApplicable, match=Reason.BOTH_MASKS_EMPTY):
        metric(empty, reference=empty)


@pytest.mark.parametrize("metric", AGREEMENT)
def test_without_a_further_mask_there_is_no_agreement(metric):
    with pytest.raises(NotApplicable, match=Reason.NO_REFERENCE):
        metric(square())


def test_single_voxels_side_by_side_are_one_voxel_apart():
    first, second = np.zeros((2, 5, 5, 5), dtype=bool)
    first[2, 2, 2] = second[2, 2, 3] = True
    prepared = PreparedMask(first, reference=second, spacing=(1.0, 2.0, 3.0))

    assert dice(prepared) == 0
    assert surface_dice(prepared) == 1
    assert hausdorff_95(prepared) == 3
    # half of the elements lie on both surfaces
    assert average_surface_distance(prepared) == pytest.approx(1.5)


def test_distances_grow_with_the_spacing_and_overlap_does_not():
    first, second = wavy(3, 8), wavy(3, 9)
    for metric in DISTANCE:
        assert metric(first, reference=second, spacing=(0.5, 0.5, 0.5)) == pytest.approx(
            metric(first, reference=second) / 2, rel=1e-9
        )
    for metric in OVERLAP:
        assert metric(first, reference=second, spacing=(0.5, 0.5, 0.5)) == pytest.approx(
            metric(first, reference=second), rel=1e-9
        )


def test_a_growing_shift_lowers_overlap_and_raises_distances():
    for metric in AGREEMENT:
        found = [metric(disk(320), reference=disk(320 + shift)) for shift in (1, 3, 6, 12)]
        assert found == sorted(found, reverse=metric in OVERLAP)
        assert found[0] != found[-1]


def test_values_other_than_0_are_teeth_and_nothing_is_changed():
    stored = np.where(square(), 255, 0).astype(np.uint8)
    other = morphology.dilation(stored, draw_disk(3))
    before = stored.copy(), other.copy()
    prepared = PreparedMask(stored, reference=other)

    assert [metric(prepared) for metric in AGREEMENT] == [
        metric(stored > 0, reference=other > 0) for metric in AGREEMENT
    ]
    np.testing.assert_array_equal((stored, other), before)


def test_masks_of_different_shape_are_refused():
    with pytest.raises(ValueError, match="further mask of shape"):
        PreparedMask(square(), reference=square()[1:])
    with pytest.raises(ValueError, match="spacing"):
        PreparedMask(square(), spacing=(1.0, 1.0, 1.0))
    with pytest.raises(ValueError, match="expected 2 or 3 axes"):
        PreparedMask(np.zeros(5))


def draw_disk(radius: int) -> np.ndarray:
    footprint = np.zeros((2 * radius + 1,) * 2, dtype=np.uint8)
    footprint[draw.disk((radius, radius), radius + 0.5)] = 1
    return footprint


MEASURE_A_WHOLE_VOLUME = """
import numpy as np
from benchmarks.memory import peak_memory
from sts_qa.science.metrics import mask_agreement, mask_plausibility
from sts_qa.science.metrics.masks import PreparedMask

mask = np.zeros((400, 512, 512), dtype=bool)
ball = sum(axis.astype(float) ** 2 for axis in np.ogrid[-30:31, -14:15, -14:15]) < 14**2
for jaw in (120, 280):
    for angle in np.linspace(0.1, np.pi - 0.1, 16):
        row, column = int(400 - 300 * np.sin(angle)), int(256 + 220 * np.cos(angle))
        mask[jaw - 30 : jaw + 31, row - 14 : row + 15, column - 14 : column + 15] |= ball
# Specks far away: the teeth alone do not say how much of the volume matters
mask[1, 1, 1] = mask[-2, -2, -2] = True
reference = np.zeros_like(mask)
reference[:, 1:] = mask[:, :-1]
prepared = PreparedMask(mask, reference=reference, spacing=(0.3, 0.25, 0.25))
for name in {names!r}:
    module = mask_plausibility if name.startswith(("mask_", "foreground")) else mask_agreement
    getattr(module, name)(prepared)
print(peak_memory())
"""


def test_a_volume_of_400x512x512_takes_less_than_1_gb():
    """Less than half of it, so that a worker has the rest for what it does besides."""
    names = [metric.__name__ for metric in AGREEMENT]
    names += ["foreground_share", "mask_components", "mask_tiny_components", "mask_holes"]
    names += ["mask_hole_share", "mask_border_share", "mask_slice_dice", "mask_missing_slices"]

    printed = subprocess.run(
        [sys.executable, "-c", MEASURE_A_WHOLE_VOLUME.format(names=names)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert float(printed) < 500
