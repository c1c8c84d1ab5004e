"""From the values of a protocol's form back to its content, unchecked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sts_qa.protocols.outline import languages_in
from sts_qa.protocols.rubric import KINDS


class ContentReader:
    """Reads `values`, named by path, into the outline of criteria, bands and levels given.

    What is empty is left out, and what is no number stays text: the checks then say so.
    """

    def __init__(self, outline: Mapping[str, Any], values: Mapping[str, Any]):
        self.outline = outline
        self.values = values
        self.languages = languages_in(self._text("languages"))

    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = {
            "format": 1,
            "slug": self._text("slug"),
            "languages": self.languages,
            "title": self._localized("title"),
        }
        content |= _filled(description=self._localized("description"), source=self._text("source"))
        criteria = [
            self._criterion(f"criteria-{position}", criterion)
            for position, criterion in enumerate(self.outline["criteria"])
        ]
        gate = self._number("gate-minimum")
        if gate != "" and criteria:
            content["gate"] = {"criterion": criteria[0].get("code", ""), "minimum": gate}
        return content | {"criteria": criteria}

    def _criterion(self, prefix: str, outline: Mapping[str, Any]) -> dict[str, Any]:
        criterion = {
            "code": self._text(f"{prefix}-code"),
            "scope": self._text(f"{prefix}-scope"),
            "ordinal": bool(self.values.get(f"{prefix}-ordinal")),
            "title": self._localized(f"{prefix}-title"),
            "ends": {
                end: self._localized(f"{prefix}-ends-{end}") for end in ("minimum", "maximum")
            },
            "applies_to_slice_without_mask_pixels": bool(
                self.values.get(f"{prefix}-applies_to_slice_without_mask_pixels")
            ),
        }
        numbers = ("minimum", "maximum", "decimals", "threshold")
        return criterion | _filled(
            **{name: self._number(f"{prefix}-{name}") for name in numbers},
            question=self._localized(f"{prefix}-question"),
            bands=[self._band(f"{prefix}-bands-{row}") for row, _band in _rows(outline, "bands")],
            levels=[
                self._level(f"{prefix}-levels-{row}") for row, _level in _rows(outline, "levels")
            ],
            guidance=_filled(
                **{kind: self._guidance(f"{prefix}-guidance-{kind}") for kind in KINDS}
            ),
            required_structures=self._structures(f"{prefix}-required_structures"),
        )

    def _band(self, prefix: str) -> dict[str, Any]:
        ends = {end: self._number(f"{prefix}-{end}") for end in ("from", "to")}
        return _filled(**ends) | {"label": self._localized(f"{prefix}-label")}

    def _level(self, prefix: str) -> dict[str, Any]:
        return (
            _filled(value=self._number(f"{prefix}-value"))
            | {"label": self._localized(f"{prefix}-label")}
            | _filled(text=self._localized(f"{prefix}-text"))
            | self._origin(prefix)
        )

    def _guidance(self, prefix: str) -> dict[str, Any]:
        text = self._localized(f"{prefix}-text")
        return {"text": text} | self._origin(prefix) if text else {}

    def _structures(self, prefix: str) -> dict[str, Any]:
        names = {
            language: [line.strip() for line in text.splitlines() if line.strip()]
            for language, text in self._localized(f"{prefix}-names").items()
        }
        is_gloss = bool(self.values.get(f"{prefix}-is_gloss"))
        return {"names": names, "is_gloss": is_gloss} if names else {}

    def _origin(self, prefix: str) -> dict[str, Any]:
        is_gloss = bool(self.values.get(f"{prefix}-is_gloss"))
        return {"is_gloss": is_gloss} | _filled(source=self._text(f"{prefix}-source"))

    def _localized(self, prefix: str) -> dict[str, str]:
        texts = {language: self._text(f"{prefix}-{language}") for language in self.languages}
        return {language: text for language, text in texts.items() if text}

    def _text(self, name: str) -> str:
        return (self.values.get(name) or "").replace("\r\n", "\n")

    def _number(self, name: str) -> int | float | str:
        text = self._text(name)
        for read in (int, float):
            try:
                return read(text)
            except ValueError:
                continue
        return text


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", {}, [])}


def _rows(outline: Mapping[str, Any], part: str) -> enumerate:
    return enumerate(outline.get(part, []))
