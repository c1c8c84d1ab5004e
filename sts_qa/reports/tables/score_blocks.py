"""The blocks of Table 5 that rest on scores: means, spread and counts, levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from sts_qa.science.statistics.description import (
    Category,
    CategoryDescription,
    CellDescription,
    QualityDescription,
)
from sts_qa.science.statistics.score_frame import Criterion
from sts_qa.science.tables.model import Block, Column, Missing, Row

OWN_GROUP = "-"
MISSING_CODES = ("not_applicable", "cannot_judge", "not_asked", "not_rated", "incomplete")


@dataclass(frozen=True)
class Described:
    """What a block tells in rows of their own: of the experts, or of one program beside them."""

    raters: str
    scores: QualityDescription


def group_and_category(category: Category) -> dict[str, Any]:
    """Name a row as the paper does: a category without a group is a group of its own."""
    if not category.group:
        return {"group": category.name, "category": OWN_GROUP}
    return {"group": category.group, "category": category.name}


def group_columns() -> list[Column]:
    return [Column("group", _("Group")), Column("category", _("Category"))]


def name_columns(described: Sequence[object]) -> list[Column]:
    """Return the columns that name a row: with whose scores only where several have rows."""
    raters = [Column("raters", _("Raters"))] if len(described) > 1 else []
    return [*group_columns(), *raters]


def named_categories(
    described: Sequence[Described],
) -> Iterator[tuple[dict[str, Any], CategoryDescription]]:
    """Yield every category of the first raters, then of the next, each with its row's name."""
    for rows in described:
        raters = {"raters": rows.raters} if len(described) > 1 else {}
        for category in rows.scores.categories:
            yield {**group_and_category(category.category), **raters}, category


def means_block(
    described: Sequence[Described], criteria: list[Criterion], titles: Mapping[str, str]
) -> Block:
    maxima = described[0].scores
    columns = [
        *name_columns(described),
        Column("items", _("All"), kind="integer", header=_("Items")),
        Column("labelled", _("Labelled"), kind="integer", header=_("Items")),
    ]
    for scope, header, sum_code, maximum in (
        ("image", _("Image, all items"), "image_subtotal", maxima.image_maximum),
        ("annotation", _("Annotation, labelled items"), "annotation_subtotal",
         maxima.annotation_maximum),
    ):  # fmt: skip
        columns += [
            Column(criterion.code, titles[criterion.code], kind="number", header=header)
            for criterion in criteria
            if criterion.scope == scope
        ]
        if maximum is not None:
            label = _("Subtotal of %g") % maximum
            columns.append(Column(sum_code, label, kind="number", header=header))
    if maxima.total_maximum is not None:
        label = _("Total of %g") % maxima.total_maximum
        columns.append(Column("total", label, kind="number", header=_("Labelled items")))
        columns.append(
            Column("sum_of_means", _("Sum of column means"), kind="number", header=_("No total"))
        )
    codes = {column.code for column in columns}
    rows = [
        {code: value for code, value in {**name, **_means_row(category)}.items() if code in codes}
        for name, category in named_categories(described)
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
        "items": category.n_items,
        "labelled": category.n_labelled,
        **{code: _mean(cell) for code, cell in cells.items()},
        "sum_of_means": category.sum_of_means,
    }


def _mean(cell: CellDescription) -> float | Missing:
    if cell.mean is not None:
        return cell.mean
    return Missing(next(iter(cell.missing), "no_items"))


def spread_block(
    described: Sequence[Described], criteria: list[Criterion], titles: Mapping[str, str]
) -> Block:
    columns = [
        *name_columns(described),
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
        {**name, "criterion": title, **_spread(cell)}
        for name, category in named_categories(described)
        for title, cell in _titled_cells(category, described[0].scores, criteria, titles)
    ]
    return Block("spread", _("Spread and numbers"), columns, rows)


def _titled_cells(
    category: CategoryDescription,
    maxima: QualityDescription,
    criteria: list[Criterion],
    titles: Mapping[str, str],
):
    for criterion in criteria:
        yield titles[criterion.code], category.criteria[criterion.code]
    for cell, title, maximum in (
        (category.image_subtotal, _("Image subtotal of %g"), maxima.image_maximum),
        (category.annotation_subtotal, _("Annotation subtotal of %g"),
         maxima.annotation_maximum),
        (category.total, _("Total of %g"), maxima.total_maximum),
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


def levels_blocks(
    described: Sequence[Described], criteria: list[Criterion], titles: Mapping[str, str]
) -> list[Block]:
    blocks = []
    for criterion in criteria:
        if not criterion.ordinal:
            continue
        levels = range(int(criterion.minimum), int(criterion.maximum) + 1)
        columns = [
            *name_columns(described),
            *(
                Column(f"level_{level}", str(level), kind="integer", header=_("Ratings per level"))
                for level in levels
            ),
            Column("median", _("Median"), kind="number", decimals=1),
        ]
        rows: list[Row] = [
            {**name, **_levels(category.criteria[criterion.code], levels)}
            for name, category in named_categories(described)
        ]
        title = _("Levels of %s") % titles[criterion.code]
        blocks.append(Block(f"levels-{criterion.code}", title, columns, rows))
    return blocks


def _levels(cell: CellDescription, levels: range) -> dict[str, int | float | None]:
    counts = cell.levels or {}
    return {**{f"level_{level}": counts.get(level) for level in levels}, "median": cell.median}
