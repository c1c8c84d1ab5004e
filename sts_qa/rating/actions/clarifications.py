"""Publishing clarifications, and raters acknowledging them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from sts_qa.audit.actions import record, study_chain
from sts_qa.rating.actions.locking import locked_membership, locked_study
from sts_qa.rating.errors import InvalidSubmission, RatingError
from sts_qa.rating.models import Acknowledgement, Clarification, Question
from sts_qa.rating.queries.access import check_open
from sts_qa.rating.queries.clarifications import (
    last_number,
    numbers_of,
    ratings_so_far,
    required_languages,
)
from sts_qa.rating.queries.questions import OPEN
from sts_qa.studies.models import Membership, Study

LONGEST_CLARIFICATION = 2000


@dataclass(frozen=True)
class Published:
    """The stored clarification, and whether it is a resend."""

    clarification: Clarification
    is_resend: bool


def publish_clarification(
    *,
    study: Study,
    number: int,
    texts: Mapping[str, str],
    questions: Collection[uuid.UUID] = (),
    acting_user: Any,
) -> Published:
    """Tell every rater; it answers the questions. Nothing changes it afterwards.

    `number` is the one that the person was shown before publishing. It tells a resend, which gets
    the first answer, from a text written without knowing what somebody else has published since.

    Raises
    ------
    InvalidSubmission
        When a text is missing or too long; `fields` has a sentence for each language.
    RatingError
        When the study is neither running nor paused, another clarification has the number, or a
        question was settled meanwhile.
    """
    texts = {code: text.strip() for code, text in texts.items() if text.strip()}
    with transaction.atomic():
        study = locked_study(study.pk)
        first = Clarification.objects.filter(study=study, number=number).first()
        if first is not None and _is_same(first, texts, questions, acting_user):
            return Published(first, is_resend=True)
        if refusal := refused_publication(study):
            raise RatingError("not_open", refusal)
        if number != last_number(study) + 1:
            raise RatingError(
                "number",
                _("Another clarification was published meanwhile. Read it, then look at yours."),
            )
        if errors := text_errors(study, texts):
            raise InvalidSubmission(errors)
        clarification = Clarification.objects.create(
            study=study,
            number=number,
            texts=texts,
            ratings_before=ratings_so_far(study),
            published_by=acting_user,
        )
        _answer(clarification, questions)
        _record_published(clarification, texts, acting_user)
        return Published(clarification, is_resend=False)


def refused_publication(study: Study) -> str:
    """Return why no clarification can be published now, or an empty string."""
    if study.state == Study.State.DRAFT:
        return _("This study has not started; change its protocol instead.")
    if study.state == Study.State.CLOSED:
        return _("This study is closed; nobody would read a clarification.")
    return ""


def text_errors(study: Study, texts: Mapping[str, str]) -> dict[str, str]:
    """Return a sentence for each language whose text cannot be published."""
    errors = {
        code: _("A rater reads this language; write the text in it.")
        for code in required_languages(study)
        if code not in texts
    }
    known = dict(settings.LANGUAGES)
    for code, text in texts.items():
        if code not in known:
            errors[code] = _("This language is not known.")
        elif len(text) > LONGEST_CLARIFICATION:
            errors[code] = _("At most %d characters; shorten the text.") % LONGEST_CLARIFICATION
    return errors


def _is_same(
    first: Clarification,
    texts: Mapping[str, str],
    questions: Collection[uuid.UUID],
    acting_user: Any,
) -> bool:
    answered = set(first.questions.values_list("public_id", flat=True))
    return (first.texts, first.published_by_id, answered) == (texts, acting_user.pk, set(questions))


def _answer(clarification: Clarification, questions: Collection[uuid.UUID]) -> None:
    answered = Question.objects.filter(
        OPEN,
        assignment__membership__study=clarification.study_id,
        public_id__in=set(questions),
    ).update(clarification=clarification)
    if answered != len(set(questions)):
        raise RatingError(
            "settled", _("A question was settled meanwhile. Look at the list, then at your text.")
        )


def _record_published(
    clarification: Clarification, texts: Mapping[str, str], acting_user: Any
) -> None:
    record(
        chain=study_chain(clarification.study_id),
        action="clarification.published",
        acting_user=acting_user,
        subject=clarification,
        details={
            "number": clarification.number,
            "languages": sorted(texts),
            "ratings_before": clarification.ratings_before,
            "questions": list(clarification.questions.order_by("pk").values_list("pk", flat=True)),
        },
        # The log's salted hash shows that no text was changed later
        note="\n\n".join(f"{code}: {text}" for code, text in sorted(texts.items())),
    )


def acknowledge_clarification(*, membership: Membership, number: int, acting_user: Any) -> int:
    """Note that the rater has read all clarifications up to `number`; return the last one read.

    Raises
    ------
    Clarification.DoesNotExist
        When the study has none of this number.
    NoAccess
        When the rater was withdrawn or the study is closed.
    """
    with transaction.atomic():
        study = locked_study(membership.study_id)
        membership = locked_membership(membership.pk, study)
        check_open(membership, or_paused=True)
        clarification = Clarification.objects.get(study=study, number=number)
        _latest, acknowledged = numbers_of(membership)
        if number <= acknowledged:
            return acknowledged
        Acknowledgement.objects.bulk_create(
            Acknowledgement(clarification=read, membership=membership)
            for read in Clarification.objects.filter(
                study=study, number__gt=acknowledged, number__lte=number
            )
        )
        record(
            chain=study_chain(study.pk),
            action="clarification.acknowledged",
            acting_user=acting_user,
            subject=clarification,
            details={"membership": membership.pk, "number": number},
        )
        return number
