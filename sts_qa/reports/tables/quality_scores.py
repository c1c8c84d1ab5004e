"""Table 5: quality scores per category and criterion, with spread, counts and related metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from sts_qa.protocols.queries import rubric
from sts_qa.reports.queries.measurements import measurement_frame, shown_metrics
from sts_qa.reports.queries.sample import sample_counts
from sts_qa.reports.queries.scores import categories_of, criteria_of, rated_items, score_frame
from sts_qa.reports.tables.clarifications import clarifications_block
from sts_qa.reports.tables.provenance import notes_of, provenance_of
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.statistics.description import (
    Category,
    CategoryDescription,
    CellDescription,
    QualityDescription,
    describe_quality_scores,
)
from sts_qa.science.statistics.score_frame import Criterion
from sts_qa.science.tables.model import Block, Column, Missing, ReportTable
from sts_qa.studies.models import Study
from sts_qa.studies.queries.panel import current_panel

SLUG = "quality-scores"
OWN_GROUP = "-"
MISSING_CODES = ("not_applicable", "cannot_judge", "not_asked", "not_rated", "incomplete")


def quality_scores(study: Study, language: str) -> ReportTable:
    """Return the report: means as in Table 5, then spread and counts, levels, items and metrics."""
    panel, _choice = current_panel(study)
    criteria = criteria_of(study)
    scores = score_frame(study, panel)
    described = describe_quality_scores(scores, criteria, categories_of(study))
    titles = criterion_titles(study, language)
    blocks = [
        _means_block(described, criteria, titles),
        _spread_block(described, criteria, titles),
        *_levels_blocks(described, criteria, titles),
        _sample_block(study, scores),
        _metrics_block(study, titles),
        clarifications_block(study),
    ]
    return ReportTable(
        slug=SLUG,
        title=_("Quality scores"),
        blocks=[block for block in blocks if block.rows],
        notes=[*notes_of(study, panel), *_own_notes(described)],
        provenance=provenance_of(study, panel),
    )


def criterion_titles(study: Study, language: str) -> dict[str, str]:
    """Return the criteria's titles by code, in `language`."""
    texts = rubric(study.protocol_version, language, "radiograph")
    return {criterion.code: str(criterion.title) for criterion in texts.criteria}


def group_and_category(category: Category) -> dict[str, Any]:
    """Name a row as the paper does: a category without a group is a group of its own."""
    if not category.group:
        return {"group": category.name, "category": OWN_GROUP}
    return {"group": category.group, "category": category.name}


def group_columns() -> list[Column]:
    return [Column("group", _("Group")), Column("category", _("Category"))]


def _means_block(
    described: QualityDescription, criteria: list[Criterion], titles: Mapping[str, str]
) -> Block:
    columns = [
        *group_columns(),
        Column("items", _("All"), kind="integer", header=_("Items")),
        Column("labelled", _("Labelled"), kind="integer", header=_("Items")),
    ]
    for scope, header, sum_code, maximum in (
        ("image", _("Image, all items"), "image_subtotal", described.image_maximum),
        ("annotation", _("Annotation, labelled items"), "annotation_subtotal",
         described.annotation_maximum),
    ):  # fmt: skip
        columns += [
            Column(criterion.code, titles[criterion.code], kind="number", header=header)
            for criterion in criteria
            if criterion.scope == scope
        ]
        if maximum is not None:
            label = _("Subtotal of %g") % maximum
            columns.append(Column(sum_code, label, kind="number", header=header))
    if described.total_maximum is not None:
        label = _("Total of %g") % described.total_maximum
        columns.append(Column("total", label, kind="number", header=_("Labelled items")))
        columns.append(
            Column("sum_of_means", _("Sum of column means"), kind="number", header=_("No total"))
        )
    codes = {column.code for column in columns}
    rows = [
        {code: value for code, value in _means_row(category).items() if code in codes}
        for category in described.categories
    ]
    return Block("means", _("Mean scores"), columns, rows)


def _means_row(category: CategoryDescription) -> dict:
    sums = {
        "image_subtotal": category.image_subtotal,
        "annotation_subtotal": category.annotation_subtotal,
        "total": category.total,
    }
    cells = {**category.criteria, **{code: cell for code, cell in sums.items() if cell}}
    return {
        **group_and_category(category.category),
        "items": category.n_items,
        "labelled": category.n_labelled,
        **{code: _mean(cell) for code, cell in cells.items()},
        "sum_of_means": category.sum_of_means,
    }


def _mean(cell: CellDescription) -> float | Missing:
    if cell.mean is not None:
        return cell.mean
    return Missing(next(iter(cell.missing), "no_items"))


