"""A dataset's values at a glance: per category, and counted per metric."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, F, QuerySet

from sts_qa.catalogue.models import Category, Dataset
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries.units import measurable_items
from sts_qa.measurements.queries.values import NOT_COMPUTED
from sts_qa.measurements.queries.versions import of_present_version
from sts_qa.science.metrics.table import METRICS, Metric

MASK_HELD_BACK = "mask held back"
"""The mask does not fit its image, so what was measured with it, if anything, is not shown."""


@dataclass(frozen=True)
class MetricSummary:
    """One metric over a category; median and quartiles are None when there is no value."""

    metric: Metric
    count: int
    median: float | None
    quartile_1: float | None
    quartile_3: float | None
    # Number of items per reason, the commonest first
    missing: dict[str, int]


@dataclass(frozen=True)
class CategorySummary:
    category: Category
    items: int
    metrics: list[MetricSummary]


@dataclass(frozen=True)
class MetricCount:
    """How many items of a dataset have a value, have none with a reason, or are still to do."""

    metric: Metric
    values: int
    missing: int
    not_computed: int


def summarise_dataset(dataset: Dataset) -> list[CategorySummary]:
    """Return the summary of every category that has items, metrics in the order of METRICS.

    Metrics that are not defined for the kind of the category's images are left out.
    """
    kinds = _items_per_kind(dataset)
    values, reasons = _collect(dataset)
    return [
        CategorySummary(
            category,
            sum(kinds[category.pk].values()),
            [
                _summary(metric, values[category.pk, name], reasons[category.pk, name], expected)
                for name, metric in METRICS.items()
                if (expected := sum(kinds[category.pk][kind] for kind in metric.kinds))
            ],
        )
        for category in dataset.categories.all()
        if category.pk in kinds
    ]


def counts_by_metric(dataset: Dataset) -> list[MetricCount]:
    """Return one row per metric that applies to any item of the dataset."""
    kinds: Counter[str] = Counter()
    for of_category in _items_per_kind(dataset).values():
        kinds += of_category
    rows = (
        _measurements(dataset)
        .values("metric")
        .annotate(stored=Count("id"), with_value=Count("value"))
    )
    stored = {row["metric"]: (row["with_value"], row["stored"]) for row in rows}
    counts = []
    for name, metric in METRICS.items():
        if expected := sum(kinds[kind] for kind in metric.kinds):
            with_value, total = stored.get(name, (0, 0))
            counts.append(MetricCount(metric, with_value, total - with_value, expected - total))
    return counts


def _measurements(dataset: Dataset) -> QuerySet[Measurement]:
    """Values of the current version of every item that can be measured."""
    return Measurement.objects.filter(
        of_present_version(METRICS),
        item_version__in=measurable_items(dataset).values("current_version"),
    )


def _items_per_kind(dataset: Dataset) -> dict[int, Counter[str]]:
    rows = (
        measurable_items(dataset)
        .order_by()
        .values_list("category_id", "kind")
        .annotate(count=Count("id"))
    )
    kinds: dict[int, Counter[str]] = defaultdict(Counter)
    for category_id, kind, count in rows:
        kinds[category_id][kind] = count
    return kinds


Key = tuple[int, str]


def _collect(dataset: Dataset) -> tuple[dict[Key, list[float]], dict[Key, Counter[str]]]:
    """Values, and number of items per reason, by category and metric."""
    values: dict[Key, list[float]] = defaultdict(list)
    reasons: dict[Key, Counter[str]] = defaultdict(Counter)
    rows = _measurements(dataset).values_list(
        F("item_version__item__category_id"),
        "metric",
        "value",
        "reason",
        F("item_version__mask_error"),
    )
    for category_id, name, value, reason, mask_error in rows.iterator(chunk_size=5000):
        if mask_error and METRICS[name].needs_mask:
            reasons[category_id, name][MASK_HELD_BACK] += 1
        elif value is None:
            reasons[category_id, name][reason] += 1
        else:
            values[category_id, name].append(value)
    return values, reasons


def _summary(
    metric: Metric, values: list[float], reasons: Counter[str], expected: int
) -> MetricSummary:
    to_do = expected - len(values) - reasons.total()
    counted = reasons + Counter({NOT_COMPUTED: max(to_do, 0)})
    missing = dict(counted.most_common())
    if not values:
        return MetricSummary(metric, 0, None, None, None, missing)
    quartile_1, median, quartile_3 = (float(v) for v in np.percentile(values, (25, 50, 75)))
    return MetricSummary(metric, len(values), median, quartile_1, quartile_3, missing)
