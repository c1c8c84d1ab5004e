"""The values of a dataset as rows: one row per value, or one row per item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sts_qa.catalogue.models import Dataset, ImageKind
from sts_qa.measurements.queries.export import (
    ExportedItem,
    ExportedValue,
    exported_items,
    further_mask_names,
)
from sts_qa.measurements.queries.slices import (
    NO_SLICES,
    SCALE,
    SPREAD,
    WORST_OF_SPREAD,
    SliceFigures,
)
from sts_qa.measurements.queries.units import measurable_items
from sts_qa.science.metrics.table import METRICS

Cell = str | int | float | None

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
    *SliceFigures._fields,
)
ITEM_COLUMNS = LONG_COLUMNS[:4]


@dataclass(frozen=True)
class ExportedTable:
    """Heads and rows, which can be read once; `notes` say what the heads leave open."""

    heads: Sequence[str]
    rows: Iterator[Sequence[Cell]]
    notes: Sequence[str] = ()


def long_table(dataset: Dataset) -> ExportedTable:
    """Return one row per item and metric; `mask` names the further mask of metrics that compare."""
    return ExportedTable(LONG_COLUMNS, _long_rows(dataset))


def wide_table(dataset: Dataset) -> ExportedTable:
    """Return one row per item: all values, then what makes those of volumes, then all reasons."""
    mask_names = further_mask_names(dataset)
    columns = [
        (name, mask_name)
        for name, metric in METRICS.items()
        for mask_name in (mask_names if metric.needs_reference else [""])
    ]
    has_volumes = measurable_items(dataset).filter(kind=ImageKind.VOLUME).exists()
    spread = _spread_columns() if has_volumes else []
    scale_columns = SCALE if has_volumes else ()
    names = [f"{metric}: {mask}" if mask else metric for metric, mask in columns]
    notes = [f"{n}: version {m.version}, unit {m.unit}" for n, m in METRICS.items()]
    heads = [
        *ITEM_COLUMNS,
        *names,
        *(f"{metric}_{figure}" for metric, figure in spread),
        *scale_columns,
        *(f"{name}_missing" for name in names),
    ]
    return ExportedTable(heads, _wide_rows(dataset, columns, spread, scale_columns), notes)


SHAPES: dict[str, Callable[[Dataset], ExportedTable]] = {"long": long_table, "wide": wide_table}


def _long_rows(dataset: Dataset) -> Iterator[Sequence[Cell]]:
    for item in exported_items(dataset):
        for found in item.values:
            metric = METRICS[found.metric]
            yield (
                *_item_cells(item),
                found.metric,
                metric.version,
                found.value,
                found.reason or None,
                metric.unit,
                found.mask_name or None,
                *(found.slices or NO_SLICES),
            )


def _wide_rows(
    dataset: Dataset,
    columns: Sequence[tuple[str, str]],
    spread: Sequence[tuple[str, str]],
    scale_columns: Sequence[str],
) -> Iterator[Sequence[Cell]]:
    for item in exported_items(dataset):
        found = {(value.metric, value.mask_name): value for value in item.values}
        cells = [found.get(column) for column in columns]
        scale = _scale(item)
        yield (
            *_item_cells(item),
            *(cell.value if cell else None for cell in cells),
            *(_figure(found.get((metric, "")), figure) for metric, figure in spread),
            *(getattr(scale, name, None) for name in scale_columns),
            *(_reason(cell) for cell in cells),
        )


def _spread_columns() -> list[tuple[str, str]]:
    """Return (metric, figure) of metrics of slices; the worst only where some values are worse."""
    of_slices = [
        metric
        for metric in METRICS.values()
        if metric.scope == "image" and ImageKind.VOLUME in metric.kinds
    ]
    return [
        (metric.name, figure)
        for figure in SPREAD
        for metric in of_slices
        if metric.direction != "none" or figure not in WORST_OF_SPREAD
    ]


def _figure(cell: ExportedValue | None, figure: str) -> float | None:
    return getattr(cell.slices, figure) if cell and cell.slices else None


def _scale(item: ExportedItem) -> SliceFigures | None:
    """Return figures with the volume's grey values, which are the same for all its metrics."""
    known = (found.slices for found in item.values if found.slices)
    return next((slices for slices in known if slices.black is not None), None)


def _item_cells(item: ExportedItem) -> tuple[str, str, str, str]:
    return item.key, item.category, item.kind, "yes" if item.labelled else "no"


def _reason(cell: ExportedValue | None) -> str | None:
    return cell.reason or None if cell else None
