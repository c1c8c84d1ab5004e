"""All values of a dataset, item by item, for files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, QuerySet, Value

from sts_qa.catalogue.models import Category, Dataset, Item
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries.present import (
    MASK_HELD_BACK,
    compared_measurements,
    further_masks,
    is_held_back,
    present_measurements,
)
from sts_qa.measurements.queries.slices import SliceFigures, slice_figures
from sts_qa.measurements.queries.units import measurable_items
from sts_qa.measurements.queries.values import NOT_COMPUTED
from sts_qa.science.metrics.table import METRICS

CHUNK = 500


class ExportedValue(NamedTuple):
    """One metric of an item; `mask_name` is that of the further mask it is compared with.

    `slices` are those of a volume that its value is the median of.
    """

    metric: str
    mask_name: str
    value: float | None
    reason: str
    slices: SliceFigures | None = None


@dataclass(frozen=True)
class ExportedItem:
    id: int
    key: str
    category: str
    kind: str
    labelled: bool
    values: list[ExportedValue]


def further_mask_names(dataset: Dataset) -> list[str]:
    names = further_masks(dataset).order_by("name").values_list("name", flat=True)
    return list(names.distinct())


def exported_items(
    dataset: Dataset,
    *,
    category: Category | None = None,
    first_key: str = "",
    at_once: int = CHUNK,
) -> Iterator[ExportedItem]:
    """Yield measurable items in the order of keys, with each metric that their kind can have.

    Items are read by and by, so that a large dataset is never in memory as a whole.

    Parameters
    ----------
    category
        Only its items.
    first_key
        Where to begin; an item of this very key is the first.
    at_once
        How many items are read in one go.
    """
    items = measurable_items(dataset).select_related("category", "current_version").order_by("key")
    if category is not None:
        items = items.filter(category=category)
    chunk = list(items.filter(key__gte=first_key)[:at_once])
    while chunk:
        yield from _exported(dataset, chunk)
        chunk = list(items.filter(key__gt=chunk[-1].key)[:at_once])


def _exported(dataset: Dataset, chunk: list[Item]) -> Iterator[ExportedItem]:
    versions = [item.current_version_id for item in chunk]
    stored = _stored(present_measurements(dataset).filter(item_version__in=versions), Value(""))
    masks: dict[int, list[str]] = defaultdict(list)
    named = further_masks(dataset).filter(item__in=[item.pk for item in chunk])
    for item_id, mask_name in named.order_by("name").values_list("item_id", "name"):
        masks[item_id].append(mask_name)
    if masks:
        compared = compared_measurements(dataset).filter(item_version__in=versions)
        stored |= _stored(compared, F("mask__name"))
    for item in chunk:
        values = [
            _value(item, name, mask_name, stored)
            for name, metric in METRICS.items()
            if item.kind in metric.kinds
            for mask_name in (masks[item.pk] if metric.needs_reference else [""])
        ]
        yield ExportedItem(item.pk, item.key, item.category.name, item.kind, item.labelled, values)


def _stored(
    measurements: QuerySet[Measurement], mask_name: Value | F
) -> dict[tuple[int, str, str], ExportedValue]:
    """Return what is stored by item version, metric and name of the further mask."""
    rows = measurements.annotate(of_mask=mask_name).values_list(
        "item_version_id", "metric", "of_mask", "value", "reason", "summary"
    )
    # One by one: a summary lists the slices without a value, and few figures of it are kept
    return {
        (pk, name, mask): ExportedValue(name, mask, value, reason, slice_figures(summary))
        for pk, name, mask, value, reason, summary in rows.iterator(chunk_size=CHUNK)
    }


def _value(
    item: Item, name: str, mask_name: str, stored: dict[tuple[int, str, str], ExportedValue]
) -> ExportedValue:
    version = item.current_version
    assert version is not None, "measurable items have one"
    found = stored.get((version.pk, name, mask_name))
    if found is None:
        return ExportedValue(name, mask_name, None, NOT_COMPUTED)
    if is_held_back(METRICS[name], version.mask_error):
        return ExportedValue(name, mask_name, None, MASK_HELD_BACK)
    return found
