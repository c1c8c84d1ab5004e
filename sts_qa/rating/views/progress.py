"""The coordinator's view of how the rating goes on."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sts_qa.rating.queries.flags import RaterFlags, rater_flags
from sts_qa.rating.queries.problems import open_problem_count, waiting_late_count
from sts_qa.rating.queries.progress import (
    Done,
    RaterProgress,
    rater_progress,
    study_categories,
)
from sts_qa.studies.models import Study
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_items_or_404


@login_required
@never_cache
@require_safe
def show_progress(request: HttpRequest, study) -> HttpResponse:
    coordinated, membership = coordinated_items_or_404(request.user, study)
    context = _progress(coordinated)
    flags = rater_flags(coordinated)
    context["flags"] = [
        {"rater": rater, "flags": flags.get(rater.membership.pk, RaterFlags())}
        for rater in context["raters"]
    ]
    context["tabs"] = study_tabs(coordinated, membership, "rating:show_progress")
    return render(request, "rating/show_progress.html", context)


@login_required
@never_cache
@require_safe
def show_progress_table(request: HttpRequest, study) -> HttpResponse:
    """The part of the page that is fetched again while the study runs."""
    coordinated, _membership = coordinated_items_or_404(request.user, study)
    return render(request, "rating/show_progress_table.html", _progress(coordinated))


def _progress(study: Study) -> dict[str, Any]:
    raters = rater_progress(study)
    people = [rater for rater in raters if rater.membership.is_expert]
    programs = [rater for rater in raters if rater.membership.is_program]
    return {
        "study": study,
        "categories": study_categories(study),
        "raters": raters,
        "people": people,
        "overall": _overall(people),
        "programs": programs,
        "programs_overall": _overall(programs),
        "open_problems": open_problem_count(study),
        "waiting_late": waiting_late_count(study),
        "is_running": study.state == Study.State.RUNNING,
    }


def _overall(raters: list[RaterProgress]) -> Done:
    active = [rater.overall for rater in raters if rater.membership.is_active]
    return Done(sum(r.done for r in active), sum(r.total for r in active))
