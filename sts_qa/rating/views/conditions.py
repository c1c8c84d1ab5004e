"""A rater's statement on room and monitor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from sts_qa.rating.actions import conditions
from sts_qa.rating.decorators import body_of, for_the_page
from sts_qa.rating.queries.access import rating_membership_or_404
from sts_qa.rating.queries.conditions import log_in_mark


@for_the_page
@require_POST
def state_conditions(request: HttpRequest, study) -> HttpResponse:
    membership = rating_membership_or_404(request.user, study)
    # They may have waited in the browser since an earlier log-in
    mark = log_in_mark(request.session)
    holds = request.GET.get("log_in", mark) == mark
    stored = conditions.state_conditions(
        study=membership.study,
        stated=conditions.read_conditions(body_of(request)),
        session=request.session if holds else None,
        acting_user=request.user,
    )
    return JsonResponse({"id": str(stored.public_id)}, status=201)
