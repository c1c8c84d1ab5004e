"""The home of everyone, and the overview of one study."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sts_qa.accounts.queries import may_coordinate
from sts_qa.jobs.queries import latest_job
from sts_qa.protocols.queries import title_of
from sts_qa.studies.actions.start import rating_members, space_needed
from sts_qa.studies.forms.sizes import plain
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.navigation import address_of, study_tabs
from sts_qa.studies.queries.access import overseen_study_or_404, rates_openly
from sts_qa.studies.queries.differences import changed_since_draw
from sts_qa.studies.queries.manifest import manifest_rows
from sts_qa.studies.queries.panel import current_panel
from sts_qa.studies.queries.people import members_of, studies_of
from sts_qa.studies.queries.protocol_problem import protocol_problem

DIFFERENCES_SHOWN = 5


@require_safe
@login_required
@never_cache
def list_studies(request: HttpRequest) -> HttpResponse:
    memberships = list(studies_of(request.user))
    rated = [_rated_row(m) for m in memberships if m.rates]
    language = get_language() or "en"
    context = {
        "rated": sorted(rated, key=lambda row: not row["can_continue"]),
        "overseen": [
            {
                "membership": m,
                "study": m.study,
                "protocol_title": title_of(m.study.protocol_version, language),
            }
            for m in memberships
            if m.role != Membership.Role.RATER and m.is_active
        ],
        "may_create": may_coordinate(request.user),
        "datasets_url": address_of("catalogue:list_datasets"),
        "import_url": address_of("rating:import_ratings"),
    }
    return render(request, "studies/list_studies.html", context)


def _rated_row(membership: Membership) -> dict[str, Any]:
    study = membership.study
    left = membership.assigned_count - membership.rated_count
    is_running = study.state == Study.State.RUNNING and membership.is_active
    return {
        "study": study,
        "membership": membership,
        "url": address_of("rating:rate_study", study.public_id),
        "can_continue": is_running and left > 0,
        "is_complete": membership.assigned_count > 0 and left <= 0,
    }


@require_safe
@login_required
@never_cache
def show_study(request: HttpRequest, public_id) -> HttpResponse:
    study, membership = overseen_study_or_404(request.user, public_id)
    coordinates = membership.role == Membership.Role.COORDINATOR
    members = members_of(study, with_names=coordinates)
    context = {
        "study": study,
        "coordinates": coordinates,
        "tabs": study_tabs(study, membership, "studies:show_study"),
        "protocol_title": title_of(study.protocol_version, get_language() or "en"),
        "share_drawn": _percent(study.fraction),
        "share_repeated": _percent(study.repeat_share),
        "members": members,
        "has_raters": any(member.membership.rates for member in members),
        "progress_url": address_of("rating:show_progress", study.public_id) if coordinates else "",
        "reports_url": address_of("reports:list_reports", study.public_id),
        **(_sample(study) if study.drawn_at else {}),
        **_differences(request, study, membership),
        **(_panel(study) if study.started_at or study.imported else {}),
        **(_draft(study) if coordinates and study.state == Study.State.DRAFT else {}),
    }
    return render(request, "studies/show_study.html", context)


def _percent(share: Any) -> str:
    return f"{plain(Decimal(share) * 100)}%"


def _sample(study: Study) -> dict[str, Any]:
    rows, total = manifest_rows(study)
    return {"rows": rows, "total": total}


def _differences(request: HttpRequest, study: Study, membership: Membership) -> dict[str, Any]:
    """Return what has changed since the draw, for coordinators who may see items of the dataset."""
    coordinates = membership.role == Membership.Role.COORDINATOR
    if not coordinates or not study.drawn_at or rates_openly(request.user, study.dataset_id):
        return {}
    differences = changed_since_draw(study)
    return {"differences": differences, "differences_shown": differences[:DIFFERENCES_SHOWN]}


def _panel(study: Study) -> dict[str, Any]:
    raters, panel = current_panel(study)
    return {"panel_size": len(raters), "panel": panel}


def _draft(study: Study) -> dict[str, Any]:
    """Return what starting the study takes: raters, disk space, and the start under way."""
    job = latest_job("start_study", "study", study.pk)
    return {
        "raters": len(rating_members(study)),
        "protocol_problem": protocol_problem(study),
        "job": job,
        "is_starting": job is not None and not job.is_finished,
        "space": space_needed(study) if study.drawn_at else None,
    }
