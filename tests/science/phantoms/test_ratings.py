"""Simulated ratings follow their model."""

import numpy as np
import pytest

from sts_qa.science.phantoms.ratings import ScoreRange, simulate_ratings

TWENTY = ScoreRange("contrast", 0, 20)
LEVELS = ScoreRange("iqsc", 0, 4)


def test_without_any_spread_scores_are_the_rounded_quality():
    latent = np.array([[0.0, 0.0], [0.52, 0.5], [0.525, 0.625], [1.0, 1.0]])
    scores = simulate_ratings(
        latent, [TWENTY, LEVELS], raters=3, seed=1, rater_sd=0.0, residual_sd=0.0
    )
    # 0.52 * 20 = 10.4 -> 10; 0.525 * 20 = 10.5 -> 11; 0.625 * 4 = 2.5 -> 3 (half up).
    expected = np.array([[0, 0], [10, 2], [11, 3], [20, 4]])
    assert scores.shape == (4, 2, 3)
    assert all(np.array_equal(scores[:, :, rater], expected) for rater in range(3))


def test_a_range_that_does_not_start_at_zero():
    scores = simulate_ratings(
        np.array([[0.0], [1.0]]), [ScoreRange("x", 1, 5)], raters=1, seed=1, rater_sd=0.0,
        residual_sd=0.0,
    )  # fmt: skip
    assert scores[:, 0, 0].tolist() == [1, 5]


def test_whole_numbers_within_the_range_and_missing_where_not_applicable():
    latent = np.random.default_rng(3).random((200, 2))
    latent[::4, 1] = np.nan
    scores = simulate_ratings(
        latent, [TWENTY, LEVELS], raters=5, seed=9, rater_sd=0.3, residual_sd=0.3
    )
    assert np.array_equal(np.isnan(scores), np.repeat(np.isnan(latent)[:, :, None], 5, axis=2))
    given = scores[~np.isnan(scores)]
    assert np.array_equal(given, np.round(given))
    assert np.nanmin(scores, axis=(0, 2)).tolist() == [0, 0]
    assert np.nanmax(scores, axis=(0, 2)).tolist() == [20, 4]


def test_same_seed_same_scores_and_another_seed_others():
    latent = np.full((50, 1), 0.6)
    first, again, other = (
        simulate_ratings(latent, [TWENTY], raters=5, seed=seed) for seed in (4, 4, 5)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_spread_between_raters_and_of_the_rest_are_as_said():
    # A fine scale and qualities far from both ends, so that rounding and clipping do not matter.
    latent = np.full((2000, 1), 0.5)
    scores = simulate_ratings(
        latent, [ScoreRange("fine", 0, 100_000)], raters=400, seed=2, rater_sd=0.04,
        residual_sd=0.05,
    )[:, 0] / 100_000  # fmt: skip
    # Severity: SD 0.04 in general and half of it per criterion, together 0.04 * sqrt(1.25).
    assert scores.mean(axis=0).std(ddof=1) == pytest.approx(0.04 * np.sqrt(1.25), rel=0.12)
    assert scores.std(axis=0, ddof=1).mean() == pytest.approx(0.05, rel=0.05)
    assert scores.mean() == pytest.approx(0.5, abs=0.01)


def test_a_wrong_number_of_criteria_is_refused():
    with pytest.raises(ValueError, match="one column per criterion"):
        simulate_ratings(np.zeros((3, 2)), [TWENTY], raters=5, seed=1)
