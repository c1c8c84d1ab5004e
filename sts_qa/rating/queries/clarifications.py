"""Clarifications as raters read them and as coordinators and reports list them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet

from sts_qa.protocols.rubric import shown_language
from sts_qa.rating.models import Clarification, Rating
from sts_qa.studies.models import Assignment, Membership, Study
from sts_qa.studies.queries.languages import languages_of


def clarifications_json(membership: Membership, language: str) -> dict[str, Any]:
    """Return what the rating page needs: the last acknowledged number and the open ones.

    `open` has those that this rater has not acknowledged, oldest first, also those published
    before the rater joined; nothing once the rater was withdrawn. `lang` tells the language of a
    text, which is not the one asked for where the clarification does not have it.
    """
    latest, acknowledged = numbers_of(membership)
    waiting = (
        Clarification.objects.filter(study=membership.study_id, number__gt=acknowledged)
        if membership.is_active and acknowledged < latest
        else ()
    )
    return {
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


def published(study: Study) -> QuerySet[Clarification]:
    """Return the study's clarifications by number, each with `acknowledged_by`.

    That counts raters who still take part, those of `active_raters`.
    """
    active = Q(acknowledgements__membership__in=active_raters(study))
    return (
        Clarification.objects.filter(study=study)
        .annotate(acknowledged_by=Count("acknowledgements", filter=active))
        .order_by("number")
    )


def active_raters(study: Study) -> QuerySet[Membership]:
    """Return the people who rate and were not withdrawn: programs read no clarification."""
    rates = Q(role=Membership.Role.RATER) | Q(also_rates=True)
    return Membership.objects.filter(rates, study=study, model_name="", withdrawn_at__isnull=True)


def last_number(study: Study) -> int:
    """Return the number of the study's last clarification, 0 for none."""
    return Clarification.objects.filter(study=study).aggregate(last=Max("number"))["last"] or 0


def required_languages(study: Study) -> list[str]:
    """Return the languages that a clarification needs: those that an active rater reads."""
    offered = [code for code, _name in settings.LANGUAGES]
    read = languages_of(study) or [settings.LANGUAGE_CODE]
    return [code for code in offered if code in read]


def ratings_so_far(study: Study) -> int:
    """Count the main and repeat ratings of people that are current."""
    return (
        Rating.objects.filter(
            assignment__membership__study=study,
            assignment__membership__model_name="",
            is_current=True,
        )
        .exclude(assignment__kind=Assignment.Kind.PRACTICE)
        .count()
    )
