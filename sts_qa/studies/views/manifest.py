"""The sample manifest: how the sample came about, the whole frame, and drawing it again."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from sts_qa.studies import actions
from sts_qa.studies.models import FrameEntry, Membership, SampledItem, Study
from sts_qa.studies.navigation import address_of, study_tabs
from sts_qa.studies.queries.access import overseen_items_or_404
from sts_qa.studies.queries.manifest import (
    frame_page,
    manifest_rows,
    open_units,
    state_label,
    stratum_label,
)
from sts_qa.studies.queries.verification import sample_differences

LONGEST_KEY = FrameEntry._meta.get_field("key").max_length or 0


@require_safe
@login_required
@never_cache
def show_manifest(request: HttpRequest, public_id) -> HttpResponse:
    study, membership = _drawn_study_or_404(request, public_id)
    address = reverse("studies:show_manifest", args=[study.public_id])
    find = request.GET.get("find", "").replace("\0", "").strip()[:LONGEST_KEY]
    frame, following = frame_page(study, after=_after(request), find=find)
    units = _changeable_units(study, membership, frame)
    rows, total = manifest_rows(study)
    context = {
        "study": study,
        "tabs": study_tabs(study, membership, "studies:show_manifest"),
        "rows": rows,
        "total": total,
        "frame": [
            row
            | {
                "stratum_label": stratum_label(row["stratum"]),
                "state_label": state_label(row["state"]),
                "units": units.get(row["entry"], []),
            }
            for row in frame
        ],
        "find": find,
        "longest_key": LONGEST_KEY,
        "first_url": f"{address}{_query(find=find)}#frame" if "after" in request.GET else "",
        "next_url": f"{address}{_query(find=find, after=following)}#frame" if following else "",
    }
    return render(request, "studies/show_manifest.html", context)


def _query(**wanted: str) -> str:
    given = {name: value for name, value in wanted.items() if value}
    return f"?{urlencode(given)}" if given else ""


def _changeable_units(
    study: Study, membership: Membership, frame: list[dict]
) -> dict[int, list[dict[str, Any]]]:
    """Return the units that the person can hide or withdraw now, by entry of the frame."""
    is_open = study.state in (Study.State.RUNNING, Study.State.PAUSED)
    if not is_open or membership.role != Membership.Role.COORDINATOR:
        return {}
    units = open_units(study, [row["entry"] for row in frame])
    return {entry: [_changeable(unit) for unit in of_entry] for entry, of_entry in units.items()}


def _changeable(unit: SampledItem) -> dict[str, Any]:
    return {
        "number": unit.number,
        "slice_number": None if unit.slice_index is None else unit.slice_index + 1,
        "is_hidden": unit.hidden_at is not None,
        "url": address_of("rating:change_item", unit.study.public_id, unit.number),
    }


@require_safe
@login_required
@never_cache
def verify_sample(request: HttpRequest, public_id) -> HttpResponse:
    """Draw again from the stored frame and say whether it is the same sample."""
    study, membership = _drawn_study_or_404(request, public_id)
    if study.imported:
        raise Http404
    context = {
        "study": study,
        "tabs": study_tabs(study, membership, "studies:show_manifest"),
        "differences": sample_differences(study),
    }
    return render(request, "studies/verify_sample.html", context)


# Not for HEAD: each export is recorded
@require_GET
@login_required
@never_cache
def download_manifest(request: HttpRequest, public_id) -> StreamingHttpResponse:
    study, _membership = _drawn_study_or_404(request, public_id)
    lines = actions.export_manifest(study=study, acting_user=request.user)
    name = f"{slugify(study.name) or 'study'}-sample.csv"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _drawn_study_or_404(request: HttpRequest, public_id) -> tuple[Study, Membership]:
    study, membership = overseen_items_or_404(request.user, public_id)
    if study.drawn_at is None:
        raise Http404
    return study, membership


def _after(request: HttpRequest) -> tuple[int, int]:
    place = re.fullmatch(r"(\d{1,5})-(\d{1,9})", request.GET.get("after", "0-0"))
    if place is None:
        raise Http404
    return int(place[1]), int(place[2])
