"""Table 4: the rubric, score bands by criterion."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sts_qa.protocols.queries import rubric
from sts_qa.protocols.rubric import BandTable, Number, RubricCriterion, band_tables
from sts_qa.reports.tables.clarifications import clarifications_block
from sts_qa.reports.tables.provenance import provenance_of
from sts_qa.science.tables.model import Block, Column, ReportTable
from sts_qa.studies.models import Study

SLUG = "rubric"


def rubric_table(study: Study, language: str) -> ReportTable:
    """Return the criteria that share their bands as one block, each criterion of levels apart."""
    texts = rubric(study.protocol_version, language, "radiograph")
    blocks = [
        _bands_block(number, table)
        for number, table in enumerate(band_tables(texts.criteria), start=1)
    ]
    blocks += [_levels_block(criterion) for criterion in texts.criteria if criterion.levels]
    blocks.append(_criteria_block(texts.criteria))
    explained = clarifications_block(study)
    if explained.rows:
        blocks.append(explained)
    return ReportTable(slug=SLUG, title=texts.title, blocks=blocks, provenance=provenance_of(study))


def _bands_block(number: int, table: BandTable) -> Block:
    columns = [
        Column("score", _("Score")),
        *(Column(criterion.code, criterion.title) for criterion in table.criteria),
    ]
    codes = [criterion.code for criterion in table.criteria]
    rows = [
        {"score": _range(band.start, band.end), **dict(zip(codes, labels, strict=True))}
        for band, labels in table.rows
    ]
    return Block(f"bands-{number}", _("Score bands"), columns, rows)


def _range(start: Number, end: Number) -> str:
    return f"{start}-{end}"


def _levels_block(criterion: RubricCriterion) -> Block:
    columns = [
        Column("score", _("Score")),
        Column("label", _("Level")),
        Column("text", _("Meaning")),
        Column("source", _("Source")),
    ]
    rows = [
        {
            "score": str(level.value),
            "label": level.label,
            "text": level.text,
            "source": level.source,
        }
        for level in criterion.levels
    ]
    return Block(f"levels-{criterion.code}", criterion.title, columns, rows)


def _criteria_block(criteria: tuple[RubricCriterion, ...]) -> Block:
    scopes = {"image": _("all items"), "annotation": _("labelled items")}
    columns = [
        Column("criterion", _("Criterion")),
        Column("question", _("Question")),
        Column("lowest", _("Lowest")),
        Column("highest", _("Highest")),
        Column("applies_to", _("Applies to")),
    ]
    rows = [
        {
            "criterion": criterion.title,
            "question": criterion.question,
            "lowest": f"{criterion.minimum} {criterion.minimum_end}".strip(),
            "highest": f"{criterion.maximum} {criterion.maximum_end}".strip(),
            "applies_to": scopes[criterion.scope],
        }
        for criterion in criteria
    ]
    return Block("criteria", _("Criteria"), columns, rows)
