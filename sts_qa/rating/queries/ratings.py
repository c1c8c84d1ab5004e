"""A rater's own ratings, as they were given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from sts_qa.rating.models import Draft, Rating, Score
from sts_qa.rating.queries.access import NOT_TAKEN_OUT, may_reopen
from sts_qa.studies.models import Assignment, Membership

OWN_RATINGS = 20


def current_ratings(assignments: Iterable[Assignment]) -> dict[int, Rating]:
    """Return the current rating of each assignment that has one, with its scores."""
    ratings = Rating.objects.filter(assignment__in=list(assignments), is_current=True)
    return {
        rating.assignment_id: rating for rating in ratings.prefetch_related("scores__criterion")
    }


def drafts_of(assignments: Iterable[Assignment]) -> dict[int, Draft]:
    drafts = Draft.objects.filter(assignment__in=list(assignments))
    return {draft.assignment_id: draft for draft in drafts}


def scores_are_sealed(membership: Membership) -> bool:
    """Say whether not even the rater is told the scores that it gave.

    A program's token is made by coordinators, to whom all scores are sealed.
    """
    return membership.is_program and membership.study.is_sealed


def rating_json(rating: Rating, *, sealed: bool = False) -> dict[str, Any]:
    """Return an own rating with the scores that the rater gave, without those set by rule.

    Of one that is `sealed` only the id is told: `scores` and `comment` are None.
    """
    return {
        "id": str(rating.public_id),
        "scores": None if sealed else scores_json(rating.scores.all()),
        "comment": None if sealed else rating.comment,
    }


def scores_json(scores: Iterable[Score]) -> dict[str, dict[str, str]]:
    """Return scores by criterion, in the form in which they are submitted."""
    given: dict[str, dict[str, str]] = {}
    for score in sorted(scores, key=lambda score: score.criterion.position):
        if score.value is not None:
            given[score.criterion.code] = {"value": f"{score.value:.{score.criterion.decimals}f}"}
        elif score.code == Score.Code.CANNOT_JUDGE:
            given[score.criterion.code] = {
                "code": score.code,
                "reason": score.reason,
                "text": score.reason_text,
            }
    return given


def submitted_json(rating: Rating) -> dict[str, Any]:
    """Return what a rater is told of a rating just given."""
    answer = {"id": str(rating.public_id), "is_late": rating.is_late}
    if rating.is_late:
        answer["late_reason"] = _told_reason(rating.late_reason)
    return answer


def _told_reason(late_reason: str) -> str:
    """A rater must not learn that an item was a repeat; to them it was taken out like any other."""
    if late_reason == Rating.LateReason.REPEAT_DROPPED:
        return Rating.LateReason.ITEM_WITHDRAWN
    return late_reason


def draft_json(draft: Draft) -> dict[str, Any]:
    return {
        "scores": draft.content.get("scores", {}),
        "comment": draft.content.get("comment", ""),
        "sequence": draft.content.get("sequence", 0),
        "saved_at": draft.saved_at.isoformat(),
    }


def own_ratings(membership: Membership) -> list[dict[str, Any]]:
    """Return the rater's latest ratings in the order shown, the newest first."""
    assignments = _latest_rated(membership)
    ratings = current_ratings(assignments)
    return [
        {
            "token": assignment.token,
            # Practice items are not part of what is counted
            "number": None if assignment.kind == Assignment.Kind.PRACTICE else assignment.showing,
            "scores": scores_json(ratings[assignment.pk].scores.all()),
            "at": ratings[assignment.pk].received_at.isoformat(),
            "reopenable": may_reopen(assignment, membership),
        }
        for assignment in assignments
        if assignment.pk in ratings
    ]


def current_ratings_json(
    assignments: Sequence[Assignment], membership: Membership
) -> list[dict[str, Any]]:
    """Return the current rating of each assignment, for a program.

    An answer that a repeat may ask for again cannot be looked up: `scores` and `comment` are None
    once it can no longer be reopened. Those of a rater that is a program are None while the study
    is sealed.
    """
    ratings, sealed = current_ratings(assignments), scores_are_sealed(membership)
    found = []
    for assignment in assignments:
        if (rating := ratings.get(assignment.pk)) is None:
            continue
        reopenable = may_reopen(assignment, membership)
        told = reopenable and not sealed
        practice = assignment.kind == Assignment.Kind.PRACTICE
        found.append(
            {
                "assignment": assignment.token,
                "number": None if practice else assignment.showing,
                "id": rating.public_id,
                "channel": rating.channel,
                "received_at": rating.received_at,
                "reopenable": reopenable,
                "scores": scores_json(rating.scores.all()) if told else None,
                "comment": rating.comment if told else None,
            }
        )
    return found


def rated_assignments(membership: Membership) -> QuerySet[Assignment]:
    """Return the assignments with a rating that counts, without items taken out."""
    return membership.assignments.filter(NOT_TAKEN_OUT, is_rated=True)


def _latest_rated(membership: Membership) -> Sequence[Assignment]:
    rated = rated_assignments(membership).filter(showing__isnull=False)
    practice = Assignment.Kind.PRACTICE
    latest = list(rated.exclude(kind=practice).order_by("-showing", "-pk")[:OWN_RATINGS])
    if len(latest) < OWN_RATINGS:
        first = rated.filter(kind=practice).order_by("-showing", "-pk")
        latest += first[: OWN_RATINGS - len(latest)]
    return latest
