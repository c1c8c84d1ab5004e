"""The sample of a study: its manifest and frame, drawing it again, and its units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, StreamingHttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.access import coordinated_items
from sts_qa.api.endpoint import JSON, NDJSON, endpoint, wants_stream
from sts_qa.api.negotiation import preferred_type
from sts_qa.api.paging import Listing
from sts_qa.api.problems import invalid
from sts_qa.api.routing import route
from sts_qa.api.schemas.sample import (
    ChangedItemSchema,
    FrameEntrySchema,
    FrameFilterSchema,
    SampleSchema,
    UnitChangeSchema,
    UnitSchema,
    VerificationSchema,
)
from sts_qa.rating.actions.items import change_item
from sts_qa.studies.actions.export import export_manifest, record_manifest_export
from sts_qa.studies.models import SampledItem, Study
from sts_qa.studies.queries.access import overseen_items_or_404
from sts_qa.studies.queries.differences import changed_since_draw
from sts_qa.studies.queries.manifest import manifest_rows, ordered_frame, rows_of_frame
from sts_qa.studies.queries.verification import sample_differences

CSV = "text/csv; charset=utf-8"


def drawn_study(request: Request, study_id: UUID) -> Study:
    """Return a study whose sample is drawn, and may be told to the account."""
    study, _own = overseen_items_or_404(request.user, study_id)
    _drawn_or_404(study)
    return study


@endpoint("GET", scope="read", access=drawn_study, answers=SampleSchema)
def show_sample(request: Request, study: Study) -> dict[str, Any]:
    """Show how the sample came about, by stratum."""
    rows, total = manifest_rows(study)
    return {
        "seed": study.seed,
        "algorithm_version": study.algorithm_version,
        "frame_hash": study.frame_hash,
        "drawn_at": study.drawn_at,
        "strata": rows,
        "total": total,
    }


@endpoint(
    "GET",
    scope="read",
    access=drawn_study,
    answers={200: FrameEntrySchema, (200, "text/csv"): bytes},
    query=FrameFilterSchema,
    paged=True,
    streams=True,
)
def list_frame(
    request: Request, study: Study, query: dict[str, Any]
) -> Listing | StreamingHttpResponse:
    """List the whole frame, each stratum in the random order that the seed gave it.

    As one file, streamed or CSV, it is recorded as an export.
    """
    if _wants_csv(request, query):
        for name in ("find", "cursor"):
            if query.get(name):
                raise invalid(name, _("A file holds the whole frame: leave this out."))
        return _csv(request, study)
    if wants_stream(request, query) and request.method != "HEAD":
        record_manifest_export(study=study, file_format="ndjson", acting_user=request.user)
    return Listing(
        ordered_frame(study, find=query.get("find", "")),
        order=("stratum__position", "order_number"),
        each=lambda entries: rows_of_frame(study, entries),
    )


@endpoint("GET", scope="read", access=drawn_study, answers=VerificationSchema)
def verify_sample(request: Request, study: Study) -> dict[str, Any]:
    """Draw again from the stored frame and seed, and say whether it is the same sample."""
    if study.imported:
        raise Http404
    differences = sample_differences(study)
    return {"is_same": not differences, "differences": differences}


@endpoint("GET", scope="read", access=coordinated_items, answers=ChangedItemSchema, paged=True)
def list_sample_changes(request: Request, study: Study) -> Listing:
    """List what has happened in the catalogue to drawn items since the draw."""
    _drawn_or_404(study)
    return Listing(changed_since_draw(study), order=("item.key",))


@endpoint(
    "GET", scope="read", access=coordinated_items, answers=UnitSchema, paged=True, streams=True
)
def list_units(request: Request, study: Study) -> Listing:
    """List the units of the sample by the numbers that stand for them in reports."""
    return Listing(_units(study), order=("number",))


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_items,
    body=UnitChangeSchema,
    answers=UnitSchema,
    idempotent="accepted",
)
def change_unit(request: Request, study: Study, unit: int, body: dict[str, Any]) -> SampledItem:
    """Hide a unit that nobody reported from all raters, show it again, or withdraw it for good."""
    change_item(
        sampled_item=_unit_or_404(study, unit),
        change=body["change"],
        whole_image=body["whole_image"],
        reason=body["reason"],
        acting_user=request.user,
    )
    return _unit_or_404(study, unit)


def _units(study: Study) -> Any:
    return study.sample.select_related("item_version__item__category", "frame_entry", "study")


def _unit_or_404(study: Study, number: int) -> SampledItem:
    found = _units(study).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _drawn_or_404(study: Study) -> None:
    if study.drawn_at is None:
        raise Http404


def _wants_csv(request: Request, query: dict[str, Any]) -> bool:
    if "format" in query:
        return query["format"] == "csv"
    return not query["stream"] and preferred_type(request, [JSON, NDJSON, CSV]) == CSV


def _csv(request: Request, study: Study) -> StreamingHttpResponse:
    # Nothing is handed out by HEAD, so nothing is recorded
    head = request.method == "HEAD"
    lines = [] if head else export_manifest(study=study, acting_user=request.user)
    name = f"{slugify(study.name) or 'study'}-sample.csv"
    return StreamingHttpResponse(
        lines,
        content_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


sample = "studies/<uuid:study_id>/sample/"
addresses = [
    *route(sample, show_sample),
    *route(f"{sample}frame/", list_frame),
    *route(f"{sample}verification/", verify_sample),
    *route(f"{sample}changes/", list_sample_changes),
    *route(f"{sample}units/", list_units),
    *route(f"{sample}units/<int:unit>/", change_unit),
]
