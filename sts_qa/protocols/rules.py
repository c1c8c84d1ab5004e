"""What a JSON schema cannot say about a protocol: ranges, bands, codes, languages."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.protocols.content_errors import ContentError, Path

DEEPEST = 12
# Fields whose value is a text per language
LOCALIZED = {"title", "description", "question", "label", "text", "names"}
RESERVED_SLUGS = {"upload"}


def storage_errors(content: Any) -> list[ContentError]:
    """Return what must be known before the schema looks: depth, and text no database can hold."""
    errors = []
    waiting: list[tuple[Path, Any]] = [((), content)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > DEEPEST:
            return [ContentError((), _("The file is nested too deeply to be a protocol."))]
        if isinstance(value, dict):
            for name, inner in value.items():
                waiting.append(((*path, _shown(name)), inner))
                errors += _text_errors((*path, _shown(name)), str(name))
        elif isinstance(value, list):
            waiting += [((*path, position), inner) for position, inner in enumerate(value)]
        elif isinstance(value, str):
            errors += _text_errors(path, value)
        elif isinstance(value, float) and not math.isfinite(value):
            errors.append(ContentError(path, _("This is not a number. Give a plain number.")))
    return errors


def rule_errors(content: dict[str, Any]) -> list[ContentError]:
    """Return every rule that `content`, already shaped by the schema, breaks."""
    errors = []
    if content["slug"] in RESERVED_SLUGS:
        errors.append(ContentError(("slug",), _("This name is reserved. Choose another one.")))
    errors += _language_errors((), content, content["languages"])
    seen: set[str] = set()
    for position, criterion in enumerate(content["criteria"]):
        path: Path = ("criteria", position)
        if criterion["code"] in seen:
            errors.append(
                ContentError((*path, "code"), _("Another criterion has this code already."))
            )
        seen.add(criterion["code"])
        errors += _criterion_errors(path, criterion)
    errors += order_errors(content)
    errors += _gate_errors(content)
    return errors


def order_errors(content: dict[str, Any]) -> Iterator[ContentError]:
    """Yield an error for each image criterion that a rater would judge with the mask in sight.

    The first annotation criterion shows it, so all image criteria come before.
    """
    is_mask_shown = False
    for position, criterion in enumerate(content["criteria"]):
        if criterion["scope"] == "annotation":
            is_mask_shown = True
        elif is_mask_shown:
            message = _(
                "The image criterion “%(code)s” comes after an annotation criterion, which shows "
                "the mask. Move it up, before all annotation criteria."
            )
            path: Path = ("criteria", position, "scope")
            yield ContentError(path, message % {"code": criterion["code"]})


def _text_errors(path: Path, text: str) -> list[ContentError]:
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\r\t":
            message = _("Holds a character that is not text (U+%(number)s). Remove it.")
            return [ContentError(path, message % {"number": f"{ord(character):04X}"})]
    return []


def _shown(name: str) -> str:
    """Return the field name as it can be printed in an error."""
    return name.encode("utf-8", "replace").decode()[:80]


def _language_errors(path: Path, value: Any, languages: list[str]) -> Iterator[ContentError]:
    if isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _language_errors((*path, position), inner, languages)
    elif isinstance(value, dict):
        is_localized = (path and path[-1] in LOCALIZED) or path[-2:-1] == ("ends",)
        if not is_localized:
            for name, inner in value.items():
                yield from _language_errors((*path, name), inner, languages)
            return
        for language in languages:
            if language not in value:
                yield ContentError((*path, language), _("The text in this language is missing."))
        for language in value:
            if language not in languages:
                message = _("This language is not among the protocol's languages.")
                yield ContentError((*path, language), message)


def _criterion_errors(path: Path, criterion: dict[str, Any]) -> Iterator[ContentError]:
    minimum, maximum = _exact(criterion["minimum"]), _exact(criterion["maximum"])
    if minimum >= maximum:
        message = _("Must be greater than the minimum, which is %(minimum)s.")
        yield ContentError((*path, "maximum"), message % {"minimum": minimum})
        return
    step = Decimal(1).scaleb(-criterion.get("decimals", 0))
    yield from _step_errors(path, criterion, step)
    if "bands" in criterion and "levels" in criterion:
        yield ContentError((*path, "levels"), _("Give either bands or levels, not both."))
    if "bands" in criterion:
        yield from _band_errors((*path, "bands"), criterion["bands"], minimum, maximum, step)
    if "levels" in criterion:
        yield from _level_errors((*path, "levels"), criterion["levels"], minimum, maximum, step)
    if "threshold" in criterion and not minimum <= _exact(criterion["threshold"]) <= maximum:
        yield ContentError((*path, "threshold"), _outside(minimum, maximum))


def _step_errors(path: Path, criterion: dict[str, Any], step: Decimal) -> Iterator[ContentError]:
    """Refuse numbers with more digits after the point than a score may have."""
    numbers: list[tuple[Path, Any]] = [
        (("minimum",), criterion["minimum"]),
        (("maximum",), criterion["maximum"]),
    ]
    if "threshold" in criterion:
        numbers.append((("threshold",), criterion["threshold"]))
    for position, band in enumerate(criterion.get("bands", [])):
        numbers += [(("bands", position, end), band[end]) for end in ("from", "to")]
    for position, level in enumerate(criterion.get("levels", [])):
        numbers.append((("levels", position, "value"), level["value"]))
    for inner, number in numbers:
        if _exact(number) % step:
            decimals = criterion.get("decimals", 0)
            message = ngettext(
                "May have at most %(decimals)d digit after the decimal point.",
                "May have at most %(decimals)d digits after the decimal point.",
                decimals,
            )
            yield ContentError((*path, *inner), message % {"decimals": decimals})


def _band_errors(
    path: Path, bands: list[dict[str, Any]], minimum: Decimal, maximum: Decimal, step: Decimal
) -> Iterator[ContentError]:
    expected = minimum
    for position, band in enumerate(bands):
        start, end = _exact(band["from"]), _exact(band["to"])
        if start != expected:
            message = (
                _("Leaves a gap: must be %(expected)s.")
                if start > expected
                else _("Overlaps or starts too low: must be %(expected)s.")
            )
            yield ContentError((*path, position, "from"), message % {"expected": expected})
        if end < start:
            message = _("Must not be lower than where the band starts, which is %(start)s.")
            yield ContentError((*path, position, "to"), message % {"start": start})
        expected = end + step
    if expected != maximum + step:
        message = _("The last band must end at the maximum, which is %(maximum)s.")
        yield ContentError((*path, len(bands) - 1, "to"), message % {"maximum": maximum})


def _level_errors(
    path: Path, levels: list[dict[str, Any]], minimum: Decimal, maximum: Decimal, step: Decimal
) -> Iterator[ContentError]:
    seen: set[Decimal] = set()
    for position, level in enumerate(levels):
        value = _exact(level["value"])
        if not minimum <= value <= maximum:
            yield ContentError((*path, position, "value"), _outside(minimum, maximum))
        elif value in seen:
            yield ContentError((*path, position, "value"), _("Another level has this value."))
        seen.add(value)
    missing = int((maximum - minimum) / step) + 1 - len(seen)
    if missing > 0:
        message = ngettext(
            "Every score from %(minimum)s to %(maximum)s needs a level; %(count)d lacks one.",
            "Every score from %(minimum)s to %(maximum)s needs a level; %(count)d lack one.",
            missing,
        )
        numbers = {"minimum": minimum, "maximum": maximum, "count": missing}
        yield ContentError(path, message % numbers)


def _gate_errors(content: dict[str, Any]) -> Iterator[ContentError]:
    gate = content.get("gate")
    if gate is None:
        return
    first = content["criteria"][0]
    if gate["criterion"] != first["code"] or first["scope"] != "image":
        message = _("The gate must be the first criterion, and that one must assess the image.")
        yield ContentError(("gate", "criterion"), message)
    elif not _exact(first["minimum"]) <= _exact(gate["minimum"]) <= _exact(first["maximum"]):
        message = _outside(_exact(first["minimum"]), _exact(first["maximum"]))
        yield ContentError(("gate", "minimum"), message)


def _outside(minimum: Decimal, maximum: Decimal) -> str:
    numbers = {"minimum": minimum, "maximum": maximum}
    return _("Must lie between %(minimum)s and %(maximum)s.") % numbers


def _exact(number: float) -> Decimal:
    return Decimal(str(number))
