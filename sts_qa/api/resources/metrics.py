"""Automated metrics: computing them, their spread, their values."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.access import visible_dataset
from sts_qa.api.endpoint import JSON, NDJSON, Answer, endpoint
from sts_qa.api.metric_values import ORDER, PLACES, LongValues
from sts_qa.api.negotiation import preferred_type
from sts_qa.api.paging import Listing
from sts_qa.api.problems import invalid
from sts_qa.api.resources.items import category_named
from sts_qa.api.routing import route
from sts_qa.api.schemas.common import JobSchema
from sts_qa.api.schemas.metrics import (
    ItemMetricSchema,
    MetricsSchema,
    NewMetricsSchema,
    ValueSchema,
    ValuesQuerySchema,
)
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries.items import item_or_404
from sts_qa.jobs.queries import unfinished_job
from sts_qa.measurements import actions, exports, labels
from sts_qa.measurements.queries import (
    CategorySummary,
    ItemMetric,
    MetricSummary,
    compared_metrics,
    item_metrics,
    summarise_dataset,
)
from sts_qa.science.metrics.table import Metric

FORMATS = {one.media_type: name for name, one in exports.FORMATS.items()}
FILES = {(200, media_type.partition(";")[0]): bytes for media_type in FORMATS}


@endpoint(
    "POST",
    scope="manage",
    access=visible_dataset,
    body=NewMetricsSchema,
    answers={202: JobSchema},
    idempotent="accepted",
    coordinators=True,
    located=[202],
)
def start_metrics(request: Request, dataset: Dataset, body: dict[str, Any]) -> Answer:
    """Compute what is missing or outdated; a job does it.

    A job that waits or runs already is answered instead of a second one; 409 when it was asked for
    other metrics.
    """
    job = actions.start_metrics(dataset=dataset, only=body.get("only"), acting_user=request.user)
    return Answer(job, 202, {"Location": reverse("api:show_job", args=[job.public_id])})


@endpoint("GET", scope="read", access=visible_dataset, answers=MetricsSchema, coordinators=True)
def show_metrics(request: Request, dataset: Dataset) -> dict[str, Any]:
    """Show how the values of each metric are spread in each category."""
    return {
        "is_computing": unfinished_job(actions.JOB_KIND, "dataset", dataset.pk) is not None,
        "categories": [_category(summary) for summary in summarise_dataset(dataset)],
    }


@endpoint(
    "GET",
    scope="read",
    access=visible_dataset,
    answers={200: ValueSchema, **FILES},
    query=ValuesQuerySchema,
    paged=True,
    streams=True,
    coordinators=True,
)
def list_metric_values(
    request: Request, dataset: Dataset, query: dict[str, Any]
) -> Listing | HttpResponseBase:
    """List all values, one row per item and metric; or send them as a file, which is recorded.

    Items come by their paths, metrics of an item in the order of the methods. Where there is no
    value the row says why.
    """
    if file_format := _file_format(request, query):
        return _file(request, dataset, file_format, query)
    if "shape" in query:
        raise invalid("shape", _("Only a file has a shape: ask for a format too."))
    category = category_named(dataset, query["category"]) if "category" in query else None
    return Listing(LongValues(dataset, category, query.get("metric", "")), order=ORDER)


@endpoint(
    "GET",
    scope="read",
    access=visible_dataset,
    answers=ItemMetricSchema,
    paged=True,
    coordinators=True,
)
def list_item_metrics(request: Request, dataset: Dataset, item_id: int) -> Listing:
    """List the values of one item, each with its place in the item's category."""
    item = item_or_404(dataset, item_id)
    found = [*item_metrics(item), *compared_metrics(item)]
    rows = [_item_metric(one) for one in found]
    return Listing(rows, order=("mask", "metric_place"))


def _file_format(request: Request, query: dict[str, Any]) -> str:
    """Return the file format that the address or, where it names none, the header asks for."""
    if "format" in query:
        return query["format"]
    preferred = preferred_type(request, [JSON, NDJSON, *FORMATS])
    return FORMATS.get(preferred or "", "")


def _file(
    request: Request, dataset: Dataset, file_format: str, query: dict[str, Any]
) -> HttpResponseBase:
    for name in ("metric", "category", "cursor"):
        if name in query:
            raise invalid(name, _("A file holds all values: leave this out."))
    shape = query.get("shape", "long")
    name = f"{slugify(dataset.name) or 'dataset'}-metrics-{shape}.{file_format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    # Each export is recorded, and a question for the headers is none
    blocks = (
        exports.export_metrics(
            dataset=dataset, shape=shape, file_format=file_format, acting_user=request.user
        )
        if request.method == "GET"
        else ()
    )
    media_type = exports.FORMATS[file_format].media_type
    return StreamingHttpResponse(blocks, content_type=media_type, headers=headers)


def _category(summary: CategorySummary) -> dict[str, Any]:
    return {
        "category": summary.category.name,
        "items": summary.items,
        "metrics": [_summary(one) for one in summary.metrics],
    }


def _summary(summary: MetricSummary) -> dict[str, Any]:
    values = summary.values
    return {
        **_named(summary.metric, summary.mask_name),
        "count": summary.count,
        "lowest": float(values[0]) if summary.count else None,
        "quartile_1": summary.quartile_1,
        "median": summary.median,
        "quartile_3": summary.quartile_3,
        "highest": float(values[-1]) if summary.count else None,
        "missing": [
            {"reason": reason, "count": count} for reason, count in summary.missing.items()
        ],
    }


def _item_metric(found: ItemMetric) -> dict[str, Any]:
    return {
        **_named(found.metric, found.mask_name),
        "metric_place": PLACES[found.metric.name],
        "value": found.value,
        "reason": found.reason,
        "percentile": found.percentile,
        "slices": found.slices,
    }


def _named(metric: Metric, mask_name: str) -> dict[str, Any]:
    return {"about": metric, "label": labels.metric_label(metric), "mask": mask_name}


metrics = "datasets/<int:dataset_id>/metrics/"
addresses = [
    *route(metrics, show_metrics, start_metrics),
    *route(f"{metrics}values/", list_metric_values),
    *route("datasets/<int:dataset_id>/items/<int:item_id>/metrics/", list_item_metrics),
]
