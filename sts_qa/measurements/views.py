"""Pages of automated metrics."""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.jobs.queries import latest_job
from sts_qa.measurements import actions, labels
from sts_qa.measurements.queries import CategorySummary, MetricSummary, summarise_dataset

MOST_ERRORS_SHOWN = 50
DIGITS = 4
SMALLEST = 0.0001


@coordinator_required
@require_GET
@never_cache
def show_metrics(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Show the values per category, and the work that computes them."""
    dataset = dataset_or_404(request.user, dataset_id)
    job = latest_job(actions.JOB_KIND, "dataset", dataset.pk)
    summaries = summarise_dataset(dataset)
    errors = job.result.get("errors", []) if job is not None else []
    context = {
        "dataset": dataset,
        "job": job,
        "is_busy": job is not None and not job.is_finished,
        "tables": [_table(summary) for summary in summaries],
        "has_values": any(metric.count for summary in summaries for metric in summary.metrics),
        "errors": errors[:MOST_ERRORS_SHOWN],
        "error_count": job.result.get("failed", len(errors)) if job is not None else 0,
    }
    return render(request, "measurements/show_metrics.html", context)


@coordinator_required
@require_POST
def start_metrics(request: HttpRequest, dataset_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    actions.start_metrics(dataset=dataset, acting_user=request.user)
    return redirect("measurements:show_metrics", dataset.pk)


def _table(summary: CategorySummary) -> dict[str, Any]:
    return {
        "category": summary.category,
        "items": summary.items,
        "rows": [_row(metric) for metric in summary.metrics],
    }


def _row(summary: MetricSummary) -> dict[str, Any]:
    metric = summary.metric
    return {
        "name": metric.name,
        "label": labels.metric_label(metric),
        "unit": labels.unit_label(metric),
        "direction": labels.direction_label(metric),
        "median": _number(summary.median),
        "quartiles": _range(summary.quartile_1, summary.quartile_3),
        "count": summary.count,
        "missing": [
            {"count": count, "reason": labels.reason_label(reason)}
            for reason, count in summary.missing.items()
        ],
    }


def _number(value: float | None) -> str:
    """Return the value with four significant digits and never as a power of ten."""
    if value is None:
        return "–"
    if value and abs(value) < SMALLEST:
        return f"< {SMALLEST}" if value > 0 else f"> -{SMALLEST}"
    if not value:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    return f"{value:,.{max(DIGITS - 1 - magnitude, 0)}f}"


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "–"
    return _("%(low)s to %(high)s") % {"low": _number(low), "high": _number(high)}
