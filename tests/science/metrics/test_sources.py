"""Masks of volumes as they are read for measuring."""

import hashlib
import tracemalloc
from itertools import permutations

import nibabel
import numpy as np
import pytest

from sts_qa.science.metrics.sources import SourceFile, inside_volume, open_volume

SHAPE = (20, 24, 130)
SPACING = (0.4, 0.5, 0.6)


def saved(folder, name, values, affine) -> SourceFile:
    path = folder / f"{name}.nii.gz"
    nibabel.save(nibabel.Nifti1Image(values, affine), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return SourceFile(str(path), digest, str(folder / f"{name}.b2nd"))


def affine_of(directions) -> np.ndarray:
    """Stored axis i runs along axis `directions[i]` of the patient."""
    affine = np.eye(4)
    affine[:3, :3] = 0
    affine[list(directions), range(3)] = SPACING
    return affine


@pytest.mark.parametrize("directions", list(permutations(range(3))))
@pytest.mark.parametrize("dtype", [np.uint8, np.int16])
def test_axial_slices_lie_along_the_first_axis_whatever_the_order_in_the_file(
    tmp_path, directions, dtype
):
    stored = np.random.default_rng(3).integers(0, 3, SHAPE).astype(dtype) * 100
    affine = affine_of(directions)
    image = saved(tmp_path, "image", np.ones(SHAPE, np.int16), affine)
    inside, spacing = inside_volume(image, saved(tmp_path, "mask", stored, affine))

    axial = directions.index(2)
    assert inside.shape[0] == SHAPE[axial]
    assert spacing[0] == pytest.approx(SPACING[axial])
    assert sorted(spacing) == pytest.approx(sorted(SPACING))
    # Axes differ in spacing, which tells how they were arranged
    order = [SPACING.index(pytest.approx(step)) for step in spacing]
    np.testing.assert_array_equal(inside, np.transpose(stored, order) > 0)


def test_memory_is_that_of_the_mask_and_some_slices(tmp_path):
    shape = (48, 48, 800)
    mask = saved(tmp_path, "mask", np.full(shape, 300, np.int16), np.eye(4))
    open_volume(mask)
    tracemalloc.start()
    try:
        inside, _spacing = inside_volume(mask, mask)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert inside.all()
    assert most < 1.5 * inside.size
