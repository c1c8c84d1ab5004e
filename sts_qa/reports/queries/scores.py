"""Scores out of the database as the long frame that statistics start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from sts_qa.rating.models import Rating, Score
from sts_qa.science.statistics.description import Category
from sts_qa.science.statistics.score_frame import SCORE_COLUMNS, Criterion
from sts_qa.studies.models import Assignment, Membership, SampledItem, Study

if TYPE_CHECKING:
    import pandas as pd

NOT_RATED = "not_rated"
NOT_APPLICABLE = Score.Code.NOT_APPLICABLE.value
NO_VALUE = float("nan")
# In tables: the current rating of a main assignment, in time or admitted
COUNTED = Q(is_current=True) & (Q(is_late=False) | Q(admitted_at__isnull=False))


@dataclass(frozen=True)
class SampleUnit:
    """What tables need to know of one unit of the sample."""

    number: int
    category: str
    group: str
    stratum: str
    labelled: bool
    probability: float
    version_id: int
    slice_index: int | None


def criteria_of(study: Study) -> list[Criterion]:
    """Return the study's criteria in their order."""
    return [
        Criterion(
            code=criterion.code,
            scope=criterion.scope,
            minimum=float(criterion.minimum),
            maximum=float(criterion.maximum),
            ordinal=criterion.ordinal,
        )
        for criterion in study.protocol_version.criteria.order_by("position")
    ]


def categories_of(study: Study) -> list[Category]:
    """Return the categories drawn from, in the dataset's order."""
    strata = study.strata.select_related("category").order_by("position")
    pairs = dict.fromkeys((s.category.name, s.group) for s in strata)
    return [Category(name, group) for name, group in pairs]


def sample_units(study: Study, *, withdrawn: bool = False) -> dict[int, SampleUnit]:
    """Return the main units by id; those that were withdrawn only when asked for."""
    units = SampledItem.objects.filter(study=study, kind=SampledItem.Kind.MAIN)
    if not withdrawn:
        units = units.filter(withdrawn_at__isnull=True)
    rows = units.values_list(
        "id",
        "number",
        "stratum__category__name",
        "stratum__group",
        "stratum__name",
        "labelled",
        "probability_numerator",
        "probability_denominator",
        "item_version_id",
        "slice_index",
    )
    return {row[0]: _unit(*row[1:]) for row in rows}


def _unit(
    number: int,
    category: str,
    group: str,
    stratum: str,
    labelled: bool,
    above: int,
    below: int,
    version_id: int,
    slice_index: int | None,
) -> SampleUnit:
    return SampleUnit(
        number, category, group, stratum, labelled, above / below, version_id, slice_index
    )


def score_frame(study: Study, panel: Sequence[Membership]) -> pd.DataFrame:
    """Return the scores behind the tables, one row per rater, item and criterion.

    Only main assignments of the panel on items that are not withdrawn, only current ratings that
    were in time or admitted. What was assigned and not rated has the code `not_rated`, as has what
    an imported rating leaves open.
    """
    # Only where a table is made
    import pandas as pd

    units = sample_units(study)
    criteria = criteria_of(study)
    given = _given_scores(panel)
    rated = {(rater, item, criterion) for rater, item, criterion, *_ in given}
    absent = [
        (rater, item, criterion.code, NO_VALUE, _absent_code(criterion, units[item]))
        for rater, item in _assigned(panel)
        for criterion in criteria
        if (rater, item, criterion.code) not in rated
    ]
    rows = [
        (rater, units[item].number, units[item].category, units[item].group,
         units[item].labelled, units[item].probability, criterion, value, code)
        for rater, item, criterion, value, code in given + absent
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def rated_items(scores: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Count the items that somebody rated, by category and group.

    An item without a mask has rows "not applicable" also from a rater who never saw it, so those
    do not tell.
    """
    told = ~scores["code"].isin([NOT_RATED, NOT_APPLICABLE])
    rows = scores.loc[told, ["category", "group", "item"]].drop_duplicates()
    items: dict[tuple[str, str], set[int]] = {}
    for category, group, item in rows.itertuples(index=False, name=None):
        items.setdefault((category, group), set()).add(item)
    return {category: len(rated) for category, rated in items.items()}


def _absent_code(criterion: Criterion, unit: SampleUnit) -> str:
    is_without_mask = criterion.scope == "annotation" and not unit.labelled
    return NOT_APPLICABLE if is_without_mask else NOT_RATED


def _assigned(panel: Sequence[Membership]):
    """Return what the panel was to rate; a withdrawn rater's open items are due no more."""
    return Assignment.objects.filter(
        membership__in=panel,
        membership__withdrawn_at__isnull=True,
        kind=Assignment.Kind.MAIN,
        sampled_item__withdrawn_at__isnull=True,
    ).values_list("membership__pseudonym", "sampled_item_id")


def counted_ratings(raters: Sequence[Membership]) -> QuerySet[Rating]:
    """Return the raters' ratings that tables use: current, in time or admitted, of main items."""
    return Rating.objects.filter(
        COUNTED,
        assignment__membership__in=raters,
        assignment__kind=Assignment.Kind.MAIN,
        assignment__sampled_item__withdrawn_at__isnull=True,
    )


def _given_scores(panel: Sequence[Membership]) -> list[tuple]:
    scores = Score.objects.filter(rating__in=counted_ratings(panel)).values_list(
        "rating__assignment__membership__pseudonym",
        "rating__assignment__sampled_item_id",
        "criterion__code",
        "value",
        "code",
    )
    return [
        (rater, item, criterion, NO_VALUE if value is None else float(value), code)
        for rater, item, criterion, value, code in scores.iterator(chunk_size=5000)
    ]
