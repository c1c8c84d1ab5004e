"""Ratings: one, many at once, and the list of one's own."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.access import rating_membership, submitted_assignment
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.idempotency import key_of
from sts_qa.api.paging import Listing
from sts_qa.api.problems import (
    Fault,
    Problem,
    all_invalid,
    fault,
    faults_of_rating,
    pointer,
    problem_of,
)
from sts_qa.api.routing import route
from sts_qa.api.schemas.ratings import (
    ManySubmittedSchema,
    NewRatingSchema,
    NewRatingsSchema,
    OwnRatingSchema,
    SubmittedSchema,
)
from sts_qa.rating.actions import submit
from sts_qa.rating.actions.deciding import Sent
from sts_qa.rating.actions.submission import read_program_submission
from sts_qa.rating.actions.submit import Outcome
from sts_qa.rating.body import LONGEST_KEY, Reader, check_storable
from sts_qa.rating.errors import InvalidSubmission, Place
from sts_qa.rating.models import Rating
from sts_qa.rating.queries.access import check_open
from sts_qa.rating.queries.queue import progress_of
from sts_qa.rating.queries.ratings import current_ratings_json, rated_assignments, submitted_json
from sts_qa.studies.models import Assignment, Membership

# What ten thousand ratings of some criteria need, and what the server takes in one piece
MOST_BYTES = 5 * 1024 * 1024


@endpoint(
    "POST",
    scope="rate",
    access=submitted_assignment,
    body=NewRatingSchema,
    answers={201: SubmittedSchema, 202: SubmittedSchema},
    idempotent="required",
    repeatable=True,
)
def submit_rating(request: Request, assignment: Assignment, body: dict[str, Any]) -> Answer:
    """Submit the rating of one assignment, or change it.

    To change it, name the current rating in `replaces`: when it is no longer the current one, the
    answer is 409 and nothing is written. What arrives when it no longer counts (paused, closed,
    withdrawn) is kept as late: 202. A person's program may submit only where the study allows it.
    """
    key = _key_of_rating(key_of(request, required=True))
    submitted = submit.submit_rating(
        assignment=assignment,
        submission=read_program_submission(body, idempotency_key=key),
        language=get_language() or "en",
        acting_user=request.user,
        channel=Rating.Channel.API,
    )
    return Answer(
        {"rating": submitted_json(submitted.rating), "progress": submitted.progress},
        status=202 if submitted.rating.is_late else 201,
        headers={"Idempotency-Replayed": "true"} if submitted.is_resend else {},
    )


def _key_of_rating(key: str) -> str:
    """Return the key under which the rating itself is found again, which is shorter and plainer."""
    if len(key) <= LONGEST_KEY and " " not in key:
        return key
    return hashlib.sha256(key.encode()).hexdigest()[:LONGEST_KEY]


@endpoint(
    "POST",
    scope="rate",
    access=rating_membership,
    body=NewRatingsSchema,
    answers=ManySubmittedSchema,
    idempotent="required",
    # Some hundred at a time; each row's own key tells what of it was stored
    atomic=False,
    repeatable=True,
    most_bytes=MOST_BYTES,
)
def submit_ratings(
    request: Request, membership: Membership, body: dict[str, Any]
) -> dict[str, Any]:
    """Submit up to 10,000 ratings of one's own assignments in one call.

    They are taken in the order sent, each by the rules for one. With `all_or_nothing` any that
    cannot be stored lets the whole call be refused (422, every such row named) and nothing is
    written. With `per_row` the others are stored, some hundred at a time, so that others who rate
    do not wait; each row says what became of it, also one that the schema does not allow. A row
    sent again under its own key, in this or another call, gets the first answer, so a call that
    broke off is simply sent again. Such a key is looked for among those of its own assignment only.
    """
    rows, all_or_nothing = body["ratings"], body["mode"] == "all_or_nothing"
    submit.check_programs_may(membership)
    read = [_read_row(row) for row in rows]
    if all_or_nothing:
        _refuse_unread(read)
    outcomes = iter(
        submit.submit_ratings(
            membership=membership,
            sent=[one for one in read if isinstance(one, Sent)],
            all_or_nothing=all_or_nothing,
            language=get_language() or "en",
            acting_user=request.user,
            channel=Rating.Channel.API,
        )
    )
    results = [
        _row_json(
            number, row, next(outcomes) if isinstance(one, Sent) else Outcome(None, error=one)
        )
        for number, (row, one) in enumerate(zip(rows, read, strict=True))
    ]
    counts = Counter(result["outcome"] for result in results)
    membership.refresh_from_db(fields=["rated_count", "assigned_count", "shown_count"])
    return {
        **{name: counts[name] for name in ("stored", "late", "refused")},
        "progress": progress_of(membership),
        "results": results,
    }


def _refuse_unread(read: Sequence[Sent | InvalidSubmission]) -> None:
    """Refuse the call by every row whose form is wrong."""
    faults = [
        _at_row(number, found)
        for number, one in enumerate(read)
        if isinstance(one, InvalidSubmission)
        for found in faults_of_rating(one)
    ]
    if faults:
        raise all_invalid(faults)


def _read_row(row: Any) -> Sent | InvalidSubmission:
    """Return what was sent, or what is wrong with its form."""
    try:
        return _sent(row)
    except InvalidSubmission as error:
        return error


def _sent(row: Any) -> Sent:
    if not isinstance(row, dict):
        # At the row itself, which has no fields
        wrong: dict[Place, str] = {(): _("Give a JSON object.")}
        raise InvalidSubmission(wrong)
    reader = Reader(row)
    key, token = reader.key("idempotency_key"), row.get("assignment")
    if not isinstance(token, str):
        reader.errors["assignment"] = _("Text is expected.")
    reader.finish()
    # It is looked up, and not every database takes every text for that
    check_storable({"assignment": token}, field="assignment")
    content = {
        name: value for name, value in row.items() if name not in ("assignment", "idempotency_key")
    }
    return Sent(str(token), read_program_submission(content, idempotency_key=key))


def _row_json(number: int, row: Any, outcome: Outcome) -> dict[str, Any]:
    token = row.get("assignment") if isinstance(row, dict) else ""
    if outcome.rating is not None:
        return {
            "assignment": token,
            "outcome": "late" if outcome.rating.is_late else "stored",
            "replayed": outcome.is_resend,
            "rating": submitted_json(outcome.rating),
            "problem": None,
            "errors": [],
        }
    assert outcome.error is not None
    problem = problem_of(outcome.error)
    assert isinstance(problem, Problem)
    return {
        "assignment": _sendable(token) if isinstance(token, str) else "",
        "outcome": "refused",
        "replayed": False,
        "rating": None,
        "problem": problem.slug,
        "errors": [_at_row(number, found) for found in faults_of_rating(outcome.error)],
    }


def _at_row(number: int, found: Fault) -> Fault:
    return fault(_sendable(pointer("ratings", number) + found["field"]), found["detail"])


def _sendable(text: str) -> str:
    """Return a text that was sent without half characters, which no answer can hold."""
    return text.encode(errors="replace").decode()


@endpoint(
    "GET", scope="rate", access=rating_membership, answers=OwnRatingSchema, paged=True, streams=True
)
def list_own_ratings(request: Request, membership: Membership) -> Listing:
    """List one's own ratings that count, in the order of the assignments.

    Where items come again, an earlier answer cannot be looked up: its scores are null once it can
    no longer be reopened. To a rater that is a program scores are null while the study is sealed,
    since coordinators make its tokens; `id` is what `replaces` asks for.
    """
    check_open(membership)
    return Listing(
        rated_assignments(membership),
        order=("position",),
        each=lambda rows: current_ratings_json(rows, membership),
    )


addresses = [
    *route("assignments/<slug:assignment_token>/ratings/", submit_rating),
    *route("studies/<uuid:study_id>/ratings/", list_own_ratings, submit_ratings),
]