def _spread_block(
    described: QualityDescription, criteria: list[Criterion], titles: Mapping[str, str]
) -> Block:
    columns = [
        *group_columns(),
        Column("criterion", _("Criterion")),
        Column("mean", _("Mean"), kind="number"),
        Column("plain_mean", _("Unweighted mean"), kind="number"),
        Column("sd_items", _("SD between item means"), kind="number"),
        Column("sd_raters", _("SD between rater means"), kind="number"),
        Column("n_items", _("Items"), kind="integer", header="n"),
        Column("n_ratings", _("Ratings"), kind="integer", header="n"),
        Column("not_applicable", _("Not applicable"), kind="integer", header=_("Missing ratings")),
        Column("cannot_judge", _("Cannot judge"), kind="integer", header=_("Missing ratings")),
        Column("not_asked", _("Not asked"), kind="integer", header=_("Missing ratings")),
        Column("not_rated", _("Not rated"), kind="integer", header=_("Missing ratings")),
        Column("incomplete", _("Incomplete"), kind="integer", header=_("Missing ratings")),
    ]
    rows = [
        {**group_and_category(category.category), "criterion": title, **_spread(cell)}
        for category in described.categories
        for title, cell in _titled_cells(category, described, criteria, titles)
    ]
    return Block("spread", _("Spread and numbers"), columns, rows)


def _titled_cells(
    category: CategoryDescription,
    described: QualityDescription,
    criteria: list[Criterion],
    titles: Mapping[str, str],
):
    for criterion in criteria:
        yield titles[criterion.code], category.criteria[criterion.code]
    for cell, title, maximum in (
        (category.image_subtotal, _("Image subtotal of %g"), described.image_maximum),
        (category.annotation_subtotal, _("Annotation subtotal of %g"),
         described.annotation_maximum),
        (category.total, _("Total of %g"), described.total_maximum),
    ):  # fmt: skip
        if cell is not None:
            yield title % maximum, cell


def _spread(cell: CellDescription) -> dict[str, Any]:
    return {
        "mean": cell.mean,
        "plain_mean": cell.plain_mean,
        "sd_items": cell.sd_items,
        "sd_raters": cell.sd_raters,
        "n_items": cell.n_items,
        "n_ratings": cell.n_ratings,
        **{code: cell.missing.get(code, 0) for code in MISSING_CODES},
    }


def _levels_blocks(
    described: QualityDescription, criteria: list[Criterion], titles: Mapping[str, str]
) -> list[Block]:
    blocks = []
    for criterion in criteria:
        if not criterion.ordinal:
            continue
        levels = range(int(criterion.minimum), int(criterion.maximum) + 1)
        columns = [
            *group_columns(),
            *(
                Column(f"level_{level}", str(level), kind="integer", header=_("Ratings per level"))
                for level in levels
            ),
            Column("median", _("Median"), kind="number", decimals=1),
        ]
        rows = [
            {
                **group_and_category(category.category),
                **{
                    f"level_{level}": (category.criteria[criterion.code].levels or {}).get(level)
                    for level in levels
                },
                "median": category.criteria[criterion.code].median,
            }
            for category in described.categories
        ]
        title = _("Levels of %s") % titles[criterion.code]
        blocks.append(Block(f"levels-{criterion.code}", title, columns, rows))
    return blocks


def _sample_block(study: Study, scores: pd.DataFrame) -> Block:
    columns = [
        *group_columns(),
        Column("frame", _("Frame"), kind="integer"),
        Column("drawn", _("Drawn"), kind="integer"),
        Column("withdrawn", _("Withdrawn"), kind="integer"),
        Column("added", _("Added"), kind="integer"),
        Column("units", _unit_label(study), kind="integer"),
        Column("rated", _("Rated"), kind="integer"),
    ]
    rated = rated_items(scores)
    counts = sample_counts(study)
    rows = [
        {
            **group_and_category(category),
            **counts[category.name],
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
        "metric": metric.label,
        "unit": metric.unit,
        "direction": directions[metric.direction],
        "mean": cell.mean(),
        "sd": cell.std(ddof=1),
        "median": cell.median(),
        "n": int(cell.notna().sum()),
        "missing": int(cell.isna().sum()),
    }


def _own_notes(described: QualityDescription) -> list[str]:
    notes = [
        _("Means are means of item means; an item's mean is over its raters."),
        _(
            "A total exists only where one rater scored every criterion of an item, so it covers "
            "labelled items only. The sum of column means mixes items with and without masks and "
            "is no mean of totals."
        ),
    ]
    if any(
        cell.weighted for category in described.categories for cell in category.criteria.values()
    ):
        notes.append(
            _(
                "Where inclusion probabilities differ within a category, the mean weighs items by "
                "1/probability; the unweighted mean stands beside it."
            )
        )
    return notes
