"""Clarifications: what raters were told while they rated, and after how many ratings."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from sts_qa.accounts.languages import own_name
from sts_qa.rating.models import Clarification
from sts_qa.rating.queries.clarifications import active_raters, published
from sts_qa.reports.tables.provenance import provenance_of
from sts_qa.science.tables.model import Block, Column, ReportTable, Row
from sts_qa.studies.models import Study

SLUG = "clarifications"


def clarifications_table(study: Study, language: str) -> ReportTable:
    """Return every clarification of the study as a report of its own."""
    block = clarifications_block(study)
    notes = [
        _("A clarification explains; criteria, ranges and bands stayed as the protocol has them."),
        _("Ratings before: main and repeat ratings that counted when it was published."),
        _("Raters: those who take part and were not withdrawn."),
    ]
    return ReportTable(
        slug=SLUG,
        title=_("Clarifications"),
        blocks=[block],
        notes=notes if block.rows else [_("No clarification was published.")],
        provenance=provenance_of(study),
    )


def clarifications_block(study: Study) -> Block:
    """Return one row for each clarification, with its text in every language that has one."""
    clarifications = list(published(study))
    raters = active_raters(study).count()
    languages = _languages(clarifications)
    columns = [
        Column("number", _("Number"), kind="integer"),
        Column("published_at", _("Published")),
        *(
            Column(_text_code(language), own_name(language), header=_("Text"))
            for language in languages
        ),
        Column("ratings_before", _("Ratings before"), kind="integer"),
        Column("acknowledged", _("Acknowledged by"), kind="integer", header=_("Raters")),
        Column("raters", _("Of"), kind="integer", header=_("Raters")),
    ]
    rows = [_row(clarification, raters) for clarification in clarifications]
    return Block(SLUG, _("Clarifications"), columns, rows)


def _row(clarification: Clarification, raters: int) -> Row:
    return {
        "number": clarification.number,
        "published_at": clarification.published_at.isoformat(timespec="seconds"),
        **{_text_code(language): text for language, text in clarification.texts.items()},
        "ratings_before": clarification.ratings_before,
        "acknowledged": clarification.acknowledged_by,  # type: ignore[attr-defined]
        "raters": raters,
    }


def _languages(clarifications: list[Clarification]) -> list[str]:
    used = {language for clarification in clarifications for language in clarification.texts}
    offered = [code for code, _name in settings.LANGUAGES]
    return [code for code in offered if code in used] + sorted(used - set(offered))


def _text_code(language: str) -> str:
    return f"text_{language.replace('-', '_')}"
