"""Letting a late rating count."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.audit.actions import record, study_chain
from sts_qa.protocols.actions import freeze_version
from sts_qa.rating.actions.locking import locked_assignment, locked_membership, locked_study
from sts_qa.rating.errors import RatingError
from sts_qa.rating.models import Rating
from sts_qa.studies.models import Assignment, Membership, Study

LONGEST_REASON = 300


def admit_rating(*, rating: Rating, reason: str, acting_user: Any) -> Rating:
    """Make a late rating the current one of its assignment, on record.

    One that corrects the rating that counts takes its place; that one stays, superseded.

    Raises
    ------
    RatingError
        When no reason is given or one of over 300 characters, it is not late, was admitted
        already, or the rater has given a rating since that counts.
    """
    if not reason.strip():
        raise RatingError("reason", _("Say why the rating is to count."))
    if len(reason.strip()) > LONGEST_REASON:
        shorten = _("At most %d characters are kept; shorten the text.")
        raise RatingError("reason", shorten % LONGEST_REASON)
    with transaction.atomic():
        study = locked_study(rating.assignment.membership.study_id)
        membership = locked_membership(rating.assignment.membership_id, study)
        assignment = locked_assignment(rating.assignment_id, membership)
        rating = Rating.objects.select_for_update().get(pk=rating.pk)
        if not rating.is_late or rating.admitted_at is not None:
            raise RatingError("not_late", _("This rating counts already."))
        superseded = _supersede(rating)
        rating.is_current = True
        rating.admitted_at = timezone.now()
        rating.admitted_by = acting_user
        rating.save(update_fields=["replaces", "is_current", "admitted_at", "admitted_by"])
        _count(assignment, study, acting_user)
        record(
            chain=study_chain(study.pk),
            action="rating.admitted",
            acting_user=acting_user,
            subject=rating,
            details={
                "assignment": assignment.pk,
                "late": rating.late_reason,
                "supersedes": superseded.pk if superseded else None,
            },
            note=reason.strip(),
        )
    return rating


def _supersede(rating: Rating) -> Rating | None:
    """Let the current rating of the assignment no longer count; return it."""
    ratings = rating.assignment.ratings
    current = ratings.filter(is_current=True).first()
    if current is None:
        return None
    if current.pk > rating.pk:
        raise RatingError("replaced", _("The rater has scored this item again since; that counts."))
    ratings.filter(pk=current.pk).update(is_current=False)
    # The rating that a rater replaced is named for good, and only once
    if rating.replaces_id is None and not ratings.filter(replaces=current).exists():
        rating.replaces = current
    return current


def _count(assignment: Assignment, study: Study, acting_user: Any) -> None:
    if assignment.kind == Assignment.Kind.MAIN:
        freeze_version(version=study.protocol_version, acting_user=acting_user)
    if assignment.is_rated:
        return
    Assignment.objects.filter(pk=assignment.pk).update(is_rated=True)
    if assignment.kind != Assignment.Kind.PRACTICE and assignment.dropped_at is None:
        membership = Membership.objects.filter(pk=assignment.membership_id)
        membership.update(rated_count=F("rated_count") + 1)
