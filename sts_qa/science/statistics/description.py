"""Quality scores per category and criterion: means, spreads, subtotals and totals with their n."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sts_qa.science.statistics.score_frame import Criterion, check_scores

if TYPE_CHECKING:
    import pandas as pd

INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Category:
    """A row of the table: a category and the group it belongs to."""

    name: str
    group: str = ""


@dataclass(frozen=True)
class CellDescription:
    """One criterion (or sum of criteria) in one category.

    Attributes
    ----------
    mean : float or None
        Mean of the item means; weighted by 1/probability when `weighted`.
    plain_mean : float or None
        Mean of the item means, all with the same weight.
    weighted : bool
        True when inclusion probabilities differ between the items of this cell.
    sd_items : float or None
        Standard deviation between item means (n - 1), None below two items.
    sd_raters : float or None
        Standard deviation between rater means (n - 1), None below two raters.
    n_items, n_ratings : int
        Items with at least one value; values.
    missing : mapping of code to int
        Values missing per code. Sums have the one code 'incomplete'.
    levels : mapping of level to int, or None
        Ordinal criteria: ratings per level, zeros included.
    median : float or None
        Ordinal criteria: median of the ratings.
    """

    mean: float | None
    plain_mean: float | None
    weighted: bool
    sd_items: float | None
    sd_raters: float | None
    n_items: int
    n_ratings: int
    missing: Mapping[str, int]
    levels: Mapping[int, int] | None = None
    median: float | None = None


@dataclass(frozen=True)
class CategoryDescription:
    """All criteria of one category.

    A subtotal is None when no criterion of its scope enters sums; the total is None unless both
    scopes have such criteria. `sum_of_means` is the sum of the column means, None while one of
    them is missing; it mixes different sets of items and is no mean of totals.
    """

    category: Category
    n_items: int
    n_labelled: int
    criteria: Mapping[str, CellDescription]
    image_subtotal: CellDescription | None
    annotation_subtotal: CellDescription | None
    total: CellDescription | None
    sum_of_means: float | None
    sum_of_plain_means: float | None


@dataclass(frozen=True)
class QualityDescription:
    """All categories, and the largest sums the criteria allow (None where there is no sum)."""

    categories: tuple[CategoryDescription, ...]
    image_maximum: float | None
    annotation_maximum: float | None
    total_maximum: float | None


def describe_quality_scores(
    scores: pd.DataFrame,
    criteria: Sequence[Criterion],
    categories: Sequence[Category] | None = None,
) -> QualityDescription:
    """Describe quality scores per category and criterion.

    Parameters
    ----------
    scores : DataFrame
        One row per rater, item and criterion, with the columns rater, item, category, group,
        labelled (bool), probability (inclusion probability of the item, above 0, at most 1),
        criterion, value (float, NaN when missing) and code (why it is missing, else empty).
    criteria : sequence of Criterion
        All criteria that occur. Ordinal ones never enter sums.
    categories : sequence of Category, optional
        Rows to describe, also without data. Default: as they first occur in `scores`.

    Returns
    -------
    QualityDescription
        Missing values are never counted as zero.

    Notes
    -----
    An item's mean is the mean over its raters with a value. A rater's subtotal (total) of an item
    exists only when that rater scored every criterion of the scope (of both scopes); an item's
    subtotal (total) is the mean of those. Image criteria are summed over all items, annotation
    criteria and the total over labelled items only. Where probabilities differ inside a cell its
    mean is the ratio estimator sum(y/p) / sum(1/p) (Hajek).

    References
    ----------
    W. G. Cochran, Sampling Techniques, 3rd ed., 1977, ch. 5. J. Hajek, comment in Foundations of
    Statistical Inference, 1971, p. 236.
    """
    check_scores(scores, criteria)
    if categories is None:
        pairs = scores[["category", "group"]].drop_duplicates()
        categories = [Category(name, group) for name, group in pairs.itertuples(index=False)]
    summed = [criterion for criterion in criteria if not criterion.ordinal]
    image = [criterion for criterion in summed if criterion.scope == "image"]
    annotation = [criterion for criterion in summed if criterion.scope == "annotation"]
    both = summed if image and annotation else []
    return QualityDescription(
        tuple(
            _describe_category(scores, category, criteria, image, annotation)
            for category in categories
        ),
        image_maximum=_maximum(image),
        annotation_maximum=_maximum(annotation),
        total_maximum=_maximum(both),
    )


def _describe_category(
    scores: pd.DataFrame,
    category: Category,
    criteria: Sequence[Criterion],
    image: Sequence[Criterion],
    annotation: Sequence[Criterion],
) -> CategoryDescription:
    rows = scores[(scores["category"] == category.name) & (scores["group"] == category.group)]
    labelled = rows[rows["labelled"].astype(bool)]
    cells = {criterion.code: _describe_criterion(rows, criterion) for criterion in criteria}
    summed = [cells[criterion.code] for criterion in (*image, *annotation)]
    return CategoryDescription(
        category=category,
        n_items=rows["item"].nunique(),
        n_labelled=labelled["item"].nunique(),
        criteria=cells,
        image_subtotal=_describe_sum(rows, image) if image else None,
        annotation_subtotal=_describe_sum(labelled, annotation) if annotation else None,
        total=_describe_sum(labelled, [*image, *annotation]) if image and annotation else None,
        sum_of_means=_sum([cell.mean for cell in summed]),
        sum_of_plain_means=_sum([cell.plain_mean for cell in summed]),
    )


def _describe_criterion(rows: pd.DataFrame, criterion: Criterion) -> CellDescription:
    cell = rows[rows["criterion"] == criterion.code]
    given = cell[cell["value"].notna()]
    missing = cell.loc[cell["value"].isna(), "code"].value_counts()
    codes = {str(code): int(count) for code, count in sorted(missing.items())}
    if not criterion.ordinal:
        return _describe_values(given, codes)
    counts = given["value"].value_counts()
    levels = {
        level: int(counts.get(level, 0))
        for level in range(int(criterion.minimum), int(criterion.maximum) + 1)
    }
    return _describe_values(given, codes, levels, _number(given["value"].median()))


def _describe_sum(rows: pd.DataFrame, criteria: Sequence[Criterion]) -> CellDescription:
    """Describe the sums that raters gave to items, leaving out incomplete ones."""
    codes = [criterion.code for criterion in criteria]
    showings = rows[["rater", "item", "probability"]].drop_duplicates(["rater", "item"])
    wide = rows.pivot(index=["rater", "item"], columns="criterion", values="value")
    sums = wide.reindex(columns=codes).sum(axis=1, skipna=False).rename("value")
    totals = showings.join(sums.astype(float), on=["rater", "item"])
    given = totals[totals["value"].notna()]
    incomplete = len(totals) - len(given)
    return _describe_values(given, {INCOMPLETE: incomplete} if incomplete else {})


def _describe_values(
    given: pd.DataFrame,
    missing: Mapping[str, int],
    levels: Mapping[int, int] | None = None,
    median: float | None = None,
) -> CellDescription:
    """Describe rows with a value each: item, rater, probability, value."""
    items = given.groupby("item").agg(value=("value", "mean"), probability=("probability", "first"))
    rater_means = given.groupby("rater")["value"].mean()
    weights = 1 / items["probability"].to_numpy(dtype=float)
    weighted = bool(len(weights)) and not np.allclose(weights, weights[0], rtol=1e-12, atol=0)
    plain_mean = _number(items["value"].mean())
    mean = float(np.average(items["value"], weights=weights)) if weighted else plain_mean
    return CellDescription(
        mean=mean,
        plain_mean=plain_mean,
        weighted=weighted,
        sd_items=_number(items["value"].std(ddof=1)),
        sd_raters=_number(rater_means.std(ddof=1)),
        n_items=len(items),
        n_ratings=len(given),
        missing=missing,
        levels=levels,
        median=median,
    )


def _maximum(criteria: Sequence[Criterion]) -> float | None:
    return sum(criterion.maximum for criterion in criteria) if criteria else None


def _sum(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) if numbers and len(numbers) == len(values) else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
