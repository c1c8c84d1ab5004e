"""The metrics of a whole dataset: how values are spread, and the work that computes them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue.navigation import dataset_tabs
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.jobs.queries import latest_job
from sts_qa.measurements import actions, exports, labels
from sts_qa.measurements.presentation import family_label, shown_number, shown_range
from sts_qa.measurements.queries import CategorySummary, MetricSummary, summarise_dataset
from sts_qa.measurements.views.addresses import bars_of, list_address

MOST_ERRORS_SHOWN = 50


@require_safe
@coordinator_required
@never_cache
def show_metrics(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    """Show the values per category, and the work that computes them."""
    dataset = dataset_or_404(request.user, dataset_id)
    job = latest_job(actions.JOB_KIND, "dataset", dataset.pk)
    summaries = summarise_dataset(dataset)
    errors = job.result.get("errors", []) if job is not None else []
    context = {
        "dataset": dataset,
        "tabs": dataset_tabs(dataset, "measurements:show_metrics"),
        "job": job,
        "is_busy": job is not None and not job.is_finished,
        "tables": [_table(dataset.pk, summary) for summary in summaries],
        "formats": exports.FORMATS,
        "has_values": any(metric.count for summary in summaries for metric in summary.metrics),
        "errors": errors[:MOST_ERRORS_SHOWN],
        "error_count": job.result.get("failed", len(errors)) if job is not None else 0,
    }
    return render(request, "measurements/show_metrics.html", context)


@require_POST
@coordinator_required
def start_metrics(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    actions.start_metrics(dataset=dataset, acting_user=request.user, follow_any=True)
    return redirect("measurements:show_metrics", dataset.pk)


def _table(dataset_id: int, summary: CategorySummary) -> dict[str, Any]:
    families = groupby(summary.metrics, key=lambda of_metric: of_metric.metric.family)
    return {
        "category": summary.category,
        "items": summary.items,
        "families": [
            {
                "label": family_label(family),
                "rows": [_row(dataset_id, summary, of_metric) for of_metric in metrics],
            }
            for family, metrics in families
        ],
    }


def _row(dataset_id: int, summary: CategorySummary, of_metric: MetricSummary) -> dict[str, Any]:
    metric = of_metric.metric
    place = {"category": str(summary.category.pk)}
    if of_metric.mask_name:
        place["mask"] = of_metric.mask_name
    address = reverse("measurements:list_measurements", args=[dataset_id, metric.name])
    return {
        "name": metric.name,
        "label": labels.metric_label(metric),
        "mask_name": of_metric.mask_name,
        "url": list_address(address, place),
        "bars": bars_of(of_metric, address, place),
        "unit": labels.unit_label(metric),
        "direction": labels.direction_label(metric),
        "median": shown_number(of_metric.median),
        "quartiles": shown_range(of_metric.quartile_1, of_metric.quartile_3),
        "count": of_metric.count,
        "missing": [
            {
                "count": count,
                "reason": labels.reason_label(reason),
                "url": list_address(address, {**place, "reason": reason}),
            }
            for reason, count in of_metric.missing.items()
        ],
    }
