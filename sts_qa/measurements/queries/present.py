"""Which values pages and exports show: those of what is there now, with what they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from sts_qa.catalogue.models import Dataset, MaskVersion
from sts_qa.catalogue.queries.further_masks import newest_versions
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries.units import measurable_items
from sts_qa.measurements.queries.versions import of_any_mask, of_present_version
from sts_qa.science.metrics.table import METRICS, Metric

MASK_HELD_BACK = "mask held back"
"""The mask does not fit its image, so what was measured with it, if anything, is not shown."""


@dataclass(frozen=True)
class PresentVersion:
    """What matters of an item's current version to the values measured on it."""

    category_id: int
    kind: str
    mask_error: str


def is_held_back(metric: Metric, mask_error: str) -> bool:
    return bool(mask_error) and uses_own_mask(metric)


def uses_own_mask(metric: Metric) -> bool:
    return metric.needs_mask or metric.scope == "mask"


def present_versions(dataset: Dataset) -> dict[int, PresentVersion]:
    """Return the current versions of measurable items by primary key."""
    rows = measurable_items(dataset).values_list(
        "current_version_id", "category_id", "kind", "current_version__mask_error"
    )
    return {
        pk: PresentVersion(category_id, kind, mask_error)
        for pk, category_id, kind, mask_error in rows.iterator(chunk_size=5000)
    }


def further_masks(dataset: Dataset) -> QuerySet[MaskVersion]:
    """Return the newest version of every further mask of measurable items."""
    return newest_versions().filter(item__in=measurable_items(dataset).values("pk"))


def present_measurements(
    dataset: Dataset, names: Iterable[str] | None = None
) -> QuerySet[Measurement]:
    """Return values of current versions, without those that compare two masks."""
    chosen = METRICS if names is None else names
    own = [name for name in chosen if not METRICS[name].needs_reference]
    return Measurement.objects.filter(
        of_present_version(own),
        item_version__in=measurable_items(dataset).values("current_version"),
    )


def compared_measurements(
    dataset: Dataset, names: Iterable[str] | None = None
) -> QuerySet[Measurement]:
    """Return values of current versions that compare the item's mask with a further one."""
    chosen = METRICS if names is None else names
    compared = [name for name in chosen if METRICS[name].needs_reference]
    if not compared:
        return Measurement.objects.none()
    return Measurement.objects.filter(
        of_any_mask(compared),
        mask__in=further_masks(dataset).values("pk"),
        item_version__in=measurable_items(dataset).values("current_version"),
    )


def items_per_kind(dataset: Dataset) -> Counter[str]:
    return Counter(version.kind for version in present_versions(dataset).values())
