"""The rating page and what it asks for as a whole: the queue and the rater's own ratings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from sts_qa.accounts.queries import account_key
from sts_qa.protocols.queries import rubric
from sts_qa.protocols.rubric import KINDS
from sts_qa.rating.actions.readiness import up_to_unready
from sts_qa.rating.actions.showing import drop_blocked_repeats
from sts_qa.rating.decorators import for_the_page
from sts_qa.rating.queries.access import (
    check_open,
    closed_door,
    is_taken_out,
    rating_membership_or_404,
)
from sts_qa.rating.queries.assignment_json import queue_json
from sts_qa.rating.queries.clarifications import clarifications_json
from sts_qa.rating.queries.conditions import conditions_json
from sts_qa.rating.queries.criteria import criteria_of, is_rapid, study_gate
from sts_qa.rating.queries.image import first_address
from sts_qa.rating.queries.queue import Queue, next_assignments, progress_of
from sts_qa.rating.queries.ratings import own_ratings
from sts_qa.studies.models import Membership

LONGEST_TOKEN = 32


# Lengths of compressed answers can tell what is in them. So only these three are compressed: they
# hold nothing of use without the session, CSRF tokens are masked anew, and Django pads at random
@gzip_page
@login_required
@ensure_csrf_cookie
@never_cache
@require_safe
def rate_study(request: HttpRequest, study) -> HttpResponse:
    """The page itself, in every state of the study: it may still hold what must be sent.

    The first answer of `list_queue` comes with it, and what the first image needs is announced in
    its head, so that the browser does not ask one after the other.
    """
    membership = rating_membership_or_404(request.user, study)
    queue = _queue_json(request, membership)
    context = {
        "study": membership.study,
        "account_key": account_key(request.user),
        "break_minutes": settings.BREAK_MINUTES,
        "first_queue": queue,
        "first_address": first_address(queue["assignments"]),
    }
    return render(request, "rating/rate_study.html", context)


@gzip_page
@for_the_page
@require_safe
def list_queue(request: HttpRequest, study) -> HttpResponse:
    return JsonResponse(_queue_json(request, rating_membership_or_404(request.user, study)))


def _queue_json(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    door = closed_door(membership)
    current = request.GET.get("current", "")[:LONGEST_TOKEN]
    queue = Queue() if door else _queue(membership, request.user)
    study = membership.study
    version = study.protocol_version
    criteria = criteria_of(version)
    gate = study_gate(study, version)
    language = get_language() or "en"
    return {
        "account": account_key(request.user),
        "study": {**_study_json(membership, door), "rapid": is_rapid(criteria)},
        "progress": progress_of(membership),
        "rubrics": {kind: rubric(version, language, kind).as_json() for kind in KINDS},
        "gate": gate.as_json() if gate else None,
        "clarifications": clarifications_json(membership, language),
        "conditions": conditions_json(request.session),
        "assignments": queue_json(up_to_unready(queue.handed_out), study, criteria),
        "taken_out": bool(current) and is_taken_out(membership, current),
    }


def _queue(membership: Membership, user: Any) -> Queue:
    queue = next_assignments(membership)
    if (
        queue.blocked
        and not queue.handed_out
        and drop_blocked_repeats(membership=membership, acting_user=user)
    ):
        membership.refresh_from_db(fields=["assigned_count"])
    return queue


def _study_json(membership: Membership, door: str) -> dict[str, Any]:
    study = membership.study
    return {
        "state": door or study.state,
        "name": study.name,
        "simulated": study.simulated,
        "view_policy": study.view_policy,
        "carries_window": study.carries_window,
    }


@gzip_page
@for_the_page
@require_safe
def list_own_ratings(request: HttpRequest, study) -> HttpResponse:
    membership = rating_membership_or_404(request.user, study)
    check_open(membership)
    return JsonResponse({"ratings": own_ratings(membership)})
