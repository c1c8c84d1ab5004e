"""The sample manifest: per stratum the counts that add up, then the whole frame in its order."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sts_qa.reports.tables.imported import imported_note
from sts_qa.reports.tables.provenance import provenance_of
from sts_qa.science.tables.model import Block, Column, ReportTable
from sts_qa.science.tables.stored_rows import StoredRows
from sts_qa.studies.models import Study
from sts_qa.studies.queries.manifest import (
    frame_rows,
    state_labels,
    strata_of,
    stratum_labels,
)

SLUG = "sample-manifest"
COUNTS = ("found", "unreadable", "missing", "held_back", "excluded", "frame", "drawn")


def sample_manifest(study: Study, language: str) -> ReportTable:
    """Return all that anyone needs to draw the sample again."""
    return ReportTable(
        slug=SLUG,
        title=_("Sample manifest"),
        blocks=[_strata_block(study), _frame_block(study)],
        notes=_notes(study),
        provenance=provenance_of(study),
    )


def _notes(study: Study) -> list[str]:
    added_up = _("Found = unreadable + missing + held back + excluded + frame.")
    if study.imported:
        return [
            imported_note(),
            added_up,
            _("Nothing was drawn here: the frame is what the imported file names, in its order."),
        ]
    return [
        added_up,
        _(
            "Each key of a stratum's frame takes one raw number of a PCG64 stream seeded with the "
            "seed and the stratum's name; the first in order are drawn, the rest are the reserve."
        ),
    ]


def _strata_block(study: Study) -> Block:
    labels = {
        "found": _("Found"),
        "unreadable": _("Unreadable"),
        "missing": _("Missing"),
        "held_back": _("Held back"),
        "excluded": _("Excluded"),
        "frame": _("Frame"),
        "drawn": _("Drawn"),
    }
    columns = [
        Column("category", _("Category")),
        Column("stratum", _("Stratum"), words=stratum_labels()),
        *(Column(name, labels[name], kind="integer") for name in COUNTS),
        Column("probability", _("Inclusion probability"), kind="number", decimals=4),
        Column("frame_hash", _("Frame hash")),
    ]
    rows = [
        {
            "category": stratum.category.name,
            "stratum": stratum.name,
            **{name: getattr(stratum, name) for name in COUNTS},
            "probability": stratum.drawn / stratum.frame if stratum.frame else None,
            "frame_hash": stratum.frame_hash,
        }
        for stratum in strata_of(study)
    ]
    return Block("strata", _("Strata"), columns, rows)


def _frame_block(study: Study) -> Block:
    columns = [
        Column("category", _("Category")),
        Column("stratum", _("Stratum"), words=stratum_labels()),
        Column("order", _("Order"), kind="integer"),
        Column("state", _("State"), words=state_labels()),
        Column("key", _("File")),
        Column("checksum", _("SHA-256")),
        # Text, because it may be larger than spreadsheets can hold exactly
        Column("draw_number", _("Random number")),
    ]
    codes = [column.code for column in columns]
    rows = ({code: row[code] for code in codes} for row in frame_rows(study))
    return Block("frame", _("Frame"), columns, StoredRows(rows))
