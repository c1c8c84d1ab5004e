"""The sample manifest as a file, on record."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from sts_qa.audit.actions import record, study_chain
from sts_qa.studies.models import Study
from sts_qa.studies.queries.manifest import frame_rows

COLUMNS = ("category", "stratum", "order", "key", "checksum", "draw_number", "state")
FORMULA_START = re.compile(r"\s*[=+\-@\t\r]")


def export_manifest(*, study: Study, acting_user: Any) -> Iterator[str]:
    """Record the export, and return the whole frame as lines of CSV.

    Every text is quoted, and one that a spreadsheet would take for a formula has an apostrophe
    before it. Draw numbers are quoted too: a spreadsheet would round their 20 digits.
    """
    record_manifest_export(study=study, file_format="csv", acting_user=acting_user)
    return _lines(study)


@transaction.atomic
def record_manifest_export(*, study: Study, file_format: str, acting_user: Any) -> None:
    """Record that the whole frame is handed out."""
    record(
        chain=study_chain(study.pk),
        action="manifest.exported",
        acting_user=acting_user,
        subject=study,
        details={"format": file_format, "frame_hash": study.frame_hash},
    )


def _lines(study: Study) -> Iterator[str]:
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    yield "\ufeff" + writer.writerow(COLUMNS)
    for row in frame_rows(study):
        row["draw_number"] = str(row["draw_number"])
        yield writer.writerow([_safe(row[name]) for name in COLUMNS])


def _safe(value: str | int) -> str | int:
    if isinstance(value, str) and FORMULA_START.match(value):
        return f"'{value}"
    return value


class _Echo:
    """Gives each line back, so that the writer's answer is the line."""

    def write(self, line: str) -> str:
        return line
