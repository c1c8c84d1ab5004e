"""Bars of a histogram and places among values."""

import numpy as np
import pytest
from scipy.stats import percentileofscore

from sts_qa.science.statistics.histograms import (
    MOST_BARS,
    Bar,
    histogram,
    percentile_rank,
    percentile_ranks,
)


def inside(bar: Bar, values: np.ndarray) -> np.ndarray:
    above = -np.inf if bar.low is None else bar.low
    below = np.inf if bar.high is None else bar.high
    return (values >= above) & (values < below)


def test_evenly_spread_values_fill_bars_of_equal_width():
    bars = histogram(np.arange(2000) / 100)
    assert [bar.count for bar in bars] == pytest.approx([100] * MOST_BARS, abs=1)
    edges = [bar.low for bar in bars[1:]]
    assert np.diff(edges) == pytest.approx((20 - 0.01) / MOST_BARS, rel=0.02)


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(1).normal(size=500),
        np.random.default_rng(2).exponential(size=333) ** 4,
        np.r_[np.zeros(90), 0.3, 0.7],
        np.array([1.0, np.nextafter(1.0, 2.0)]),
        np.random.default_rng(3).integers(0, 9, 100).astype(float),
    ],
    ids=["normal", "long tail", "mostly zero", "neighbours", "whole numbers"],
)
def test_every_value_is_in_exactly_the_bar_that_counts_it(values):
    bars = histogram(values)
    assert len(bars) <= MOST_BARS
    assert [int(inside(bar, values).sum()) for bar in bars] == [bar.count for bar in bars]
    assert sum(bar.count for bar in bars) == values.size
    assert (bars[0].low, bars[-1].high) == (None, None)
    assert [bar.high for bar in bars[:-1]] == [bar.low for bar in bars[1:]]


def test_edges_are_numbers_that_people_can_read():
    bars = histogram(np.linspace(1, 3, 101))
    assert [bar.low for bar in bars[1:5]] == [1.1, 1.2, 1.3, 1.4]


def test_an_outlier_does_not_press_all_others_into_one_bar():
    bars = histogram(np.r_[np.arange(2000) / 2000, 1e6])
    assert max(bar.count for bar in bars) < 600
    assert bars[-1].count == 1


def test_equal_values_are_one_bar_and_no_values_none():
    assert histogram(np.full(7, 0.25)) == (Bar(None, None, 7),)
    assert histogram(np.empty(0)) == ()


def test_few_whole_numbers_get_a_bar_each():
    bars = histogram(np.array([1.0, 1.0, 2.0, 4.0]))
    assert bars == (Bar(None, 2, 2), Bar(2, 3, 1), Bar(3, 4, 0), Bar(4, None, 1))


def test_the_place_of_a_value_counts_equal_ones_half():
    among = np.array([1.0, 2.0, 2.0, 3.0, 8.0])
    expected = [percentileofscore(among, value, kind="mean") for value in (0.0, 2.0, 8.0, 9.0)]
    assert percentile_ranks(np.array([0.0, 2.0, 8.0, 9.0]), among).tolist() == expected
    assert percentile_rank(less=1, equal=2, count=5) == expected[1] == 40
