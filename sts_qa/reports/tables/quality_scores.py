"""Table 5: quality scores per category and criterion, with spread, counts and related metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sts_qa.measurements.labels import metric_label, unit_label
from sts_qa.protocols.queries import rubric
from sts_qa.reports.options import Option
from sts_qa.reports.queries.measurements import measurement_frame, shown_metrics
from sts_qa.reports.queries.sample import sample_counts
from sts_qa.reports.queries.scores import (
    categories_of,
    counted_ratings,
    criteria_of,
    rated_items,
    score_frame,
)
from sts_qa.reports.tables.clarifications import clarifications_block
from sts_qa.reports.tables.programs import program_line, program_notes
from sts_qa.reports.tables.provenance import notes_of, provenance_of
from sts_qa.reports.tables.score_blocks import (
    OWN_GROUP,
    Described,
    group_and_category,
    group_columns,
    levels_blocks,
    means_block,
    name_columns,
    spread_block,
)
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.statistics.description import Category, describe_quality_scores
from sts_qa.science.tables.model import Block, Column, ReportTable
from sts_qa.studies.models import Study
from sts_qa.studies.queries.panel import current_panel
from sts_qa.studies.queries.programs import active_programs, has_programs, program_label

if TYPE_CHECKING:
    import pandas as pd

SLUG = "quality-scores"
MODELS = Option(
    gettext_lazy("Programs"),
    {
        "none": gettext_lazy("Left out"),
        "beside": gettext_lazy("In rows of their own"),
        "panel": gettext_lazy("Counted as raters"),
    },
    is_shown=has_programs,
)


def quality_scores(study: Study, language: str, *, models: str = "none") -> ReportTable:
    """Return the report: means as in Table 5, then spread and counts, levels, items and metrics.

    `models` is a value of `MODELS`: what becomes of the ratings of programs.
    """
    experts, _choice = current_panel(study)
    programs = active_programs(study) if study.started_at or study.imported else []
    panel = [*experts, *programs] if models == "panel" else experts
    beside = programs if models == "beside" else []
    frames = [score_frame(study, panel), *(score_frame(study, [program]) for program in beside)]
    names = [_("Experts"), *(program_label(program) for program in beside)]
    criteria, categories = criteria_of(study), categories_of(study)
    described = [
        Described(name, describe_quality_scores(frame, criteria, categories))
        for name, frame in zip(names, frames, strict=True)
    ]
    titles = criterion_titles(study, language)
    blocks = [
        means_block(described, criteria, titles),
        spread_block(described, criteria, titles),
        *levels_blocks(described, criteria, titles),
        _sample_block(study, dict(zip(names, frames, strict=True))),
        _metrics_block(study, titles),
        clarifications_block(study),
    ]
    return ReportTable(
        slug=SLUG,
        title=_("Quality scores"),
        blocks=[block for block in blocks if block.rows],
        notes=[
            *notes_of(study, panel, counted_ratings([*panel, *beside]), beside=beside),
            *program_notes(study, models, programs),
            *_own_notes(described),
        ],
        provenance=provenance_of(study, panel, programs=program_line(models, programs)),
    )


def criterion_titles(study: Study, language: str) -> dict[str, str]:
    """Return the criteria's titles by code, in `language`."""
    texts = rubric(study.protocol_version, language, "radiograph")
    return {criterion.code: str(criterion.title) for criterion in texts.criteria}


def _sample_block(study: Study, frames: Mapping[str, pd.DataFrame]) -> Block:
    """Return the counts of the sample; of a program beside the experts only what it rated."""
    columns = [
        *name_columns(list(frames)),
        Column("frame", _("Frame"), kind="integer"),
        Column("drawn", _("Drawn"), kind="integer"),
        Column("withdrawn", _("Withdrawn"), kind="integer"),
        Column("added", _("Added"), kind="integer"),
        Column("units", _unit_label(study), kind="integer"),
        Column("rated", _("Rated"), kind="integer"),
    ]
    counts = sample_counts(study)
    rows = []
    for place, (raters, scores) in enumerate(frames.items()):
        rated = rated_items(scores)
        rows += [
            {
                **group_and_category(category),
                **({"raters": raters} if len(frames) > 1 else {}),
                **(counts[category.name] if place == 0 else {}),
                "rated": rated.get((category.name, category.group), 0),
            }
            for category in categories_of(study)
        ]
    return Block("sample", _("Sample"), columns, rows)


def _unit_label(study: Study) -> str:
    return _("Images and slices to rate") if study.unit == Study.Unit.SLICE else _("To rate")


def _metrics_block(study: Study, titles: Mapping[str, str]) -> Block:
    columns = [
        *group_columns(),
        Column("criterion", _("Beside")),
        Column("metric", _("Metric")),
        Column("unit", _("Unit")),
        Column("direction", _("Better when")),
        Column("mean", _("Mean"), kind="number", significant=4),
        Column("sd", _("SD"), kind="number", significant=4),
        Column("median", _("Median"), kind="number", significant=4),
        Column("n", _("Items"), kind="integer", header="n"),
        Column("missing", _("Missing"), kind="integer", header="n"),
    ]
    values = measurement_frame(study)
    rows = [
        _metric_row(values, category, name, titles[code])
        for category in categories_of(study)
        for code, names in shown_metrics(study).items()
        for name in names
        if _concerns(values, category, name)
    ]
    return Block("metrics", _("Related measurements, not the same construct"), columns, rows)


def _concerns(values: pd.DataFrame, category: Category, name: str) -> bool:
    return not _cell(values, category, name).empty


def _cell(values: pd.DataFrame, category: Category, name: str) -> pd.DataFrame:
    return values[
        (values["category"] == category.name)
        & (values["group"] == category.group)
        & (values["metric"] == name)
    ]


def _metric_row(values: pd.DataFrame, category: Category, name: str, beside: str) -> dict[str, Any]:
    metric = METRICS[name]
    cell = _cell(values, category, name)["value"]
    directions = {"up": _("higher"), "down": _("lower"), "none": OWN_GROUP}
    return {
        **group_and_category(category),
        "criterion": beside,
        "metric": metric_label(metric),
        "unit": unit_label(metric) or metric.unit,
        "direction": directions[metric.direction],
        "mean": cell.mean(),
        "sd": cell.std(ddof=1),
        "median": cell.median(),
        "n": int(cell.notna().sum()),
        "missing": int(cell.isna().sum()),
    }


def _own_notes(described: Sequence[Described]) -> list[str]:
    notes = [
        _("Means are means of item means; an item's mean is over its raters."),
        _(
            "A total exists only where one rater scored every criterion of an item, so it covers "
            "labelled items only. The sum of column means mixes items with and without masks and "
            "is no mean of totals."
        ),
    ]
    if any(
        cell.weighted
        for rows in described
        for category in rows.scores.categories
        for cell in category.criteria.values()
    ):
        notes.append(
            _(
                "Where inclusion probabilities differ within a category, the mean weighs items by "
                "1/probability; the unweighted mean stands beside it."
            )
        )
    return notes
