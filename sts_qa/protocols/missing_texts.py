"""What a protocol does not say in a language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sts_qa.protocols.rubric import is_spoken, shown_language


def missing_texts(content: dict[str, Any], language: str) -> list[str]:
    """Return one line for the protocol itself and for each criterion that lacks texts.

    A line names the criterion, in the page's language where it can, and what of it is missing.
    What no language has, such as a question that the protocol does without, is not missing.
    """
    lines = []
    parts = list(_missing_in(language, _protocol_texts(content)))
    if parts:
        lines.append(_line(_("the protocol itself"), parts))
    for criterion in content["criteria"]:
        parts = list(_missing_in(language, _criterion_texts(criterion)))
        if parts:
            lines.append(_line(_name(criterion), parts))
    return lines


def _line(name: str, parts: list[str]) -> str:
    return _("%(name)s (%(parts)s)") % {"name": name, "parts": ", ".join(parts)}


def _name(criterion: dict[str, Any]) -> str:
    titles = criterion["title"]
    return titles[shown_language(list(titles), get_language() or "en")]


def _missing_in(language: str, texts: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    for part, translations in texts.items():
        if any(text and not is_spoken(text, language) for text in translations):
            yield part


def _protocol_texts(content: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {_("title"): [content["title"]], _("description"): [content.get("description", {})]}


def _criterion_texts(criterion: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    levels = criterion.get("levels", [])
    return {
        _("title"): [criterion["title"]],
        _("question"): [criterion.get("question", {})],
        _("names of both ends"): list(criterion["ends"].values()),
        _("band labels"): [band["label"] for band in criterion.get("bands", [])],
        _("levels"): [level.get(part, {}) for level in levels for part in ("label", "text")],
        _("guidance"): [guidance["text"] for guidance in criterion.get("guidance", {}).values()],
        _("required structures"): [criterion.get("required_structures", {}).get("names", {})],
    }
