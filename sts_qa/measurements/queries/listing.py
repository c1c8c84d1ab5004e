"""The items behind a bar of a distribution, and those behind a reason for a missing value."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from sts_qa.catalogue.models import Category, Item
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries.present import (
    MASK_HELD_BACK,
    compared_measurements,
    further_masks,
    present_measurements,
    uses_own_mask,
)
from sts_qa.measurements.queries.units import measurable_items
from sts_qa.measurements.queries.values import NOT_COMPUTED
from sts_qa.science.metrics.table import Metric


@dataclass(frozen=True)
class Wanted:
    """One metric over one category; `mask_name` is that of a further mask, for metrics of two."""

    category: Category
    metric: Metric
    mask_name: str = ""


def listed_values(
    wanted: Wanted, low: float | None = None, high: float | None = None
) -> QuerySet[Measurement]:
    """Return the values v with low <= v < high, each with its item, in no order."""
    values = _stored(wanted).filter(
        value__isnull=False, item_version__item__category=wanted.category
    )
    if uses_own_mask(wanted.metric):
        values = values.filter(item_version__mask_error="")
    if low is not None:
        values = values.filter(value__gte=low)
    if high is not None:
        values = values.filter(value__lt=high)
    return values.select_related(
        "item_version__item__category", "item_version__item__current_version"
    ).defer("slice_values", "summary")


def is_worst_first_falling(metric: Metric) -> bool:
    """Whether the largest value comes first: it is the worst, or there is no better or worse."""
    return metric.direction != "up"


def items_without(wanted: Wanted, reason: str) -> QuerySet[Item]:
    """Return the items that have no value for this reason, as `summarise_dataset` counts them."""
    metric = wanted.metric
    items = measurable_items(wanted.category.dataset).filter(
        category=wanted.category, kind__in=metric.kinds
    )
    if metric.needs_reference:
        masks = further_masks(wanted.category.dataset).filter(name=wanted.mask_name)
        items = items.filter(pk__in=masks.values("item"))
    stored = _stored(wanted).filter(item_version=OuterRef("current_version"))
    if reason == NOT_COMPUTED:
        return items.filter(~Exists(stored))
    held_back = Q(pk__in=[])
    if uses_own_mask(metric):
        held_back = ~Q(current_version__mask_error="")
    if reason == MASK_HELD_BACK:
        return items.filter(held_back, Exists(stored))
    return items.filter(~held_back, Exists(stored.filter(value__isnull=True, reason=reason)))


def _stored(wanted: Wanted) -> QuerySet[Measurement]:
    dataset, name = wanted.category.dataset, wanted.metric.name
    if wanted.metric.needs_reference:
        return compared_measurements(dataset, [name]).filter(mask__name=wanted.mask_name)
    return present_measurements(dataset, [name])
