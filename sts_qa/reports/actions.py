"""Making reports and handing them out; each export leaves its event."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from sts_qa.audit.actions import record, study_chain
from sts_qa.reports.files import ReportFile, written_file
from sts_qa.reports.options import chosen_options, unusual_options
from sts_qa.reports.registry import REPORTS
from sts_qa.science.tables.model import ReportTable
from sts_qa.science.tables.writers import WRITERS, json_blocks
from sts_qa.studies.models import Study


class NotReadyError(Exception):
    """The report cannot be shown yet; the text says why and what to do."""

    is_sealed = False


class SealedError(NotReadyError):
    """The report rests on scores that are sealed until the study is closed."""

    is_sealed = True


def make_report(
    *, study: Study, slug: str, language: str, options: Mapping[str, str] | None = None
) -> ReportTable:
    """Return the report with its checksum in the provenance.

    Parameters
    ----------
    options
        Choices by name, as the report's line in REPORTS declares them; the rest is as unasked.

    Raises
    ------
    OptionError
        When the report has no such choice.
    SealedError
        When its scores may not be seen yet.
    NotReadyError
        When no sample is drawn yet.
    """
    report = REPORTS[slug]
    chosen = chosen_options(report.options, options or {})
    if study.drawn_at is None and report.needs_sample:
        raise NotReadyError(_("Draw the sample first; the report follows from it."))
    if report.is_sealed_until_closed and study.is_sealed:
        raise SealedError(
            _(
                "Results are sealed until the study is closed. A coordinator can unseal them "
                "on record; every table says so from then on."
            )
        )
    with override(language):
        table = report.make(study, language, **chosen)
        digest = hashlib.sha256()
        for block in json_blocks(table):
            digest.update(block)
        checksum = digest.hexdigest()
        return replace(table, provenance={**table.provenance, _("Checksum"): checksum})


def report_file(
    *,
    study: Study,
    slug: str,
    file_format: str,
    language: str,
    options: Mapping[str, str] | None = None,
) -> ReportFile:
    """Return the report as a file; raises as `make_report`. Whoever hands it out records that."""
    table = make_report(study=study, slug=slug, language=language, options=options)
    unusual = unusual_options(REPORTS[slug].options, options or {})
    writer = WRITERS[file_format]
    name = "-".join([slug, *(f"{option}-{value}" for option, value in unusual.items())])
    return written_file(
        f"{name}.{writer.extension.lstrip('.')}",
        writer.media_type,
        lambda file: writer.write(table, file),
    )


@transaction.atomic
def record_export(
    *,
    study: Study,
    slug: str,
    file_format: str,
    file: ReportFile,
    acting_user: Any,
    options: Mapping[str, str] | None = None,
) -> None:
    """Record that a file of the report is handed out."""
    record(
        chain=study_chain(study.pk),
        action="report.exported",
        acting_user=acting_user,
        subject=study,
        details={
            "report": slug,
            "format": file_format,
            "options": unusual_options(REPORTS[slug].options, options or {}),
            "sha256": file.sha256,
        },
    )


def export_report(
    *,
    study: Study,
    slug: str,
    file_format: str,
    language: str,
    acting_user: Any,
    options: Mapping[str, str] | None = None,
) -> ReportFile:
    """Return the report as a file and record that it was handed out; raises as `make_report`."""
    file = report_file(
        study=study, slug=slug, file_format=file_format, language=language, options=options
    )
    record_export(
        study=study,
        slug=slug,
        file_format=file_format,
        file=file,
        acting_user=acting_user,
        options=options,
    )
    return file
