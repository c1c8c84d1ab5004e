"""A protocol version as one rater reads it: one language, one kind of image."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass
from typing import Any

KINDS = ("radiograph", "volume", "slice")
Number = int | float


@dataclass(frozen=True)
class Band:
    """The scores from `start` to `end`, both included, and their label."""

    start: Number
    end: Number
    label: str


@dataclass(frozen=True)
class Level:
    """One score of a criterion whose every score has a meaning of its own."""

    value: Number
    label: str
    text: str
    is_gloss: bool
    source: str


@dataclass(frozen=True)
class Guidance:
    """Help for the rater; a gloss is not the wording of the protocol's source."""

    text: str
    is_gloss: bool
    source: str


@dataclass(frozen=True)
class RubricCriterion:
    """One criterion in the rater's language; `guidance` is None where there is none."""

    code: str
    position: int
    scope: str
    minimum: Number
    maximum: Number
    decimals: int
    ordinal: bool
    title: str
    question: str
    minimum_end: str
    maximum_end: str
    bands: tuple[Band, ...]
    levels: tuple[Level, ...]
    guidance: Guidance | None
    threshold: Number | None
    required_structures: tuple[str, ...]
    required_structures_are_gloss: bool
    applies_to_slice_without_mask_pixels: bool


@dataclass(frozen=True)
class Gate:
    """Below `minimum` on this criterion a study may leave the other criteria unasked."""

    criterion: str
    minimum: Number


@dataclass(frozen=True)
class Rubric:
    """The whole protocol; `language` is the one shown, which may not be the one asked for."""

    slug: str
    version: int
    checksum: str
    kind: str
    language: str
    requested_language: str
    is_fallback: bool
    title: str
    description: str
    source: str
    gate: Gate | None
    criteria: tuple[RubricCriterion, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values for the browser, with the names of the fields above."""
        return asdict(self)


@dataclass(frozen=True)
class BandTable:
    """Criteria that share their bands, as a table of bands by criteria (Table 4 of the paper)."""

    criteria: tuple[RubricCriterion, ...]
    rows: tuple[tuple[Band, tuple[str, ...]], ...]


def rubric_of(
    content: dict[str, Any], *, version: int, checksum: str, language: str, kind: str
) -> Rubric:
    """Return the rubric that `content` holds, in `language` where the protocol has it.

    Raises
    ------
    ValueError
        When `kind` is none of `KINDS`.
    """
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is none of {', '.join(KINDS)}")
    shown = shown_language(content["languages"], language)
    gate = content.get("gate")
    return Rubric(
        slug=content["slug"],
        version=version,
        checksum=checksum,
        kind=kind,
        language=shown,
        requested_language=language,
        is_fallback=not is_spoken(content["languages"], language),
        title=content["title"][shown],
        description=content.get("description", {}).get(shown, ""),
        source=content.get("source", ""),
        gate=Gate(gate["criterion"], gate["minimum"]) if gate else None,
        criteria=tuple(
            _criterion(position, criterion, shown, kind)
            for position, criterion in enumerate(content["criteria"])
        ),
    )


def shown_language(available: Sequence[str], wanted: str) -> str:
    """Return `wanted` or its base language where available, else English, else the first."""
    for language in (*_accepted(wanted), "en"):
        if language in available:
            return language
    return available[0]


def is_spoken(available: Container[str], wanted: str) -> bool:
    """Say whether readers of `wanted` get texts of their own, in it or its base language."""
    return any(language in available for language in _accepted(wanted))


def _accepted(wanted: str) -> tuple[str, str]:
    return wanted.lower(), wanted.lower().split("-")[0]


def band_tables(criteria: Sequence[RubricCriterion]) -> list[BandTable]:
    """Return one table for each group of criteria with the same bands, in their order."""
    groups: dict[tuple[tuple[Number, Number], ...], list[RubricCriterion]] = {}
    for criterion in criteria:
        if criterion.bands:
            ranges = tuple((band.start, band.end) for band in criterion.bands)
            groups.setdefault(ranges, []).append(criterion)
    return [
        BandTable(
            criteria=tuple(group),
            rows=tuple(
                (band, tuple(criterion.bands[row].label for criterion in group))
                for row, band in enumerate(group[0].bands)
            ),
        )
        for group in groups.values()
    ]


def _criterion(
    position: int, criterion: dict[str, Any], language: str, kind: str
) -> RubricCriterion:
    structures = criterion.get("required_structures", {})
    return RubricCriterion(
        code=criterion["code"],
        position=position,
        scope=criterion["scope"],
        minimum=criterion["minimum"],
        maximum=criterion["maximum"],
        decimals=criterion.get("decimals", 0),
        ordinal=criterion.get("ordinal", False),
        title=criterion["title"][language],
        question=criterion.get("question", {}).get(language, ""),
        minimum_end=criterion["ends"]["minimum"][language],
        maximum_end=criterion["ends"]["maximum"][language],
        bands=tuple(
            Band(band["from"], band["to"], band["label"][language])
            for band in criterion.get("bands", [])
        ),
        levels=tuple(_level(level, language) for level in criterion.get("levels", [])),
        guidance=_guidance(criterion.get("guidance", {}).get(kind), language),
        threshold=criterion.get("threshold"),
        required_structures=tuple(structures.get("names", {}).get(language, ())),
        required_structures_are_gloss=structures.get("is_gloss", False),
        applies_to_slice_without_mask_pixels=criterion.get(
            "applies_to_slice_without_mask_pixels", True
        ),
    )


def _level(level: dict[str, Any], language: str) -> Level:
    return Level(
        value=level["value"],
        label=level["label"][language],
        text=level.get("text", {}).get(language, ""),
        is_gloss=level.get("is_gloss", False),
        source=level.get("source", ""),
    )


def _guidance(guidance: dict[str, Any] | None, language: str) -> Guidance | None:
    if guidance is None:
        return None
    return Guidance(
        text=guidance["text"][language],
        is_gloss=guidance.get("is_gloss", False),
        source=guidance.get("source", ""),
    )
