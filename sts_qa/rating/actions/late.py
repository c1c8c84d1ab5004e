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
from sts_qa.studies.models import Assignment, Membership


def admit_rating(*, rating: Rating, acting_user: Any) -> Rating:
    """Make a late rating the current one of its assignment, on record.

    Raises
    ------
    RatingError
        When it is not late, was admitted already, or another rating of the assignment counts.
    """
    with transaction.atomic():
        study = locked_study(rating.assignment.membership.study_id)
        membership = locked_membership(rating.assignment.membership_id, study)
        assignment = locked_assignment(rating.assignment_id, membership)
        rating = Rating.objects.select_for_update().get(pk=rating.pk)
        if not rating.is_late or rating.admitted_at is not None:
            raise RatingError("not_late", _("This rating counts already."))
        if assignment.ratings.filter(is_current=True).exists():
            raise RatingError(
                "replaced", _("Another rating of this item by the same rater counts already.")
            )
        rating.is_current = True
        rating.admitted_at = timezone.now()
        rating.admitted_by = acting_user
        rating.save(update_fields=["is_current", "admitted_at", "admitted_by"])
        if assignment.kind == Assignment.Kind.MAIN:
            freeze_version(version=study.protocol_version, acting_user=acting_user)
        Assignment.objects.filter(pk=assignment.pk).update(is_rated=True)
        if assignment.kind != Assignment.Kind.PRACTICE and assignment.dropped_at is None:
            Membership.objects.filter(pk=membership.pk).update(rated_count=F("rated_count") + 1)
        record(
            chain=study_chain(study.pk),
            action="rating.admitted",
            acting_user=acting_user,
            subject=rating,
            details={"assignment": assignment.pk, "late": rating.late_reason},
        )
    return rating
