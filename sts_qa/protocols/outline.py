"""Changing the outline of a protocol being edited: its criteria, bands, levels, languages.

The content here may be unfinished or wrong in every way a form allows; saving checks it.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

MOST_CRITERIA = 20
MOST_ROWS = 20
STEP = re.compile(r"(add|remove|up|down)-(criterion|bands|levels)(?:-(\d{1,3}))?(?:-(\d{1,3}))?")


def take_step(content: dict[str, Any], step: str) -> None:
    """Change the outline as the button's value `step` says; an unknown step changes nothing."""
    match = STEP.fullmatch(step)
    if match is None:
        return
    verb, part = match[1], match[2]
    numbers = [int(number) for number in match.groups()[2:] if number is not None]
    criteria = content["criteria"]
    if part == "criterion":
        _change_list(criteria, verb, numbers[:1], MOST_CRITERIA, _new_criterion)
    elif numbers and numbers[0] < len(criteria):
        rows = criteria[numbers[0]].setdefault(part, [])
        _change_list(rows, verb, numbers[1:], MOST_ROWS, dict)


def _change_list(entries: list, verb: str, numbers: list[int], most: int, new) -> None:
    """Add an entry at the end, or remove or move the one that `numbers` names."""
    if verb == "add":
        if len(entries) < most:
            entries.append(new())
    elif numbers and numbers[0] < len(entries):
        entry = entries.pop(numbers[0])
        if verb != "remove":
            target = numbers[0] + (-1 if verb == "up" else 1)
            entries.insert(max(target, 0), entry)


def _new_criterion() -> dict[str, Any]:
    return {"scope": "image", "minimum": 0, "maximum": 20, "decimals": 0}


def outline_of(data: Any) -> dict[str, Any]:
    """Return content with as many criteria, bands and levels, and the languages, as posted."""
    criteria = []
    for position in range(_count(data, "criteria-count", MOST_CRITERIA)):
        prefix = f"criteria-{position}"
        criterion: dict[str, list[dict[str, Any]]] = {
            part: [{} for _row in range(_count(data, f"{prefix}-{part}-count", MOST_ROWS))]
            for part in ("bands", "levels")
        }
        criteria.append(criterion)
    return {"languages": languages_in(data.get("languages", "")), "criteria": criteria}


def languages_in(text: str) -> list[str]:
    """Return the language codes in `text`, separated by commas or spaces, each once."""
    codes = [code.lower()[:40] for code in re.split(r"[\s,;]+", text) if code]
    return list(dict.fromkeys(codes))[:12]


def _count(data: Any, name: str, most: int) -> int:
    text = data.get(name, "0")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def language_name(code: str) -> str:
    """Return the name by which people know a language, or its code."""
    return {"en": _("English"), "zh-hans": _("Simplified Chinese")}.get(code, code)
