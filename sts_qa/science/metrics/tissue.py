"""Air and soft tissue, told by how often grey values occur."""

import numpy as np

from sts_qa.science.metrics.distribution import Distribution

AIR_LEVEL = 0.2
"""Air lies below this share of the range from black to white."""

VALLEY_STARTS, VALLEY_WIDTH = (0.1, 0.15, 0.2, 0.25), 0.1
"""Between air and soft tissue lies a valley: the emptiest of these parts of the range."""

TISSUE_TO = 0.6
"""Soft tissue lies from the end of the valley to this share of the range."""

VALLEY_DEPTH = 5
"""Air and soft tissue must each have this many times the voxels of the valley between them."""

TISSUE_SPREAD = 0.06
"""Half of the voxels in the range of soft tissue must lie this near to their median: soft tissue is
even, bone is not."""


def air_level(black: float, white: float) -> float:
    """Grey value below which air lies."""
    return black + AIR_LEVEL * (white - black)


def shows_air(values: Distribution, black: float, white: float) -> bool:
    """Whether the darkest voxels are air, told by a valley and by even tissue beyond it.

    In a field of view inside the body the darkest voxels are soft tissue, and those beyond are
    bone: many lie between, and bone is uneven.

    Parameters
    ----------
    values : Distribution
        Of a volume or slice, noise smoothed where it is strong.
    black, white : float
        Percentiles 0.5 and 99.5 of the volume.
    """
    return _ranks(values, black, white) is not None


def air_and_soft_tissue(
    values: Distribution, black: float, white: float
) -> tuple[float | None, float]:
    """Median of air, None where there is none, and of soft tissue."""
    ranks = _ranks(values, black, white)
    if ranks is None:
        (stop,) = _count_below(values, black + TISSUE_TO * (white - black))
        return None, median_of_ranks(values, 0, max(1, stop))
    air, first, stop = ranks
    return median_of_ranks(values, 0, air), median_of_ranks(values, first, stop)


def _ranks(values: Distribution, black: float, white: float) -> tuple[int, int, int] | None:
    """How many voxels are air, darker than soft tissue, and darker than bone; None without air."""
    parts = [
        _count_below(
            values,
            *(
                black + share * (white - black)
                for share in (start, start + VALLEY_WIDTH, TISSUE_TO)
            ),
        )
        for start in VALLEY_STARTS
    ]
    air, first, stop = min(parts, key=lambda part: part[1] - part[0])
    if air == 0 or stop == first or VALLEY_DEPTH * (first - air) > min(air, stop - first):
        return None
    middle, reach = median_of_ranks(values, first, stop), TISSUE_SPREAD * (white - black)
    lowest, highest = _count_below(values, middle - reach, middle + reach)
    even = 2 * (min(highest, stop) - max(lowest, first)) >= stop - first
    return (air, first, stop) if even else None


def median_of_ranks(values: Distribution, first: int, stop: int) -> float:
    """Median of the voxels that take the places `first` to `stop` - 1 in ascending order."""
    return values.percentile(50 * (first + stop - 1) / max(1, values.size - 1))


def _count_below(values: Distribution, *levels: float) -> list[int]:
    return [int(count) for count in values.count_below(np.array(levels))]
