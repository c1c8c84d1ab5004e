import tracemalloc

import numpy as np
import pytest
from skimage import measure

from sts_qa.science.metrics.components import SLICES_AT_A_TIME, sizes_of_components

RUN = SLICES_AT_A_TIME
COUNTS = [1, 2, RUN, RUN + 1, RUN + 2, 2 * RUN + 1, 3 * RUN]


def sizes(mask: np.ndarray, *, corners: bool) -> np.ndarray:
    return sizes_of_components(lambda first, stop: mask[first:stop], len(mask), corners=corners)


@pytest.mark.parametrize("corners", [True, False])
@pytest.mark.parametrize("share", [0.03, 0.1, 0.3, 0.7])
@pytest.mark.parametrize("count", COUNTS)
def test_sizes_are_those_of_scikit_image_on_the_whole_volume(count, share, corners):
    mask = np.random.default_rng(count).random((count, 14, 15)) < share
    labels = measure.label(mask, connectivity=3 if corners else 1)
    expected = np.bincount(labels.ravel())[1:]

    found = sizes(mask, corners=corners)

    assert sorted(found) == sorted(expected)
    assert found[0] == expected[labels[mask][0] - 1]


def test_what_hangs_together_by_a_detour_through_other_runs_is_one():
    """A comb on its back: teeth of one voxel, held together in the last slice only."""
    mask = np.zeros((3 * RUN, 9, 9), dtype=bool)
    mask[:, ::2, 4] = True
    assert sorted(sizes(mask, corners=True)) == [3 * RUN] * 5

    mask[-1, :, 4] = True
    assert sizes(mask, corners=True).tolist() == [5 * 3 * RUN + 4]


def test_a_speck_in_the_slice_that_two_runs_share_counts_once():
    mask = np.zeros((2 * RUN + 1, 5, 5), dtype=bool)
    mask[RUN, 2, 2] = True
    assert sizes(mask, corners=True).tolist() == [1]
    assert sizes(np.zeros((2 * RUN + 1, 5, 5), dtype=bool), corners=True).size == 0


def test_memory_is_that_of_a_few_slices():
    """Labels of the whole volume would take four bytes per voxel."""
    mask = np.ones((20 * RUN, 40, 40), dtype=bool)
    tracemalloc.start()
    try:
        assert sizes(mask, corners=True).tolist() == [mask.size]
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1.5 * mask.size
