"""Masks of a simulated second annotator: close to the first, never the same, always alike."""

from __future__ import annotations

from collections import Counter

import cv2
import nibabel
import numpy as np
import pytest

from sts_qa.science.phantoms.demonstration import PANORAMIC, VOLUME, demonstration_plan
from sts_qa.science.phantoms.files import write_file
from sts_qa.science.phantoms.second_masks import (
    labelled_twice,
    second_mask,
    write_second_masks,
)
from sts_qa.science.phantoms.tree import item_files

PLAN = demonstration_plan(2025)


def two_squares() -> np.ndarray:
    mask = np.zeros((30, 40), dtype=np.uint8)
    mask[5:15, 5:15] = mask[5:15, 25:35] = 255
    return mask


def test_half_of_the_labelled_items_of_each_category_have_two_masks():
    chosen = labelled_twice(PLAN)
    assert all(item.labelled for item in chosen)
    counts = Counter(item.category for item in chosen)
    assert counts == {"A-PXI": 3, "C-PXI": 2, "STS-3D-Tooth": 1}


@pytest.mark.parametrize("seed", range(8))
def test_parts_are_moved_by_one_pixel_and_some_are_smaller_by_one_all_around(seed):
    second = second_mask(two_squares(), seed)
    assert set(np.unique(second)) == {0, 255}
    for columns in (slice(0, 20), slice(20, 40)):
        rows_at, columns_at = np.nonzero(second[:, columns])
        height, width = np.ptp(rows_at) + 1, np.ptp(columns_at) + 1
        assert (height, width) in {(10, 10), (8, 8)}
        assert len(rows_at) == height * width
        # The middle of the square was at row and column 9.5
        middle = (rows_at.mean(), columns_at.mean())
        assert [abs(place - 9.5) for place in middle] == [1.0, 1.0]


def test_both_sizes_and_all_directions_occur():
    seconds = [second_mask(two_squares(), seed) for seed in range(40)]
    assert {int(np.count_nonzero(second[:, :20])) for second in seconds} == {64, 100}
    middles = {tuple(np.argwhere(second[:, :20]).mean(axis=0).tolist()) for second in seconds}
    assert middles == {(row, column) for row in (8.5, 10.5) for column in (8.5, 10.5)}


def test_a_part_of_one_pixel_does_not_vanish():
    mask = np.zeros((9, 9), dtype=np.uint8)
    mask[4, 4] = 1
    assert [int(second_mask(mask, seed).sum()) for seed in range(8)] == [1] * 8


def test_files_lie_as_the_first_ones_on_their_grid_and_are_the_same_again(tmp_path):
    first_radiograph = next(item for item in PLAN if item.labelled and item.kind == PANORAMIC)
    first_volume = next(item for item in PLAN if item.labelled and item.kind == VOLUME)
    items = [first_radiograph, first_volume]
    for item in items:
        for key, content in item_files(item).items():
            write_file(tmp_path / "first" / key, content)

    keys = write_second_masks(tmp_path / "first", tmp_path / "second", items)
    assert keys == [item.mask_key for item in items]
    kept = [(tmp_path / "second" / key).read_bytes() for key in keys]
    write_second_masks(tmp_path / "first", tmp_path / "second", items)
    assert [(tmp_path / "second" / key).read_bytes() for key in keys] == kept

    radiographs = [
        cv2.imread(str(tmp_path / folder / keys[0]), cv2.IMREAD_UNCHANGED)
        for folder in ("first", "second")
    ]
    volumes = [nibabel.load(tmp_path / folder / keys[1]) for folder in ("first", "second")]
    assert np.array_equal(volumes[0].affine, volumes[1].affine)
    for first, second in (radiographs, [np.asarray(volume.dataobj) for volume in volumes]):
        assert first.shape == second.shape
        assert set(np.unique(first)) == set(np.unique(second))
        assert 0 < np.count_nonzero(first != second) < np.count_nonzero(first)
