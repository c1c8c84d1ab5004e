"""Taking a rating. A score is neither lost nor counted twice, whatever is sent how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.audit.actions import record, study_chain
from sts_qa.protocols.actions import freeze_version
from sts_qa.rating.actions.imported import check_not_imported
from sts_qa.rating.actions.locking import locked_assignment, locked_membership, locked_study
from sts_qa.rating.actions.showing import number_showing
from sts_qa.rating.actions.submission import Submission, check_scores
from sts_qa.rating.errors import InvalidSubmission, NoAccess, Replaced
from sts_qa.rating.models import Draft, Rating, Score
from sts_qa.rating.queries.access import may_reopen, may_submit_by_program
from sts_qa.rating.queries.clarifications import last_number
from sts_qa.rating.queries.conditions import own_conditions
from sts_qa.rating.queries.criteria import asked_criteria, criteria_of, study_gate
from sts_qa.rating.queries.queue import progress_of
from sts_qa.rating.queries.ratings import current_rating
from sts_qa.studies.models import Assignment, Membership, Study


@dataclass(frozen=True)
class Submitted:
    """The answer to a submission: its rating, the rater's progress, and whether it is a resend."""

    rating: Rating
    progress: dict[str, int]
    is_resend: bool


def submit_rating(
    *,
    assignment: Assignment,
    submission: Submission,
    language: str,
    acting_user: Any,
    channel: str = Rating.Channel.PAGE,
) -> Submitted:
    """Store a rating of the assignment in one transaction.

    The same submission again gets the first answer. What arrives when it no longer counts (a
    withdrawn rater, a study that is not running, an item taken away) is stored as late.

    Raises
    ------
    NoAccess
        When a person's program sends it and the study does not take that.
    InvalidSubmission
        When a score breaks the protocol, or the key was used for another submission.
    Replaced
        When the rating to be replaced is not the current one. Nothing is written.
    """
    with transaction.atomic():
        study = locked_study(assignment.membership.study_id)
        check_not_imported(study, channel)
        membership = locked_membership(assignment.membership_id, study)
        assignment = locked_assignment(assignment.pk, membership)
        _check_channel(channel, membership)
        first = assignment.ratings.filter(idempotency_key=submission.idempotency_key).first()
        if first is not None:
            return _first_answer(first, submission, membership)
        version = study.protocol_version
        criteria = asked_criteria(assignment.sampled_item, criteria_of(version), version)
        scores = check_scores(submission.scores, criteria, study_gate(study, version))
        replaced = current_rating(assignment)
        _check_replaces(submission, replaced)
        late_reason = late_reason_of(assignment, replaced)
        if not late_reason and not number_showing(assignment, acting_user):
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
            clarification_seen=_published(submission.clarification_seen, study),
            reading_conditions=own_conditions(acting_user, submission.conditions),
            **_as_sent(submission),
        )
        _store(rating, scores, replaced)
        if not late_reason:
            _count(assignment, study, acting_user)
        _record(rating, study, acting_user)
        return Submitted(rating, progress_of(membership), is_resend=False)


def _check_channel(channel: str, membership: Membership) -> None:
    if channel == Rating.Channel.API and not may_submit_by_program(membership):
        raise NoAccess(
            "program_ratings",
            _("In this study people rate on the page; their programs cannot submit ratings."),
        )


def _first_answer(first: Rating, submission: Submission, membership: Membership) -> Submitted:
    if first.body_hash != submission.body_hash:
        raise InvalidSubmission(
            {"idempotency_key": _("This key was used for another submission of the item.")},
            problem="idempotency",
        )
    return Submitted(first, progress_of(membership), is_resend=True)


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


def _check_replaces(submission: Submission, current: Rating | None) -> None:
    if submission.replaces != (current.public_id if current else None):
        raise Replaced(_("This item was scored in another window."), current)


def _published(seen: int, study: Study) -> int:
    """Return the number of a clarification that exists, 0 for none."""
    return min(seen, last_number(study)) if seen else 0


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


def _store(rating: Rating, scores: list[Score], replaced: Rating | None) -> None:
    if rating.is_current and replaced is not None:
        Rating.objects.filter(pk=replaced.pk).update(is_current=False)
    rating.save(force_insert=True)
    for score in scores:
        score.rating = rating
    Score.objects.bulk_create(scores)


def _count(assignment: Assignment, study: Study, acting_user: Any) -> None:
    """Move the rater's progress and queue on by a rating that counts from now."""
    membership = assignment.membership
    Draft.objects.filter(assignment=assignment).delete()
    if assignment.kind == Assignment.Kind.MAIN:
        freeze_version(version=study.protocol_version, acting_user=acting_user)
    changes: dict[str, Any] = {"last_seen_at": timezone.now()}
    if not assignment.is_rated:
        assignment.is_rated = True
        assignment.save(update_fields=["is_rated"])
        if assignment.kind != Assignment.Kind.PRACTICE and assignment.dropped_at is None:
            changes["rated_count"] = F("rated_count") + 1
            membership.rated_count += 1
    Membership.objects.filter(pk=membership.pk).update(**changes)


def _record(rating: Rating, study: Study, acting_user: Any) -> None:
    details = {"assignment": rating.assignment_id, "body_hash": rating.body_hash}
    if rating.is_late:
        details["late"] = rating.late_reason
    record(
        chain=study_chain(study.pk),
        action="rating.submitted",
        acting_user=acting_user,
        subject=rating,
        details=details,
    )
