"""Clarifications as raters read them and as coordinators and reports list them."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Q

from sts_qa.protocols.rubric import shown_language
from sts_qa.rating.models import Clarification
from sts_qa.studies.models import Membership


def clarifications_json(membership: Membership, language: str) -> dict[str, Any]:
    """Return what the rating page needs: the last number, the last acknowledged, the open ones.

    `open` has those that this rater has not acknowledged, oldest first, also those published
    before the rater joined. `lang` tells the language of a text, which is not the one asked for
    where the clarification does not have it.
    """
    latest, acknowledged = numbers_of(membership)
    waiting = (
        Clarification.objects.filter(study=membership.study_id, number__gt=acknowledged)
        if acknowledged < latest
        else ()
    )
    return {
        "latest": latest,
        "acknowledged": acknowledged,
        "open": [_open_json(clarification, language) for clarification in waiting],
    }


def numbers_of(membership: Membership) -> tuple[int, int]:
    """Return the number of the study's last clarification, and of the last acknowledged one."""
    numbers = Clarification.objects.filter(study=membership.study_id).aggregate(
        latest=Max("number"),
        acknowledged=Max("number", filter=Q(acknowledgements__membership=membership)),
    )
    return numbers["latest"] or 0, numbers["acknowledged"] or 0


def _open_json(clarification: Clarification, language: str) -> dict[str, Any]:
    shown = shown_language(list(clarification.texts), language)
    return {
        "number": clarification.number,
        "published_at": clarification.published_at.isoformat(),
        "lang": shown,
        "text": clarification.texts[shown],
    }
