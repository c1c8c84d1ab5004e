"""Windows on the grey values that a rater may choose, in real values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.utils.translation import get_language

from sts_qa.protocols.rubric import shown_language
from sts_qa.rating.queries.volume_facts import VolumeFacts

Window = tuple[float, float]

STANDARD_PERCENTILES = (0.5, 99.5)
ROBUST_PERCENTILES = (1.0, 99.0)
FULL_PERCENTILES = (0.0, 100.0)
# Centre and width in Hounsfield units
HOUNSFIELD_PRESETS = {
    "bone": (500.0, 2000.0),
    "soft_tissue": (50.0, 400.0),
    "tooth": (1500.0, 3000.0),
}


def range_of_type(dtype: str) -> Window:
    """Return the least and the largest whole number of a type; 0 and 1 for any other type."""
    if dtype not in ("uint8", "uint16", "int16"):
        return 0.0, 1.0
    limits = np.iinfo(dtype)
    return float(limits.min), float(limits.max)


def facts_of_type(dtype: str) -> VolumeFacts:
    """Return what stands in for the facts of a volume that cannot be opened."""
    whole = range_of_type(dtype)
    known = dtype if whole != range_of_type("float32") else "float32"
    return VolumeFacts(known, 1.0, 0.0, whole, tuple(np.linspace(*whole, 1001).tolist()), ())


def window_of_percentiles(facts: VolumeFacts, percentiles: tuple[float, float]) -> Window:
    low, high = (facts.percentile(percent) for percent in percentiles)
    return low, high


def volume_presets(
    facts: VolumeFacts, own: list[dict[str, Any]], hounsfield: bool
) -> list[dict[str, Any]]:
    """Return the windows for a volume or a slice of it; percentiles are of the whole volume."""
    presets = [
        _preset("standard", window_of_percentiles(facts, STANDARD_PERCENTILES)),
        _preset("full", facts.extremes),
        _preset("robust", window_of_percentiles(facts, ROBUST_PERCENTILES)),
    ]
    if hounsfield:
        presets += [
            _preset(code, _around(centre, width))
            for code, (centre, width) in HOUNSFIELD_PRESETS.items()
        ]
    for code, name, preset in _own(own, "volume"):
        if "percentiles" in preset:
            window = window_of_percentiles(facts, _percentiles(preset))
        else:
            window = _around(preset["centre"], preset["width"])
        presets.append(_preset(code, window, name))
    return presets


def radiograph_presets(dtype: str, own: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the windows for a radiograph; the browser finds percentiles in the pixels it has."""
    presets = [
        _preset("standard", range_of_type(dtype)),
        _of_percentiles("full", FULL_PERCENTILES),
        _of_percentiles("robust", ROBUST_PERCENTILES),
    ]
    for code, name, preset in _own(own, "radiograph"):
        if "percentiles" in preset:
            presets.append(_of_percentiles(code, _percentiles(preset), name))
        else:
            presets.append(_preset(code, _around(preset["centre"], preset["width"]), name))
    return presets


def _own(
    presets: list[dict[str, Any]], kind: str
) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    for number, preset in enumerate(presets):
        if preset["kind"] == kind:
            names = preset["name"]
            language = shown_language(list(names), get_language() or "en")
            yield f"dataset-{number}", names[language], preset


def _percentiles(preset: dict[str, Any]) -> tuple[float, float]:
    low, high = preset["percentiles"]
    return float(low), float(high)


def _around(centre: float | str, width: float | str) -> Window:
    return float(centre) - float(width) / 2, float(centre) + float(width) / 2


def _preset(code: str, window: Window, name: str | None = None) -> dict[str, Any]:
    return {"code": code, "name": name, "low": window[0], "high": window[1]}


def _of_percentiles(
    code: str, percentiles: tuple[float, float], name: str | None = None
) -> dict[str, Any]:
    unknown = {"code": code, "name": name, "low": None, "high": None}
    return {**unknown, "percentiles": list(percentiles)}
