"""The items behind a bar of a distribution, worst first, and those without a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue import pictures
from sts_qa.catalogue.models import Dataset, Item
from sts_qa.catalogue.navigation import dataset_tabs
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.catalogue.queries.pages import Page, page_of
from sts_qa.measurements import labels
from sts_qa.measurements.forms import ValueFilterForm
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.presentation import (
    family_label,
    shown_number,
    shown_percentile,
    shown_range,
)
from sts_qa.measurements.queries import (
    Wanted,
    is_worst_first_falling,
    items_without,
    listed_values,
    summarise_dataset,
)
from sts_qa.measurements.views.addresses import bars_of, list_address
from sts_qa.science.metrics.table import METRICS, Metric
from sts_qa.science.statistics.histograms import Values, percentile_ranks

PAGE_SIZE = 48


@require_safe
@coordinator_required
@never_cache
def list_measurements(request: LoggedInRequest, dataset_id: int, metric: str) -> HttpResponse:
    """List the values of one metric over one category, or what is missing for one reason."""
    dataset = dataset_or_404(request.user, dataset_id)
    if metric not in METRICS:
        raise Http404
    chosen = METRICS[metric]
    summaries = [s for s in summarise_dataset(dataset, [metric]) if s.metrics]
    context = _head(dataset, chosen)
    if summaries:
        form = ValueFilterForm(summaries, request.GET)
        address = reverse("measurements:list_measurements", args=[dataset.pk, metric])
        context |= _distribution(form, address) | _entries(form, address)
    return render(request, "measurements/list_measurements.html", context)


def _head(dataset: Dataset, metric: Metric) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "tabs": dataset_tabs(dataset, "measurements:show_metrics"),
        "label": labels.metric_label(metric),
        "family": family_label(metric.family),
        "unit": labels.unit_label(metric),
        "direction": metric.direction,
    }


def _distribution(form: ValueFilterForm, address: str) -> dict[str, Any]:
    of_metric, place = form.of_metric, form.place()
    return {
        "form": form,
        "category": form.summary.category,
        "bars": bars_of(of_metric, address, place, form.bounds()),
        "count": of_metric.count,
        "lowest": shown_number(of_metric.values[0] if of_metric.count else None),
        "highest": shown_number(of_metric.values[-1] if of_metric.count else None),
        "median": shown_number(of_metric.median),
        "quartiles": shown_range(of_metric.quartile_1, of_metric.quartile_3),
        "missing": [
            {
                "count": count,
                "reason": labels.reason_label(reason),
                "url": list_address(address, {**place, "reason": reason}),
            }
            for reason, count in of_metric.missing.items()
        ],
        "all_url": list_address(address, place),
        "is_narrowed": bool({"from", "to", "reason"} & form.query().keys()),
    }


def _entries(form: ValueFilterForm, address: str) -> dict[str, Any]:
    of_metric = form.of_metric
    wanted = Wanted(form.summary.category, of_metric.metric, of_metric.mask_name)
    after, before = form.number("after"), form.number("before")
    reason = form.reason_wanted()
    if reason:
        items = items_without(wanted, reason).select_related("category", "current_version")
        page = page_of(items, ["key"], size=PAGE_SIZE, after=after, before=before)
        entries = [_entry(item) for item in page.rows]
    else:
        page = page_of(
            listed_values(wanted, *form.bounds()),
            ["value", "pk"],
            size=PAGE_SIZE,
            after=after,
            before=before,
            anchors=listed_values(wanted),
            descending=is_worst_first_falling(of_metric.metric),
        )
        entries = _with_values(page.rows, of_metric.values)
    return {
        "entries": entries,
        "reason": labels.reason_label(reason) if reason else "",
        **_page_urls(form, address, page),
    }


def _page_urls(form: ValueFilterForm, address: str, page: Page) -> dict[str, str]:
    query = form.query() | form.place()
    sides = {"previous_url": ("before", page.before), "next_url": ("after", page.after)}
    return {
        name: "" if pk is None else list_address(address, {**query, side: str(pk)})
        for name, (side, pk) in sides.items()
    }


def _with_values(measurements: Sequence[Measurement], among: Values) -> list[dict[str, Any]]:
    values = np.array([measurement.value for measurement in measurements], dtype=np.float64)
    percentiles = percentile_ranks(values, among) if among.size else values
    return [
        _entry(
            measurement.item_version.item,
            value=shown_number(measurement.value),
            percentile=shown_percentile(float(percentile)),
        )
        for measurement, percentile in zip(measurements, percentiles, strict=True)
    ]


def _entry(item: Item, **values: str) -> dict[str, Any]:
    return {
        "item": item,
        "name": item.key.rsplit("/", 1)[-1],
        "has_picture": pictures.has_picture(item),
        "is_quick": pictures.is_quick(item, longest=pictures.THUMBNAIL),
        **values,
    }
