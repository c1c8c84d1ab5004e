"""Reading measurements: values for reports and pages, what is missing, summaries."""

from sts_qa.measurements.queries.export import ExportedItem, ExportedValue, exported_items
from sts_qa.measurements.queries.item_values import ItemMetric, compared_metrics, item_metrics
from sts_qa.measurements.queries.listing import (
    Wanted,
    is_worst_first_falling,
    items_without,
    listed_values,
)
from sts_qa.measurements.queries.slices import SliceFigures, slice_figures
from sts_qa.measurements.queries.summary import (
    CategorySummary,
    MetricCount,
    MetricSummary,
    counts_by_metric,
    summarise_dataset,
)
from sts_qa.measurements.queries.units import (
    measurable_items,
    measurable_versions,
    units_to_measure,
)
from sts_qa.measurements.queries.values import NOT_COMPUTED, ItemValue, values_by_item

__all__ = [
    "NOT_COMPUTED",
    "CategorySummary",
    "ExportedItem",
    "ExportedValue",
    "ItemMetric",
    "ItemValue",
    "MetricCount",
    "MetricSummary",
    "SliceFigures",
    "Wanted",
    "compared_metrics",
    "counts_by_metric",
    "exported_items",
    "is_worst_first_falling",
    "item_metrics",
    "items_without",
    "listed_values",
    "measurable_items",
    "measurable_versions",
    "slice_figures",
    "summarise_dataset",
    "units_to_measure",
    "values_by_item",
]
