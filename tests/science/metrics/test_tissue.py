"""Air and soft tissue told from how often grey values occur, at the limits of the rules."""

import numpy as np
import pytest

from sts_qa.science.metrics.distribution import Distribution
from sts_qa.science.metrics.tissue import air_and_soft_tissue, shows_air

BLACK, WHITE = -1000.0, 3000.0


def histogram(shares_and_counts) -> Distribution:
    """So many voxels of each grey value, given as a share of the range from black to white."""
    values, counts = zip(*sorted(shares_and_counts), strict=True)
    return Distribution(
        BLACK + (WHITE - BLACK) * np.array(values), np.array(counts, dtype=np.int64)
    )


def with_valley(between: int) -> Distribution:
    """1,000 voxels of air, 2,000 of soft tissue, and so many at places between them.

    Each of the parts of the range in which the valley is looked for holds two of the places.
    """
    valleys = [(place, between) for place in (0.125, 0.175, 0.225, 0.275, 0.325)]
    return histogram([(0.02, 1000), *valleys, (0.4, 2000)])


def test_medians_are_those_of_air_and_of_soft_tissue():
    noise = np.random.default_rng(2).normal(0, 30, 30_000)
    pixels = np.concatenate([-990 + noise[:8000], 40 + noise[8000:], np.full(900, 1800.0)])

    air, soft = air_and_soft_tissue(Distribution.of(pixels), BLACK, WHITE)
    assert air == pytest.approx(np.median(pixels[:8000]))
    assert soft == pytest.approx(np.median(pixels[8000:30_000]))


@pytest.mark.parametrize(("between", "shown"), [(100, True), (130, False)])
def test_a_valley_holds_a_fifth_of_the_voxels_beside_it_at_most(between, shown):
    assert shows_air(with_valley(between), BLACK, WHITE) == shown


@pytest.mark.parametrize(("away", "shown"), [(0.055, True), (0.07, False)])
def test_half_of_soft_tissue_lies_within_6_percent_of_its_median(away, shown):
    tissue = [(0.45, 100), (0.45 - away, 1000), (0.45 + away, 1000)]

    assert shows_air(histogram([(0.02, 1000), *tissue]), BLACK, WHITE) == shown


def test_without_voxels_on_both_sides_of_a_valley_there_is_no_air():
    assert not shows_air(histogram([(0.02, 1000)]), BLACK, WHITE)
    assert not shows_air(histogram([(0.4, 1000), (0.7, 200)]), BLACK, WHITE)
    assert air_and_soft_tissue(histogram([(0.4, 1000), (0.7, 200)]), BLACK, WHITE)[0] is None
