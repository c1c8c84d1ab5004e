"""What a browser posts for a plan that nobody has touched."""

from __future__ import annotations

import re

PLAN = {
    "percent": "30",
    "stratification": "labelled",
    "unit": "item",
    "slices_per_volume": "3",
    "seed": "11",
    "raters_per_item": "",
    "order": "radiographs_first",
    "practice_items": "5",
    "repeat_percent": "0",
    "repeat_distance": "50",
    "view_policy": "free",
    "seconds_per_radiograph": "30",
    "seconds_per_slice": "30",
    "seconds_per_volume": "180",
    "planned_raters": "5",
}


def new_study(dataset, version, /, **changed):
    return PLAN | {"name": "Teeth", "dataset": dataset.pk, "protocol_version": version.pk} | changed


def text_of(response) -> str:
    """Return the page's words without tags, with single spaces between them."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
