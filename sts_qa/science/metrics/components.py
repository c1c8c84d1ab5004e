"""Connected components of masks of 3 axes, some slices at a time.

Labels of a whole volume would take four times as much memory as the mask itself.
"""

from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

from sts_qa.science.metrics.masks import Mask

SLICES_AT_A_TIME = 16

Labels = NDArray[np.int32]
Numbers = NDArray[np.int64]


def sizes_of_components(
    slices: Callable[[int, int], Mask], count: int, *, corners: bool
) -> Numbers:
    """Voxels of each component; that of the first voxel in the mask comes first.

    Parameters
    ----------
    slices : callable
        Returns the slices from one number to before another, shape (n, M, N).
    count : int
        Of all slices, at least 1.
    corners : bool
        Whether voxels that touch at an edge or a corner only belong together.
    """
    structure = scipy.ndimage.generate_binary_structure(3, 3 if corners else 1)
    sizes: list[Numbers] = []
    same: list[Numbers] = []
    known = 0
    last: Labels | None = None
    # Neighbouring runs have a slice in common, whose voxels say which components are the same
    for first in range(0, max(count - 1, 1), SLICES_AT_A_TIME):
        run = slices(first, min(first + SLICES_AT_A_TIME + 1, count))
        labels, found = scipy.ndimage.label(run, structure)
        if last is not None:
            same.append(_pairs(last, labels[0]) + np.array([[known - sizes[-1].size], [known]]))
            labels = labels[1:]
        sizes.append(np.bincount(labels.ravel(), minlength=found + 1)[1:])
        last = labels[-1].copy()
        known += found
    return _joined(np.concatenate(sizes), same)


def _pairs(first: Labels, second: Labels) -> Numbers:
    """Numbers from 0 that the voxels of a slice have in one run and in the next, shape (2, n)."""
    inside = first > 0
    pairs = np.stack((first[inside], second[inside]), dtype=np.int64) - 1
    is_new = np.ones(pairs.shape[1], dtype=np.bool_)
    is_new[1:] = (pairs[:, 1:] != pairs[:, :-1]).any(axis=0)
    return pairs[:, is_new]


def _joined(sizes: Numbers, same: list[Numbers]) -> Numbers:
    """Sizes with those of the same component added up, each where it is met first."""
    if not same:
        return sizes
    met, places = np.unique(np.concatenate(same, axis=1), return_inverse=True)
    links = np.ones(places.size // 2, dtype=np.int8)
    graph = scipy.sparse.coo_array(
        (links, tuple(places.reshape(2, -1))), shape=(met.size, met.size)
    )
    _count, component = scipy.sparse.csgraph.connected_components(graph, directed=False)
    _numbers, first = np.unique(component, return_index=True)
    # Sums in double precision are exact below 2**53
    sums = np.bincount(component, weights=sizes[met])
    sizes[met] = 0
    sizes[met[first]] = sums
    return sizes[sizes > 0]
