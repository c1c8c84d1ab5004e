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
from sts_qa.rating.actions.handing_out import rater_queue
from sts_qa.rating.decorators import for_the_page
from sts_qa.rating.queries.access import check_open, is_taken_out, rating_membership_or_404
from sts_qa.rating.queries.conditions import conditions_json, log_in_mark
from sts_qa.rating.queries.image import first_address
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
    current = request.GET.get("current", "")[:LONGEST_TOKEN]
    language = get_language() or "en"
    queue = rater_queue(membership=membership, language=language, acting_user=request.user)
    return {
        "account": account_key(request.user),
        **queue,
        "conditions": conditions_json(request.session),
        "log_in": log_in_mark(request.session),
        "taken_out": bool(current) and is_taken_out(membership, current),
    }


@gzip_page
@for_the_page
@require_safe
def list_own_ratings(request: HttpRequest, study) -> HttpResponse:
    membership = rating_membership_or_404(request.user, study)
    check_open(membership)
    return JsonResponse({"ratings": own_ratings(membership)})
