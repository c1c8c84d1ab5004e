"""The long table of scores that statistics start from, and what must hold in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SCORE_COLUMNS = (
    "rater",
    "item",
    "category",
    "group",
    "labelled",
    "probability",
    "criterion",
    "value",
    "code",
)
SCOPES = ("image", "annotation")


@dataclass(frozen=True)
class Criterion:
    """A criterion of a protocol, as far as statistics need to know it.

    Attributes
    ----------
    code : str
        Name used in the scores.
    scope : str
        'image' (all items) or 'annotation' (labelled items only).
    minimum, maximum : float
        Both ends of the scale, both included.
    ordinal : bool
        True for levels that must not be added up; they are whole numbers.
    """

    code: str
    scope: str
    minimum: float
    maximum: float
    ordinal: bool = False

    def __post_init__(self) -> None:
        if self.scope not in SCOPES:
            raise ValueError(f"Criterion {self.code}: the scope {self.scope!r} is unknown.")
        if self.minimum >= self.maximum:
            raise ValueError(f"Criterion {self.code}: the minimum is not below the maximum.")


def check_scores(scores: pd.DataFrame, criteria: Sequence[Criterion]) -> None:
    """Raise ValueError, naming the first row, when the long table of scores contradicts itself.

    Parameters
    ----------
    scores : DataFrame
        Columns as in `SCORE_COLUMNS`, one row per rater, item and criterion.
    criteria : sequence of Criterion
        All criteria that may occur.
    """
    absent = [column for column in SCORE_COLUMNS if column not in scores.columns]
    if absent:
        raise ValueError(f"The scores have no column {', '.join(absent)}.")
    by_code = {criterion.code: criterion for criterion in criteria}
    value, scope = scores["value"], scores["criterion"].map(_scopes(criteria))
    has_code = scores["code"].notna() & (scores["code"] != "")
    below = value < scores["criterion"].map({code: c.minimum for code, c in by_code.items()})
    above = value > scores["criterion"].map({code: c.maximum for code, c in by_code.items()})
    ordinal = scores["criterion"].isin([c.code for c in criteria if c.ordinal])
    unlabelled = ~scores["labelled"].astype(bool)
    probability = scores["probability"]
    faults = {
        "is of an unknown criterion": scope.isna(),
        "stands there twice": scores.duplicated(["rater", "item", "criterion"]),
        "holds both a value and a code": value.notna() & has_code,
        "holds neither a value nor a code": value.isna() & ~has_code,
        "is outside the scale": below | above,
        "is no whole number": ordinal & value.notna() & (value % 1 != 0),
        "judges a mask that is not there": (scope == "annotation") & unlabelled & value.notna(),
        "has no inclusion probability above 0 and at most 1": ~(
            (probability > 0) & (probability <= 1)
        ),
        "gives its item other attributes than before": _contradicts(scores),
    }
    for fault, rows in faults.items():
        if rows.any():
            row = scores[rows].iloc[0]
            raise ValueError(
                f"The score of rater {row['rater']}, item {row['item']}, "
                f"criterion {row['criterion']} {fault}."
            )


def _scopes(criteria: Sequence[Criterion]) -> dict[str, str]:
    scopes = {criterion.code: criterion.scope for criterion in criteria}
    if len(scopes) != len(criteria):
        raise ValueError("A criterion is listed twice.")
    return scopes


def _contradicts(scores: pd.DataFrame) -> pd.Series:
    attributes = ["category", "group", "labelled", "probability"]
    first = scores.groupby("item", sort=False)[attributes].transform("first")
    return (scores[attributes] != first).any(axis=1)
