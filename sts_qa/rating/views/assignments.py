"""What a rater does with one assignment."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sts_qa.rating.actions import drafts, problems, showing
from sts_qa.rating.actions.submission import read_submission
from sts_qa.rating.actions.submit import Submitted
from sts_qa.rating.actions.submit import submit_rating as submit
from sts_qa.rating.decorators import body_of, for_the_page
from sts_qa.rating.queries.access import (
    check_open,
    check_reopening,
    check_shown,
    own_assignment_or_404,
    submitted_assignment_or_404,
)
from sts_qa.rating.queries.assignment_json import one_assignment_json
from sts_qa.rating.queries.ratings import submitted_json


@for_the_page
@require_safe
def show_assignment(request: HttpRequest, token: str) -> HttpResponse:
    assignment = own_assignment_or_404(request.user, token)
    check_open(assignment.membership)
    check_shown(assignment)
    check_reopening(assignment)
    study = {"study": str(assignment.membership.study.public_id)}
    return JsonResponse(study | one_assignment_json(assignment))


@for_the_page
@require_POST
def submit_rating(request: HttpRequest, token: str) -> HttpResponse:
    assignment = submitted_assignment_or_404(request.user, token)
    submission = read_submission(body_of(request))
    submitted = submit(
        assignment=assignment,
        submission=submission,
        language=submission.language or get_language() or "en",
        acting_user=request.user,
    )
    return JsonResponse(_submitted_json(submitted), status=_status(submitted))


def _submitted_json(submitted: Submitted) -> dict:
    return {"rating": submitted_json(submitted.rating), "progress": submitted.progress}


def _status(submitted: Submitted) -> int:
    if submitted.rating.is_late:
        return 202
    return 200 if submitted.is_resend else 201


@for_the_page
@require_http_methods(["PUT"])
def save_draft(request: HttpRequest, token: str) -> HttpResponse:
    assignment = own_assignment_or_404(request.user, token)
    draft = drafts.read_draft(body_of(request))
    drafts.save_draft(assignment=assignment, draft=draft, acting_user=request.user)
    return HttpResponse(status=204)


@for_the_page
@require_POST
def mark_shown(request: HttpRequest, token: str) -> HttpResponse:
    assignment = own_assignment_or_404(request.user, token)
    counter = showing.mark_shown(assignment=assignment, acting_user=request.user)
    return JsonResponse({"counter": counter})


@for_the_page
@require_POST
def skip_assignment(request: HttpRequest, token: str) -> HttpResponse:
    assignment = own_assignment_or_404(request.user, token)
    progress = showing.skip_assignment(assignment=assignment, acting_user=request.user)
    return JsonResponse({"progress": progress})


@for_the_page
@require_POST
def report_problem(request: HttpRequest, token: str) -> HttpResponse:
    assignment = own_assignment_or_404(request.user, token)
    reported = problems.report_problem(
        assignment=assignment,
        sent=problems.read_problem(body_of(request)),
        acting_user=request.user,
    )
    status = 200 if reported.is_resend else 201
    return JsonResponse({"hidden": reported.hidden}, status=status)
