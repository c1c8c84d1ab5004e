"""Questions of raters, as coordinators read them. No rater is ever shown one of these."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from sts_qa.rating.models import Question
from sts_qa.studies.models import Study

# Neither answered by a clarification nor settled without one
OPEN = Q(clarification__isnull=True, closed_at__isnull=True)


def questions_of(study: Study) -> QuerySet[Question]:
    """Return the study's questions, the newest first, with the number of the slice from 1."""
    return (
        Question.objects.filter(assignment__membership__study=study)
        .select_related(
            "assignment__membership",
            "assignment__sampled_item__item_version__item__category",
            "clarification",
        )
        .annotate(slice_number=F("assignment__sampled_item__slice_index") + 1)
        .order_by("-pk")
    )


def open_questions(study: Study) -> QuerySet[Question]:
    """Return those that wait for an answer, the one that has waited longest first."""
    return questions_of(study).filter(OPEN).order_by("pk")


def open_question_count(study: Study) -> int:
    return Question.objects.filter(OPEN, assignment__membership__study=study).count()
