"""Questions of raters to the coordinators, and settling one without a clarification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.audit.actions import record, study_chain
from sts_qa.rating.actions.locking import locked_assignment, locked_membership, locked_study
from sts_qa.rating.body import Reader, read_object
from sts_qa.rating.errors import InvalidSubmission, RatingError
from sts_qa.rating.models import Question
from sts_qa.rating.queries.access import check_open
from sts_qa.studies.models import Assignment, Study

FIELDS = ("idempotency_key", "text")
LONGEST_QUESTION = 2000


@dataclass(frozen=True)
class SentQuestion:
    idempotency_key: str
    text: str


@dataclass(frozen=True)
class Asked:
    """The stored question, and whether it is a resend."""

    question: Question
    is_resend: bool


def read_question(data: bytes) -> SentQuestion:
    """Read a question from its JSON; raises `InvalidSubmission` where something is wrong."""
    return question_of(read_object(data))


def question_of(content: dict[str, Any]) -> SentQuestion:
    """Read the same from a JSON object."""
    reader = Reader(content)
    reader.refuse_others(FIELDS)
    sent = SentQuestion(
        idempotency_key=reader.key("idempotency_key"),
        text=reader.text("text", LONGEST_QUESTION).strip(),
    )
    if not sent.text:
        reader.errors.setdefault("text", _("Write your question."))
    reader.finish()
    return sent


def ask_question(*, assignment: Assignment, sent: SentQuestion, acting_user: Any) -> Asked:
    """Store a rater's question on an own item, rated or not.

    Also taken while the study is paused: the answer may be why it goes on.
    """
    with transaction.atomic():
        study = locked_study(assignment.membership.study_id)
        membership = locked_membership(assignment.membership_id, study)
        assignment = locked_assignment(assignment.pk, membership)
        first = assignment.questions.filter(idempotency_key=sent.idempotency_key).first()
        if first is not None:
            if first.text != sent.text:
                raise InvalidSubmission(
                    {"idempotency_key": _("This key was used for another question on the item.")},
                    problem="idempotency",
                )
            return Asked(first, is_resend=True)
        check_open(membership, or_paused=True)
        question = Question.objects.create(
            assignment=assignment, text=sent.text, idempotency_key=sent.idempotency_key
        )
        _record(question, study, acting_user, "question.asked")
        return Asked(question, is_resend=False)


def close_question(*, question: Question, note: str, acting_user: Any) -> Question:
    """Settle a question without a clarification.

    Raises
    ------
    RatingError
        When it was settled already, or nobody says why it needs no clarification.
    """
    note = note.strip()
    if not note:
        raise RatingError("reason", _("Say why no clarification is needed."))
    with transaction.atomic():
        study = locked_study(question.assignment.membership.study_id)
        question = Question.objects.get(pk=question.pk)
        if question.is_settled:
            raise RatingError("settled", _("This question was settled already."))
        question.closed_at = timezone.now()
        question.closed_by = acting_user
        question.closing_note = note
        question.save(update_fields=["closed_at", "closed_by", "closing_note"])
        _record(question, study, acting_user, "question.closed", note)
    return question


def _record(
    question: Question, study: Study, acting_user: Any, action: str, note: str = ""
) -> None:
    record(
        chain=study_chain(study.pk),
        action=action,
        acting_user=acting_user,
        subject=question,
        details={"assignment": question.assignment_id},
        note=note,
    )
