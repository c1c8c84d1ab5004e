"""The values of a dataset as a file, on record: one row per value, or one row per item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction

from sts_qa.audit import actions as audit
from sts_qa.catalogue.models import Dataset
from sts_qa.measurements.queries.export import (
    ExportedItem,
    ExportedValue,
    exported_items,
    further_mask_names,
)
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.tables.writers import BYTE_ORDER_MARK, CSV_LINE_END, csv_comment, csv_line

LONG_COLUMNS = (
    "item",
    "category",
    "kind",
    "labelled",
    "metric",
    "metric_version",
    "value",
    "reason",
    "unit",
    "mask",
)
ITEM_COLUMNS = LONG_COLUMNS[:4]


def long_lines(dataset: Dataset) -> Iterator[str]:
    """Yield one row per item and metric; `mask` names the further mask of metrics that compare."""
    yield BYTE_ORDER_MARK + _line(*LONG_COLUMNS)
    for item in exported_items(dataset):
        for found in item.values:
            metric = METRICS[found.metric]
            yield _line(
                *_item_cells(item),
                found.metric,
                metric.version,
                found.value,
                found.reason or None,
                metric.unit,
                found.mask_name or None,
            )


def wide_lines(dataset: Dataset) -> Iterator[str]:
    """Yield one row per item: first all values, then all reasons, and versions as comments."""
    columns = _columns(dataset)
    names = [_column_name(*column) for column in columns]
    yield BYTE_ORDER_MARK + _line(*ITEM_COLUMNS, *names, *(f"{name}_missing" for name in names))
    for item in exported_items(dataset):
        found = {(value.metric, value.mask_name): value for value in item.values}
        cells = [found.get(column) for column in columns]
        values = [cell.value if cell else None for cell in cells]
        yield _line(*_item_cells(item), *values, *(_reason(cell) for cell in cells))
    for name, metric in METRICS.items():
        yield csv_comment(f"{name}: version {metric.version}, unit {metric.unit}") + CSV_LINE_END


SHAPES: dict[str, Callable[[Dataset], Iterator[str]]] = {"long": long_lines, "wide": wide_lines}


def export_metrics(*, dataset: Dataset, shape: str, acting_user: Any) -> Iterator[str]:
    """Record the export, and return all values as lines of CSV in one of SHAPES."""
    with transaction.atomic():
        audit.record(
            chain=audit.dataset_chain(dataset.pk),
            action="metrics.exported",
            acting_user=acting_user,
            subject=dataset,
            details={"format": "csv", "shape": shape},
        )
    return SHAPES[shape](dataset)


def _columns(dataset: Dataset) -> list[tuple[str, str]]:
    """Return metric and name of the further mask of each column."""
    mask_names = further_mask_names(dataset)
    return [
        (name, mask_name)
        for name, metric in METRICS.items()
        for mask_name in (mask_names if metric.needs_reference else [""])
    ]


def _column_name(metric: str, mask_name: str) -> str:
    return f"{metric}: {mask_name}" if mask_name else metric


def _item_cells(item: ExportedItem) -> tuple[str, str, str, str]:
    return item.key, item.category, item.kind, "yes" if item.labelled else "no"


def _reason(cell: ExportedValue | None) -> str | None:
    return cell.reason or None if cell else None


def _line(*cells: str | int | float | None) -> str:
    return csv_line(cells) + CSV_LINE_END
