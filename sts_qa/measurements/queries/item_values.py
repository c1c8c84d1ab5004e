"""All values of one item, each with its place in the item's category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, FloatField, Q, Value, When

from sts_qa.catalogue.models import Item
from sts_qa.measurements.queries.present import (
    MASK_HELD_BACK,
    compared_measurements,
    further_masks,
    is_held_back,
    present_measurements,
    uses_own_mask,
)
from sts_qa.measurements.queries.values import NOT_COMPUTED
from sts_qa.science.metrics.table import METRICS, Metric
from sts_qa.science.statistics.histograms import percentile_rank


@dataclass(frozen=True)
class ItemMetric:
    """One metric of an item; without a value, `reason` says why.

    `percentile` is the place in the category, 0 to 100; None without a value, and for values that
    compare two masks. `summary` is that of a volume's slices. `mask_name` names the further mask.
    """

    metric: Metric
    value: float | None
    reason: str = ""
    percentile: float | None = None
    summary: Mapping[str, Any] | None = None
    mask_name: str = ""


def item_metrics(item: Item) -> list[ItemMetric]:
    """Return the values of the item's current version in the order of METRICS.

    Metrics that are not defined for the item's kind of image are left out.
    """
    fields = ("metric", "value", "reason", "summary")
    stored = present_measurements(item.dataset).filter(item_version=item.current_version)
    found = {name: row for name, *row in stored.values_list(*fields)}
    percentiles = _percentiles(item, {name: row[0] for name, row in found.items()})
    metrics = []
    for name, metric in METRICS.items():
        if item.kind in metric.kinds and not metric.needs_reference:
            value, reason, summary = found.get(name, (None, NOT_COMPUTED, None))
            if name in found and _is_held_back(item, metric):
                metrics.append(ItemMetric(metric, None, MASK_HELD_BACK))
            else:
                metrics.append(ItemMetric(metric, value, reason, percentiles.get(name), summary))
    return metrics


def compared_metrics(item: Item) -> list[ItemMetric]:
    """Return how the item's own mask agrees with each of its further masks."""
    fields = ("mask__name", "metric", "value", "reason", "summary")
    stored = compared_measurements(item.dataset).filter(item_version=item.current_version)
    found = {(mask, name): row for mask, name, *row in stored.values_list(*fields)}
    names = further_masks(item.dataset).filter(item=item).order_by("name")
    metrics = []
    for mask_name in names.values_list("name", flat=True):
        for name, metric in METRICS.items():
            if item.kind in metric.kinds and metric.needs_reference:
                value, reason, summary = found.get((mask_name, name), (None, NOT_COMPUTED, None))
                if (mask_name, name) in found and _is_held_back(item, metric):
                    value, reason, summary = None, MASK_HELD_BACK, None
                metrics.append(ItemMetric(metric, value, reason, None, summary, mask_name))
    return metrics


def _is_held_back(item: Item, metric: Metric) -> bool:
    version = item.current_version
    return version is not None and is_held_back(metric, version.mask_error)


def _percentiles(item: Item, values: Mapping[str, float | None]) -> dict[str, float]:
    """Count in the database how many values of the category are smaller, and how many equal."""
    own = [(name, value) for name, value in values.items() if value is not None]
    if not own:
        return {}
    whens = [When(metric=name, then=Value(value)) for name, value in own]
    rows = (
        present_measurements(item.dataset, [name for name, _value in own])
        .filter(_shown(), item_version__item__category=item.category, value__isnull=False)
        .annotate(own=Case(*whens, output_field=FloatField()))
        .order_by()
        .values("metric")
        .annotate(
            less=Count("pk", filter=Q(value__lt=F("own"))),
            equal=Count("pk", filter=Q(value=F("own"))),
            all=Count("pk"),
        )
    )
    return {row["metric"]: percentile_rank(row["less"], row["equal"], row["all"]) for row in rows}


def _shown() -> Q:
    """Return the condition that leaves out what was measured with a mask that is held back."""
    with_mask = [name for name, metric in METRICS.items() if uses_own_mask(metric)]
    return Q(item_version__mask_error="") | ~Q(metric__in=with_mask)
