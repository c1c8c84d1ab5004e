"""Table 5 worked out with pandas alone, from what the raters meant to type.

Written from docs/methods/quality_scores.md and not from the product's code, of which it uses
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

IMAGE = ["contrast", "sharpness", "artifacts"]
ANNOTATION = ["pixel_accuracy", "boundary_accuracy"]
CRITERIA = IMAGE + ANNOTATION
SUMS = {"image_subtotal": IMAGE, "annotation_subtotal": ANNOTATION, "total": CRITERIA}


@dataclass(frozen=True)
class Opinion:
    """What one rater meant to say of one image; what cannot be judged is left out of `scores`."""

    rater: str
    number: int
    category: str
    labelled: bool
    # One over the probability with which the image was drawn
    weight: float
    scores: Mapping[str, int]


def table_by_hand(opinions: Iterable[Opinion]) -> dict[str, dict[str, dict[str, float]]]:
    """Return category -> column of the table -> mean, spreads and numbers."""
    rows = pd.DataFrame(
        {
            "rater": one.rater,
            "number": one.number,
            "category": one.category,
            "labelled": one.labelled,
            "weight": one.weight,
            **{code: float(one.scores.get(code, float("nan"))) for code in CRITERIA},
        }
        for one in opinions
    )
    rows.loc[~rows["labelled"], ANNOTATION] = float("nan")
    for name, parts in SUMS.items():
        rows[name] = rows[parts].sum(axis=1, min_count=len(parts))
    rows.loc[~rows["labelled"], ["annotation_subtotal", "total"]] = float("nan")
    return {name: _columns(part) for name, part in rows.groupby("category")}


def _columns(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    columns = {name: _cell(rows, name) for name in [*CRITERIA, *SUMS]}
    total = sum(columns[code]["mean"] for code in CRITERIA)
    return {**columns, "sum_of_means": {"mean": total}}


def _cell(rows: pd.DataFrame, name: str) -> dict[str, float]:
    given = rows.dropna(subset=[name])
    items = given.groupby("number").agg(value=(name, "mean"), weight=("weight", "first"))
    return {
        "mean": (items["value"] * items["weight"]).sum() / items["weight"].sum(),
        "plain_mean": items["value"].mean(),
        "sd_items": items["value"].std(),
        "sd_raters": given.groupby("rater")[name].mean().std(),
        "n_items": len(items),
        "n_ratings": len(given),
    }
