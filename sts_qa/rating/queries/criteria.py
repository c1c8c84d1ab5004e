"""Which criteria a rater is asked for an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sts_qa.protocols.models import Criterion, ProtocolVersion
from sts_qa.studies.models import SampledItem, Study

MOST_RULES = 100


@dataclass(frozen=True)
class Gate:
    """Below `minimum` on the first criterion the others are not asked."""

    criterion: str
    minimum: Decimal

    def as_json(self) -> dict[str, Any]:
        whole = self.minimum == int(self.minimum)
        minimum = int(self.minimum) if whole else float(self.minimum)
        return {"criterion": self.criterion, "minimum": minimum}


@dataclass(frozen=True)
class AskedCriteria:
    """The protocol's criteria in their order, apart by whether they apply to one item."""

    asked: tuple[Criterion, ...]
    not_applicable: tuple[Criterion, ...]


def criteria_of(version: ProtocolVersion) -> list[Criterion]:
    return list(version.criteria.order_by("position"))


def is_rapid(criteria: Sequence[Criterion]) -> bool:
    """Say whether one digit is a whole score: one criterion of whole numbers within 0 to 9."""
    if len(criteria) != 1:
        return False
    (only,) = criteria
    return only.decimals == 0 and only.minimum >= 0 and only.maximum <= 9


def asked_criteria(
    unit: SampledItem, criteria: Sequence[Criterion], version: ProtocolVersion
) -> AskedCriteria:
    """Tell the criteria that apply to a sampled item from those that do not.

    Annotation criteria apply to labelled items only; on a slice without mask pixels only those
    that the protocol says so of.
    """
    kept_on_empty = _rules_of(version).kept_on_empty_slice
    asked: list[Criterion] = []
    not_applicable: list[Criterion] = []
    for criterion in criteria:
        applies = _applies(unit, criterion, kept_on_empty.get(criterion.code, True))
        (asked if applies else not_applicable).append(criterion)
    return AskedCriteria(tuple(asked), tuple(not_applicable))


def _applies(unit: SampledItem, criterion: Criterion, kept_on_empty_slice: bool) -> bool:
    if criterion.scope != Criterion.Scope.ANNOTATION:
        return True
    if not unit.labelled:
        return False
    is_empty_slice = unit.slice_index is not None and unit.mask_on_slice is False
    return kept_on_empty_slice or not is_empty_slice


def study_gate(study: Study, version: ProtocolVersion) -> Gate | None:
    """Return the gate where the study lets it skip the rest, else None."""
    return _rules_of(version).gate if study.gate_skips_rest else None


@dataclass(frozen=True)
class _Rules:
    """What of a protocol's content decides on every submission."""

    kept_on_empty_slice: Mapping[str, bool]
    gate: Gate | None


# By checksum of the content, which is long: reading it took an eighth of a submission's time
_rules: dict[str, _Rules] = {}


def _rules_of(version: ProtocolVersion) -> _Rules:
    found = _rules.get(version.checksum)
    if found is None:
        if len(_rules) >= MOST_RULES:
            _rules.clear()
        found = _rules[version.checksum] = _read_rules(version.content)
    return found


def _read_rules(content: Mapping[str, Any]) -> _Rules:
    kept = {
        criterion["code"]: criterion.get("applies_to_slice_without_mask_pixels", True)
        for criterion in content["criteria"]
    }
    gate = content.get("gate")
    return _Rules(kept, gate and Gate(gate["criterion"], Decimal(str(gate["minimum"]))))
