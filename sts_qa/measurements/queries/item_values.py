"""All values of one item, each with its place in the item's category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import Case, Count, F, FloatField, Q, QuerySet, Value, When

from sts_qa.catalogue.models import Item
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries.present import (
    MASK_HELD_BACK,
    compared_measurements,
    further_masks,
    is_held_back,
    present_measurements,
    uses_own_mask,
)
from sts_qa.measurements.queries.slices import SliceFigures, slice_figures
from sts_qa.measurements.queries.values import NOT_COMPUTED
from sts_qa.science.metrics.table import METRICS, Metric
from sts_qa.science.statistics.histograms import percentile_rank


@dataclass(frozen=True)
class ItemMetric:
    """One metric of an item; without a value, `reason` says why.

    `percentile` is the place in the category, 0 to 100; None without a value. `slices` are those of
    a volume. `mask_name` names the further mask that the item's own is compared with; the
    percentile is then the place among the further masks of this name.
    """

    metric: Metric
    value: float | None
    reason: str = ""
    percentile: float | None = None
    slices: SliceFigures | None = None
    mask_name: str = ""


def item_metrics(item: Item) -> list[ItemMetric]:
    """Return the values of the item's current version in the order of METRICS.

    Metrics that are not defined for the item's kind of image are left out.
    """
    return _found(item, present_measurements(item.dataset), needs_reference=False)


def compared_metrics(item: Item) -> list[ItemMetric]:
    """Return how the item's own mask agrees with each of its further masks."""
    compared = compared_measurements(item.dataset)
    names = further_masks(item.dataset).filter(item=item).order_by("name")
    return [
        replace(found, mask_name=mask_name)
        for mask_name in names.values_list("name", flat=True)
        for found in _found(item, compared.filter(mask__name=mask_name), needs_reference=True)
    ]


def _found(
    item: Item, measurements: QuerySet[Measurement], *, needs_reference: bool
) -> list[ItemMetric]:
    """Return the item's values among these measurements, and their places in its category."""
    fields = ("metric", "value", "reason", "summary")
    rows = measurements.filter(item_version=item.current_version).values_list(*fields)
    stored = {name: row for name, *row in rows}
    percentiles = _percentiles(item, measurements, {name: row[0] for name, row in stored.items()})
    mask_error = item.current_version.mask_error if item.current_version else ""
    found = []
    for name, metric in METRICS.items():
        if item.kind in metric.kinds and metric.needs_reference == needs_reference:
            value, reason, summary = stored.get(name, (None, NOT_COMPUTED, None))
            if name in stored and is_held_back(metric, mask_error):
                found.append(ItemMetric(metric, None, MASK_HELD_BACK))
            else:
                slices = slice_figures(summary)
                found.append(ItemMetric(metric, value, reason, percentiles.get(name), slices))
    return found


def _percentiles(
    item: Item, measurements: QuerySet[Measurement], values: Mapping[str, float | None]
) -> dict[str, float]:
    """Count in the database how many values of the category are smaller, and how many equal."""
    own = {name: value for name, value in values.items() if value is not None}
    if not own:
        return {}
    whens = [When(metric=name, then=Value(value)) for name, value in own.items()]
    rows = (
        measurements.filter(metric__in=own)
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
