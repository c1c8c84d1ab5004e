"""The median tooth of a volume, by which metal is told."""

import hashlib
import tracemalloc

import nibabel
import numpy as np
import pytest

from sts_qa.science.metrics.slabs import _tooth_median
from sts_qa.science.metrics.sources import SourceFile, open_volume

SHAPE = (40, 36, 70)


def saved(folder, name, values) -> SourceFile:
    path = folder / f"{name}.nii.gz"
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return SourceFile(str(path), digest, str(folder / f"{name}.b2nd"))


def tooth_median(folder, values, mask):
    image, teeth = saved(folder, "image", values), saved(folder, "mask", mask.astype(np.uint8))
    return _tooth_median(open_volume(image), teeth)


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("count", [1, 2, 3, 1000, 1001])
def test_it_is_the_median_of_the_voxels_inside(tmp_path, dtype, count):
    random = np.random.default_rng(count)
    values = random.normal(1200, 400, SHAPE).astype(dtype)
    mask = np.zeros(values.size, dtype=bool)
    mask[random.choice(mask.size, count, replace=False)] = True
    mask = mask.reshape(SHAPE)

    assert tooth_median(tmp_path, values, mask) == np.median(values[mask].astype(np.float64))


def test_voxels_without_a_number_do_not_count(tmp_path):
    values = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    values[::3], values[1::3, ::2] = np.nan, np.inf
    mask = np.zeros(SHAPE, dtype=bool)
    mask[3:30, 5:20, 10:60] = True
    finite = values[mask & np.isfinite(values)]

    assert tooth_median(tmp_path, values, mask) == np.median(finite.astype(np.float64))
    assert tooth_median(tmp_path, np.full(SHAPE, np.nan, np.float32), mask) is None


def test_an_empty_mask_has_none(tmp_path):
    assert tooth_median(tmp_path, np.ones(SHAPE, np.int16), np.zeros(SHAPE, dtype=bool)) is None


def test_of_a_mask_that_fills_the_volume_its_values_are_held_once(tmp_path):
    values = np.random.default_rng(2).normal(size=(64, 64, 400)).astype(np.float32)
    image = open_volume(saved(tmp_path, "image", values))
    teeth = saved(tmp_path, "mask", np.ones(values.shape, np.uint8))
    open_volume(teeth)
    tracemalloc.start()
    try:
        _tooth_median(image, teeth)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1.5 * values.nbytes
