"""Ratings that came too late, which a coordinator may let count."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sts_qa.rating.actions import late
from sts_qa.rating.errors import RatingError
from sts_qa.rating.queries.problems import late_ratings
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_items_or_404

ADMITTED_SHOWN = 100


@login_required
@never_cache
@require_safe
def list_late_ratings(request: HttpRequest, study) -> HttpResponse:
    coordinated, membership = coordinated_items_or_404(request.user, study)
    ratings = late_ratings(coordinated)
    context = {
        "study": coordinated,
        "tabs": study_tabs(coordinated, membership, "rating:show_progress"),
        "longest_reason": late.LONGEST_REASON,
        "waiting": ratings.filter(admitted_at__isnull=True),
        "admitted": ratings.filter(admitted_at__isnull=False)[:ADMITTED_SHOWN],
    }
    return render(request, "rating/list_late_ratings.html", context)


@login_required
@require_POST
def admit_rating(request: HttpRequest, study, rating) -> HttpResponse:
    coordinated, _membership = coordinated_items_or_404(request.user, study)
    late_rating = get_object_or_404(late_ratings(coordinated), public_id=rating)
    try:
        late.admit_rating(
            rating=late_rating,
            reason=request.POST.get("reason", ""),
            acting_user=request.user,
        )
        messages.success(request, _("The rating counts from now on."))
    except RatingError as error:
        messages.error(request, str(error))
    return redirect("rating:list_late_ratings", coordinated.public_id)
