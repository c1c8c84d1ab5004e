"""REPORTS: every report of the product, one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sts_qa.reports.options import Option
from sts_qa.reports.tables.clarifications import clarifications_table
from sts_qa.reports.tables.quality_scores import MODELS, quality_scores
from sts_qa.reports.tables.raw_scores import raw_scores
from sts_qa.reports.tables.rubric import rubric_table
from sts_qa.reports.tables.sample_manifest import sample_manifest
from sts_qa.science.tables.model import ReportTable


@dataclass(frozen=True)
class Report:
    """A report: its title, what it tells, the function that makes it, and whether it is sealed.

    `make` takes the study, a language, and a value by name of each of `options`.
    """

    title: Promise
    meaning: Promise
    make: Callable[..., ReportTable]
    is_sealed_until_closed: bool
    needs_sample: bool = True
    options: Mapping[str, Option] = field(default_factory=dict)
    # Longest block a page shows whole; files hold everything
    rows_on_page: int = 200


REPORTS: dict[str, Report] = {
    "quality-scores": Report(
        _("Quality scores"),
        _("Mean scores per category and criterion, as Table 5 of the source study."),
        quality_scores,
        is_sealed_until_closed=True,
        options={"models": MODELS},
    ),
    "rubric": Report(
        _("Rubric"),
        _("Score bands by criterion, as Table 4 of the source study."),
        rubric_table,
        is_sealed_until_closed=False,
        needs_sample=False,
    ),
    "raw-scores": Report(
        _("Raw scores"),
        _("Every score ever submitted, one row each; superseded and late ones are marked."),
        raw_scores,
        is_sealed_until_closed=True,
    ),
    "clarifications": Report(
        _("Clarifications"),
        _("What raters were told while they rated, and how many ratings there were before."),
        clarifications_table,
        is_sealed_until_closed=False,
        needs_sample=False,
    ),
    "sample-manifest": Report(
        _("Sample manifest"),
        _("How the sample was drawn, with the whole frame, so that anyone can draw it again."),
        sample_manifest,
        is_sealed_until_closed=False,
    ),
}
