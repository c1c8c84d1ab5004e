"""Keeping what is typed and not submitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from sts_qa.rating.actions.locking import locked_assignment, locked_membership
from sts_qa.rating.body import Reader, read_object
from sts_qa.rating.models import Draft
from sts_qa.rating.queries.access import check_open, check_shown
from sts_qa.studies.models import Assignment

FIELDS = ("scores", "comment", "sequence")
MOST_SCORES = 16 * 1024
# The largest whole number that a browser counts exactly
MOST_SEQUENCE = 2**53 - 1


@dataclass(frozen=True)
class DraftContent:
    """What stands in the fields, as typed; `sequence` grows with every change."""

    scores: dict[str, Any]
    comment: str
    sequence: int


def read_draft(data: bytes) -> DraftContent:
    """Read a draft from its JSON; raises `InvalidSubmission` where its form is wrong."""
    reader = Reader(read_object(data))
    reader.refuse_others(FIELDS)
    draft = DraftContent(
        scores=reader.table("scores", MOST_SCORES),
        comment=reader.text("comment"),
        sequence=reader.whole("sequence", MOST_SEQUENCE),
    )
    reader.finish()
    return draft


def save_draft(*, assignment: Assignment, draft: DraftContent, acting_user: Any) -> bool:
    """Keep the draft unless a newer one or a rating is there; say whether it was kept.

    A draft that the network held up until its item was rated would stand in the rating's place
    when that is opened again; changes of a rating are kept in the browser only.
    """
    with transaction.atomic():
        membership = locked_membership(assignment.membership_id, assignment.membership.study)
        assignment = locked_assignment(assignment.pk, membership)
        check_open(membership)
        check_shown(assignment)
        if assignment.is_rated:
            return False
        kept = Draft.objects.filter(assignment=assignment).first()
        if kept is not None and kept.content.get("sequence", 0) >= draft.sequence:
            return False
        content = {"scores": draft.scores, "comment": draft.comment, "sequence": draft.sequence}
        Draft.objects.update_or_create(assignment=assignment, defaults={"content": content})
        return True
