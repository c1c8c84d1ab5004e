"""All values of a dataset as one long list that can be read from any place on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, dropwhile, islice
from typing import Any

from sts_qa.catalogue.models import Category, Dataset
from sts_qa.measurements.queries import ExportedItem, exported_items
from sts_qa.science.metrics.table import METRICS

# What a place in the list is: the item, then the metric in the order of METRICS, then the mask
ORDER = ("key", "metric_place", "mask")
PLACES = {name: place for place, name in enumerate(METRICS)}


@dataclass(frozen=True)
class LongValues:
    """One row per item, metric and further mask, as `ValueSchema` describes them."""

    dataset: Dataset
    category: Category | None = None
    metric: str = ""

    def behind(self, after: list[Any] | None, size: int) -> list[dict[str, Any]]:
        """Return at most `size` rows behind the one at the place `after`."""
        key = after[0] if after else ""
        items = exported_items(
            self.dataset, category=self.category, first_key=key, at_once=self._items_for(size)
        )
        rows: Iterator[dict[str, Any]] = chain.from_iterable(map(self._rows, items))
        if after is not None:
            rows = dropwhile(lambda row: row["key"] == key and _place(row) <= after[1:], rows)
        return list(islice(rows, size))

    def _items_for(self, size: int) -> int:
        """Return how many items are read at once: not many more than what is asked for needs."""
        return min(500, size if self.metric else size // len(METRICS) + 2)

    def _rows(self, item: ExportedItem) -> Iterator[dict[str, Any]]:
        for found in item.values:
            if self.metric in ("", found.metric):
                metric = METRICS[found.metric]
                yield {
                    "item": item.id,
                    "key": item.key,
                    "category": item.category,
                    "kind": item.kind,
                    "labelled": item.labelled,
                    "metric": found.metric,
                    "metric_place": PLACES[found.metric],
                    "metric_version": metric.version,
                    "value": found.value,
                    "reason": found.reason,
                    "unit": metric.unit,
                    "mask": found.mask_name,
                    "slices": found.slices,
                }


def _place(row: dict[str, Any]) -> list[Any]:
    """Return the place of a row within its item."""
    return [row[name] for name in ORDER[1:]]
