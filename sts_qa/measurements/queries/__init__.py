"""Reading measurements: values for reports, what is still missing, a summary per category."""

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
    "ItemValue",
    "MetricCount",
    "MetricSummary",
    "counts_by_metric",
    "measurable_items",
    "measurable_versions",
    "summarise_dataset",
    "units_to_measure",
    "values_by_item",
]
