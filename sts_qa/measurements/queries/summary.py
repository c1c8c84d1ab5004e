"""A dataset's values at a glance: per category, and counted per metric."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db.models import Count

from sts_qa.catalogue.models import Category, Dataset, ImageKind
from sts_qa.measurements.queries.present import (
    MASK_HELD_BACK,
    PresentVersion,
    compared_measurements,
    further_masks,
    is_held_back,
    items_per_kind,
    present_measurements,
    present_versions,
)
from sts_qa.measurements.queries.values import NOT_COMPUTED
from sts_qa.science.metrics.table import METRICS, Metric
from sts_qa.science.statistics.histograms import Values


@dataclass(frozen=True, eq=False)
class MetricSummary:
    """One metric over a category; median and quartiles are None when there is no value.

    `values` are sorted. `mask_name` names the further mask that the item's own is compared with.
    """

    metric: Metric
    values: Values
    median: float | None
    quartile_1: float | None
    quartile_3: float | None
    # Number of items per reason, the commonest first
    missing: dict[str, int]
    mask_name: str = ""

    @property
    def count(self) -> int:
        return int(self.values.size)


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


# Category, metric, and name of the further mask
Key = tuple[int, str, str]


@dataclass
class _Collected:
    values: dict[Key, list[float]]
    reasons: dict[Key, Counter[str]]

    def add(self, key: Key, mask_error: str, value: float | None, reason: str) -> None:
        if mask_error and is_held_back(METRICS[key[1]], mask_error):
            self.reasons[key][MASK_HELD_BACK] += 1
        elif value is None:
            self.reasons[key][reason] += 1
        else:
            self.values[key].append(value)


def summarise_dataset(
    dataset: Dataset, names: Iterable[str] | None = None
) -> list[CategorySummary]:
    """Return the summary of every category that has items, metrics in the order of METRICS.

    Metrics that are not defined for the kind of the category's images are left out, and so are
    those that compare two masks where no item has a further one; else they are summarised once
    for each name of a further mask.
    """
    chosen = list(METRICS if names is None else names)
    versions = present_versions(dataset)
    masks = _mask_names(dataset, chosen)
    collected = _collect(dataset, chosen, versions, masks)
    # Items by category, kind, and name of a further mask
    items = Counter((version.category_id, version.kind, "") for version in versions.values())
    items += Counter((category, kind, name) for category, kind, name in masks.values())
    mask_names = sorted({name for _category, _kind, name in masks.values()})
    summaries = []
    for category in dataset.categories.all():
        keys = [
            ((category.pk, name, mask_name), expected)
            for name in chosen
            for mask_name in (mask_names if METRICS[name].needs_reference else [""])
            if (expected := sum(items[category.pk, k, mask_name] for k in METRICS[name].kinds))
        ]
        if total := sum(items[category.pk, kind, ""] for kind in ImageKind.values):
            metrics = [_summary(key, collected, expected) for key, expected in keys]
            summaries.append(CategorySummary(category, total, metrics))
    return summaries


def counts_by_metric(dataset: Dataset) -> list[MetricCount]:
    """Return one row per metric that applies to any item, or further mask, of the dataset."""
    kinds = items_per_kind(dataset)
    masks = Counter(kind for _category, kind, _name in _mask_names(dataset, METRICS).values())
    stored: dict[str, tuple[int, int]] = {}
    for measurements in (present_measurements(dataset), compared_measurements(dataset)):
        rows = measurements.values("metric").annotate(stored=Count("id"), with_value=Count("value"))
        stored |= {row["metric"]: (row["with_value"], row["stored"]) for row in rows}
    counts = []
    for name, metric in METRICS.items():
        among = masks if metric.needs_reference else kinds
        if expected := sum(among[kind] for kind in metric.kinds):
            with_value, total = stored.get(name, (0, 0))
            counts.append(MetricCount(metric, with_value, total - with_value, expected - total))
    return counts


def _mask_names(dataset: Dataset, names: Iterable[str]) -> dict[int, tuple[int, str, str]]:
    """Return category, kind and name of each further mask, if any of the metrics needs one."""
    if not any(METRICS[name].needs_reference for name in names):
        return {}
    rows = further_masks(dataset).values_list("pk", "item__category_id", "item__kind", "name")
    return {pk: (category, kind, name) for pk, category, kind, name in rows}


def _collect(
    dataset: Dataset,
    names: list[str],
    versions: dict[int, PresentVersion],
    masks: dict[int, tuple[int, str, str]],
) -> _Collected:
    """Values, and number of items per reason, in one pass over what is stored."""
    collected = _Collected(defaultdict(list), defaultdict(Counter))
    fields = ("item_version_id", "metric", "value", "reason")
    rows = present_measurements(dataset, names).order_by().values_list(*fields)
    for version_id, name, value, reason in rows.iterator(chunk_size=5000):
        # An import may have put another version in its place meanwhile
        if version := versions.get(version_id):
            collected.add((version.category_id, name, ""), version.mask_error, value, reason)
    if masks:
        compared = compared_measurements(dataset, names).order_by().values_list(*fields, "mask_id")
        for version_id, name, value, reason, mask_id in compared.iterator(chunk_size=5000):
            if mask_id in masks and (version := versions.get(version_id)):
                key = (version.category_id, name, masks[mask_id][2])
                collected.add(key, version.mask_error, value, reason)
    return collected


def _summary(key: Key, collected: _Collected, expected: int) -> MetricSummary:
    _category, name, mask_name = key
    values = np.sort(np.array(collected.values.get(key, ()), dtype=np.float64))
    reasons = collected.reasons.get(key, Counter())
    to_do = expected - values.size - reasons.total()
    counted = reasons + Counter({NOT_COMPUTED: max(to_do, 0)})
    missing = dict(counted.most_common())
    if not values.size:
        return MetricSummary(METRICS[name], values, None, None, None, missing, mask_name)
    quartile_1, median, quartile_3 = (float(v) for v in np.percentile(values, (25, 50, 75)))
    return MetricSummary(METRICS[name], values, median, quartile_1, quartile_3, missing, mask_name)
