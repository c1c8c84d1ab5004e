"""Ratings simulated by a seeded model of raters. Never expert data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.phantoms.truth import generator

FloatArray = NDArray[np.float64]

_RATINGS = 31


@dataclass(frozen=True)
class ScoreRange:
    """A criterion as the simulation needs it: its code and its lowest and highest score."""

    code: str
    minimum: int
    maximum: int


def simulate_ratings(
    latent: FloatArray,
    criteria: Sequence[ScoreRange],
    *,
    raters: int,
    seed: int,
    rater_sd: float = 0.04,
    residual_sd: float = 0.06,
) -> FloatArray:
    """Whole scores that `raters` simulated raters would give.

    Parameters
    ----------
    latent : ndarray of shape (items, criteria)
        True quality, 0 worst to 1 best; nan where the criterion does not apply.
    criteria : sequence of ScoreRange
        One per column of `latent`.
    raters : int
    seed : int
    rater_sd : float
        SD between raters of their severity, as a share of the criterion's range.
    residual_sd : float
        Mean over raters of the SD of the rest (item by rater), as a share of the range.

    Returns
    -------
    ndarray of shape (items, criteria, raters)
        Whole numbers within each criterion's range; nan where `latent` is nan.

    Notes
    -----
    score = minimum + range * clip(latent + severity(rater) + severity(rater, criterion) + rest),
    rounded half up. The severity per criterion has half the SD of the general one; a rater's
    rest has an SD of its own, between 0.7 and 1.3 of `residual_sd`. The same bias and
    inconsistency per rater are what the subject model of ITU-T P.910 estimates.
    """
    if latent.ndim != 2 or latent.shape[1] != len(criteria):
        raise ValueError(
            f"latent has shape {latent.shape}, expected (items, {len(criteria)}): "
            "one column per criterion"
        )
    random = generator(seed, _RATINGS)
    severity = random.normal(0.0, 1.0, raters) * rater_sd
    own = random.normal(0.0, 1.0, (len(criteria), raters)) * 0.5 * rater_sd
    spread = random.uniform(0.7, 1.3, raters) * residual_sd
    rest = random.normal(0.0, 1.0, (*latent.shape, raters)) * spread
    felt = np.clip(latent[:, :, None] + severity + own + rest, 0.0, 1.0)
    lowest = np.array([criterion.minimum for criterion in criteria], dtype=float)[:, None]
    extent = np.array([criterion.maximum - criterion.minimum for criterion in criteria])[:, None]
    result: FloatArray = np.floor(lowest + extent * felt + 0.5)
    return result
