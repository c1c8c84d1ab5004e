"""The metrics of one item."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue.models import ImageKind, Item
from sts_qa.catalogue.navigation import dataset_tabs
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.catalogue.queries.items import item_or_404
from sts_qa.measurements import labels
from sts_qa.measurements.presentation import (
    family_label,
    shown_number,
    shown_percentile,
    shown_range,
)
from sts_qa.measurements.queries import ItemMetric, compared_metrics, item_metrics
from sts_qa.measurements.views.addresses import list_address


@require_safe
@coordinator_required
@never_cache
def show_item_metrics(request: LoggedInRequest, dataset_id: int, item_id: int) -> HttpResponse:
    """Show every value of an item with its place in the category."""
    dataset = dataset_or_404(request.user, dataset_id)
    item = item_or_404(dataset, item_id)
    values = item_metrics(item)
    families = groupby(values, key=lambda found: found.metric.family)
    masks = groupby(compared_metrics(item), key=lambda found: found.mask_name)
    context = {
        "dataset": dataset,
        "tabs": dataset_tabs(dataset, "measurements:show_metrics"),
        "item": item,
        "is_volume": item.kind == ImageKind.VOLUME,
        "scale": _scale(values),
        "families": [
            {"label": family_label(family), "rows": [_row(item, row) for row in found]}
            for family, found in families
        ],
        "masks": [
            {"name": name, "rows": [_row(item, row) for row in found]} for name, found in masks
        ],
    }
    return render(request, "measurements/show_item_metrics.html", context)


def _row(item: Item, found: ItemMetric) -> dict[str, Any]:
    metric = found.metric
    address = reverse("measurements:list_measurements", args=[item.dataset_id, metric.name])
    place = {"category": str(item.category_id)}
    if found.mask_name:
        place["mask"] = found.mask_name
    return {
        "name": metric.name,
        "label": labels.metric_label(metric),
        "url": list_address(address, place),
        "unit": labels.unit_label(metric, in_mm=_is_in_mm(item)),
        "direction": labels.direction_label(metric),
        "value": shown_number(found.value),
        "percentile": shown_percentile(found.percentile),
        "reason": labels.reason_label(found.reason) if found.reason else "",
        **_slices(item, found),
    }


def _is_in_mm(item: Item) -> bool:
    """Whether distances are in mm: only volumes know the size of a voxel, and not all."""
    version = item.current_version
    return version is not None and item.kind == ImageKind.VOLUME and bool(version.spacing)


def _slices(item: Item, found: ItemMetric) -> dict[str, Any]:
    """Return what is known of a volume's slices; nothing for a value of the whole item."""
    slices = found.slices
    if slices is None:
        return {}
    address = reverse("catalogue:show_item", args=[item.dataset_id, item.pk])
    return {
        "quartiles": shown_range(slices.quartile_1, slices.quartile_3),
        "worst_5_percent": shown_number(slices.worst_5_percent),
        "slices": slices.slices,
        "worst_slice": slices.worst_slice,
        "worst_url": "" if slices.worst_slice is None else f"{address}?slice={slices.worst_slice}",
    }


def _scale(found: list[ItemMetric]) -> dict[str, str]:
    """Return the grey values on which a volume's values stand, as far as they were kept."""
    known = (row.slices for row in found if row.slices and row.slices.black is not None)
    slices = next(known, None)
    if slices is None:
        return {}
    level = slices.metal_level
    return {
        "black": shown_number(slices.black),
        "white": shown_number(slices.white),
        "metal_level": "" if level is None else shown_number(level),
    }


def metrics_panel(request: HttpRequest, item: Item) -> dict[str, str]:
    """Return what the catalogue's page of the item shows of its metrics."""
    return {"url": reverse("measurements:show_item_metrics", args=[item.dataset_id, item.pk])}
