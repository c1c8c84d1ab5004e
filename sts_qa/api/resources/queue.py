"""A rater's queue, and what a rater does with one assignment besides scoring it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from rest_framework.request import Request

from sts_qa.api.access import active_assignment, own_assignment, rating_membership
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.pixel_addresses import with_addresses
from sts_qa.api.routing import route
from sts_qa.api.schemas.queue import (
    AcknowledgedSchema,
    AssignmentSchema,
    NewProblemSchema,
    NewQuestionSchema,
    OpenAssignmentSchema,
    OpenClarificationsSchema,
    ProblemReceiptSchema,
    QueueSchema,
    ShownSchema,
    SkippedSchema,
)
from sts_qa.rating.actions import clarifications, problems, questions, showing
from sts_qa.rating.actions.handing_out import hand_out, rater_queue
from sts_qa.rating.actions.submit import check_programs_may
from sts_qa.rating.models import Clarification
from sts_qa.rating.queries.access import (
    check_open,
    check_reopening,
    check_shown,
)
from sts_qa.rating.queries.assignment_json import (
    one_assignment_json,
    open_assignments_json,
    queue_json,
)
from sts_qa.rating.queries.clarifications import clarifications_json
from sts_qa.rating.queries.criteria import criteria_of
from sts_qa.rating.queries.queue import shown_open_assignments
from sts_qa.studies.models import Assignment, Membership


@endpoint("GET", scope="rate", access=rating_membership, answers=QueueSchema)
def show_queue(request: Request, membership: Membership) -> dict[str, Any]:
    """Show how far one is, the rubrics, and the assignments handed out, the current one first.

    Once the study is not open to the rater, `study.state` says why and nothing is handed out.
    """
    queue = rater_queue(
        membership=membership, language=get_language() or "en", acting_user=request.user
    )
    return {**queue, "assignments": [with_addresses(request, one) for one in queue["assignments"]]}


@endpoint("GET", scope="rate", access=rating_membership, answers={200: AssignmentSchema, 204: None})
def show_next(request: Request, membership: Membership) -> Answer:
    """Show the assignment to rate next; 204 when there is none now."""
    check_open(membership)
    handed_out = hand_out(membership=membership, acting_user=request.user, most=1)
    if not handed_out:
        return Answer(status=204)
    study = membership.study
    (current,) = queue_json(handed_out, study, criteria_of(study.protocol_version))
    return Answer(with_addresses(request, current))


@endpoint(
    "GET",
    scope="rate",
    access=rating_membership,
    answers=OpenAssignmentSchema,
    paged=True,
    streams=True,
)
def list_open_assignments(request: Request, membership: Membership) -> Listing:
    """List all own assignments that are not rated yet, in their order, for a program.

    For programs that submit many ratings at once. Keep to the order: a repeat that comes before
    its distance is kept is dropped. Only where programs may submit: people are handed out a few.
    """
    check_open(membership)
    check_programs_may(membership)
    return Listing(
        shown_open_assignments(membership),
        order=("turn", "pk"),
        each=lambda rows: [
            {**one, "url": request.build_absolute_uri(_place(one["token"]))}
            for one in open_assignments_json(rows, membership.study)
        ],
    )


def _place(token: str) -> str:
    return reverse("api:show_assignment", args=[token])


@endpoint("GET", scope="rate", access=own_assignment, answers=AssignmentSchema)
def show_assignment(request: Request, assignment: Assignment) -> dict[str, Any]:
    """Show one's own assignment with its pixels and its current rating.

    A rated one can be opened again only while fewer items than the distance of repeats were shown
    since. To a rater that is a program the rating's scores are null while the study is sealed,
    since coordinators make its tokens.
    """
    check_open(assignment.membership)
    check_shown(assignment)
    check_reopening(assignment)
    return with_addresses(request, one_assignment_json(assignment))


@endpoint("POST", scope="rate", access=own_assignment, answers=ShownSchema)
def mark_shown(request: Request, assignment: Assignment) -> dict[str, Any]:
    """Note that the item is being looked at, which gives it its number; again changes nothing."""
    return {"counter": showing.mark_shown(assignment=assignment, acting_user=request.user)}


@endpoint(
    "POST", scope="rate", access=active_assignment, answers=SkippedSchema, idempotent="accepted"
)
def skip_assignment(request: Request, assignment: Assignment) -> dict[str, Any]:
    """Put the item off to the end of the queue."""
    return {"progress": showing.skip_assignment(assignment=assignment, acting_user=request.user)}


@endpoint(
    "POST",
    scope="rate",
    access=active_assignment,
    body=NewProblemSchema,
    answers={201: ProblemReceiptSchema},
    idempotent="accepted",
)
def report_problem(request: Request, assignment: Assignment, body: dict[str, Any]) -> Answer:
    """Report that something is wrong with the item; "privacy" hides it from all raters at once."""
    reported = problems.report_problem(
        assignment=assignment,
        sent=problems.problem_of({**body, "idempotency_key": _new_key()}),
        acting_user=request.user,
    )
    return Answer({"hidden": reported.hidden}, status=201)


@endpoint(
    "POST",
    scope="rate",
    access=active_assignment,
    body=NewQuestionSchema,
    answers={201: None},
    idempotent="accepted",
)
def ask_question(request: Request, assignment: Assignment, body: dict[str, Any]) -> Answer:
    """Ask the coordinators about the item; they answer by a clarification to all raters."""
    questions.ask_question(
        assignment=assignment,
        sent=questions.question_of({**body, "idempotency_key": _new_key()}),
        acting_user=request.user,
    )
    return Answer(status=201)


def _new_key() -> str:
    """Return a key of its own: a resend is told by the request's Idempotency-Key already."""
    return uuid.uuid4().hex


@endpoint("GET", scope="rate", access=rating_membership, answers=OpenClarificationsSchema)
def list_open_clarifications(request: Request, membership: Membership) -> dict[str, Any]:
    """List the clarifications that the rater has not acknowledged, the oldest first."""
    return clarifications_json(membership, get_language() or "en")


@endpoint("POST", scope="rate", access=rating_membership, answers=AcknowledgedSchema)
def acknowledge_clarification(
    request: Request, membership: Membership, number: int
) -> dict[str, Any]:
    """Note that the rater has read all clarifications up to this one."""
    try:
        acknowledged = clarifications.acknowledge_clarification(
            membership=membership, number=number, acting_user=request.user
        )
    except Clarification.DoesNotExist:
        raise Http404 from None
    return {"acknowledged": acknowledged}


queue = "studies/<uuid:study_id>/queue/"
assignment = "assignments/<slug:assignment_token>/"
addresses = [
    *route(queue, show_queue),
    *route(f"{queue}next/", show_next),
    *route(f"{queue}clarifications/", list_open_clarifications),
    *route(f"{queue}clarifications/<int:number>/acknowledged/", acknowledge_clarification),
    *route("studies/<uuid:study_id>/assignments/", list_open_assignments),
    *route(assignment, show_assignment),
    *route(f"{assignment}shown/", mark_shown),
    *route(f"{assignment}skip/", skip_assignment),
    *route(f"{assignment}problems/", report_problem),
    *route(f"{assignment}questions/", ask_question),
]
