"""Whether a submission is taken, and as what: the rules, on rows that were read before."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from sts_qa.protocols.models import Criterion
from sts_qa.rating.actions.locking import locked_assignments
from sts_qa.rating.actions.showing import Numbering
from sts_qa.rating.actions.submission import Submission, check_scores
from sts_qa.rating.errors import InvalidSubmission, NoSuchAssignment, Replaced
from sts_qa.rating.models import Rating, ReadingConditions, Score
from sts_qa.rating.queries.access import may_reopen
from sts_qa.rating.queries.clarifications import last_number
from sts_qa.rating.queries.conditions import own_conditions
from sts_qa.rating.queries.criteria import Gate, asked_criteria, criteria_of, study_gate
from sts_qa.studies.models import Assignment, Membership, Study

READ_AT_ONCE = 1000


@dataclass(frozen=True)
class Sent:
    """A submission and the assignment that it names."""

    token: str
    submission: Submission


@dataclass
class Standing:
    """How things stand for one rater's submissions; each one that is taken moves it on.

    `current` are ratings by assignment, `earlier` those by assignment and idempotency key.
    """

    membership: Membership
    criteria: Sequence[Criterion]
    gate: Gate | None
    assignments: Mapping[str, Assignment]
    numbering: Numbering
    last_clarification: int = 0
    conditions: Mapping[uuid.UUID, ReadingConditions] = field(default_factory=dict)
    current: dict[int, Rating] = field(default_factory=dict)
    earlier: dict[tuple[int, str], Rating] = field(default_factory=dict)


@dataclass(frozen=True)
class Decided:
    """A rating that is to be stored with its scores, or, for a resend, the one that was."""

    rating: Rating
    scores: Sequence[Score] = ()
    replaced: Rating | None = None
    is_resend: bool = False


def read_standing(membership: Membership, sent: Sequence[Sent], acting_user: Any) -> Standing:
    """Read what decides on the submissions; study and membership are locked already."""
    study = membership.study
    submissions = [one.submission for one in sent]
    assignments = locked_assignments(membership, {one.token for one in sent})
    asked_for = {one.conditions for one in submissions if one.conditions}
    standing = Standing(
        membership=membership,
        criteria=criteria_of(study.protocol_version),
        gate=study_gate(study, study.protocol_version),
        assignments=assignments,
        numbering=Numbering(membership, list(assignments.values())),
        conditions=own_conditions(acting_user, asked_for),
    )
    if any(one.clarification_seen for one in submissions):
        standing.last_clarification = last_number(study)
    keys = {one.idempotency_key for one in submissions}
    for rating in _ratings_of(assignments.values(), keys):
        standing.earlier[rating.assignment_id, rating.idempotency_key] = rating
        if rating.is_current:
            standing.current[rating.assignment_id] = rating
    return standing


def _ratings_of(assignments: Collection[Assignment], keys: Collection[str]) -> Iterator[Rating]:
    ids = [assignment.pk for assignment in assignments]
    wanted = Q(is_current=True) | Q(idempotency_key__in=keys)
    for start in range(0, len(ids), READ_AT_ONCE):
        yield from Rating.objects.filter(wanted, assignment__in=ids[start : start + READ_AT_ONCE])


def decide(standing: Standing, sent: Sent, *, language: str, channel: str) -> Decided:
    """Say what becomes of a submission.

    Raises
    ------
    NoSuchAssignment
        When it names no assignment of the rater.
    InvalidSubmission
        When a score breaks the protocol, or the key was used for another submission.
    Replaced
        When the rating to be replaced is not the current one.
    """
    submission = sent.submission
    if (assignment := standing.assignments.get(sent.token)) is None:
        raise NoSuchAssignment(_("In this study you have no such assignment."))
    if first := standing.earlier.get((assignment.pk, submission.idempotency_key)):
        return _first_answer(first, submission)
    version = standing.membership.study.protocol_version
    criteria = asked_criteria(assignment.sampled_item, standing.criteria, version)
    scores = check_scores(submission.scores, criteria, standing.gate)
    replaced = standing.current.get(assignment.pk)
    if submission.replaces != (replaced.public_id if replaced else None):
        raise Replaced(_("This item was scored in another window."), replaced)
    late_reason = late_reason_of(assignment, replaced)
    if not late_reason and not standing.numbering.number(assignment):
        late_reason = Rating.LateReason.REPEAT_DROPPED
    rating = Rating(
        assignment=assignment,
        protocol_version=version,
        replaces=None if late_reason else replaced,
        is_current=not late_reason,
        is_late=bool(late_reason),
        late_reason=late_reason,
        language=language,
        channel=channel,
        showing=assignment.showing,
        # Only a clarification that exists
        clarification_seen=min(submission.clarification_seen, standing.last_clarification),
        reading_conditions=_conditions(standing, submission),
        **_as_sent(submission),
    )
    standing.earlier[assignment.pk, submission.idempotency_key] = rating
    if rating.is_current:
        standing.current[assignment.pk] = rating
    return Decided(rating, scores, None if late_reason else replaced)


def _first_answer(first: Rating, submission: Submission) -> Decided:
    if first.body_hash != submission.body_hash:
        raise InvalidSubmission(
            {"idempotency_key": _("This key was used for another submission of the item.")},
            problem="idempotency",
        )
    return Decided(first, is_resend=True)


def _conditions(standing: Standing, submission: Submission) -> ReadingConditions | None:
    return standing.conditions.get(submission.conditions) if submission.conditions else None


def late_reason_of(assignment: Assignment, current: Rating | None) -> str:
    """Return why a submission does not count now, or an empty string."""
    membership, unit = assignment.membership, assignment.sampled_item
    state = membership.study.state
    if membership.withdrawn_at is not None:
        return Rating.LateReason.RATER_WITHDRAWN
    if state != Study.State.RUNNING:
        closed = state == Study.State.CLOSED
        return Rating.LateReason.STUDY_CLOSED if closed else Rating.LateReason.STUDY_PAUSED
    if unit.withdrawn_at is not None:
        return Rating.LateReason.ITEM_WITHDRAWN
    if unit.hidden_at is not None:
        return Rating.LateReason.ITEM_HIDDEN
    if assignment.dropped_at is not None:
        return Rating.LateReason.REPEAT_DROPPED
    if current is not None and not may_reopen(assignment, membership):
        return Rating.LateReason.REOPENED_TOO_LATE
    return ""


def _as_sent(submission: Submission) -> dict[str, Any]:
    names = (
        "idempotency_key",
        "body_hash",
        "comment",
        "active_ms",
        "wall_ms",
        "waiting_ms",
        "viewer_state",
        "submitted_at",
    )
    return {name: getattr(submission, name) for name in names}
