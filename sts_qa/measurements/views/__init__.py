"""Pages of automated metrics, one file per subject."""

from sts_qa.measurements.views.export import export_metrics
from sts_qa.measurements.views.item import show_item_metrics
from sts_qa.measurements.views.listing import list_measurements
from sts_qa.measurements.views.overview import show_metrics, start_metrics

__all__ = [
    "export_metrics",
    "list_measurements",
    "show_item_metrics",
    "show_metrics",
    "start_metrics",
]
