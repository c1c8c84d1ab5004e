"""Reading what a browser or a program sends: JSON that every database can hold.

Checked here is only the form; what a score may be is the protocol's business.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from sts_qa.rating.errors import InvalidSubmission, Place

MOST_BYTES = 64 * 1024
DEEPEST = 12
LONGEST_COMMENT = 4000
LONGEST_KEY = 64
# What the database's whole-number column holds: more than three weeks in milliseconds
MOST_WHOLE = 2_147_483_647
EARLIEST_YEAR, LATEST_YEAR = 1970, 2200


def read_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object in `data`.

    Raises
    ------
    InvalidSubmission
        When it is too long, no JSON object, too deep, or holds what no text column keeps:
        NUL characters, halves of surrogate pairs, numbers that are not finite.
    """
    if len(data) > MOST_BYTES:
        raise _refused(_("What was sent is too long; the limit is %d bytes.") % MOST_BYTES)
    try:
        content = json.loads(data.decode("utf-8"), parse_constant=_not_a_number)
    except (ValueError, RecursionError):
        raise _refused(_("What was sent is not valid JSON in UTF-8.")) from None
    if not isinstance(content, dict):
        raise _refused(_("A JSON object is expected."))
    check_storable(content)
    return content


def _not_a_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _refused(sentence: str, field: str = "body") -> InvalidSubmission:
    return InvalidSubmission({field: sentence})


def check_storable(content: dict[str, Any], field: str = "body") -> None:
    """Refuse, by the name `field`, what no text column keeps, and what is nested too deeply."""
    level: list[Any] = [content]
    for _depth in range(DEEPEST):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                inner += value
            elif not is_storable(value):
                raise _refused(
                    _(
                        "What was sent has characters or numbers that cannot be stored, such as "
                        "NUL."
                    ),
                    field,
                )
        level = inner
    if level:
        raise _refused(_("What was sent is nested too deeply."), field)


def is_storable(value: Any) -> bool:
    """Say whether every database can keep a text, number, truth value or null of a JSON body."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    return not isinstance(value, float) or math.isfinite(value)


class Reader:
    """Takes fields out of an object, collecting a sentence for each that is wrong."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.errors: dict[Place, str] = {}

    def refuse_others(self, known: Iterable[str]) -> None:
        """Refuse fields that nobody reads, which are mostly misspelt."""
        for name in sorted(set(self.content) - set(known)):
            self.errors[name[:60]] = _("This field is not known.")

    def finish(self) -> None:
        if self.errors:
            raise InvalidSubmission(self.errors)

    def key(self, name: str) -> str:
        value = self.content.get(name)
        if isinstance(value, str) and 0 < len(value) <= LONGEST_KEY and _is_plain(value):
            return value
        self.errors[name] = _("A key of 1 to %d letters and digits is expected.") % LONGEST_KEY
        return ""

    def text(self, name: str, longest: int = LONGEST_COMMENT) -> str:
        value = self.content.get(name, "")
        if not isinstance(value, str):
            self.errors[name] = _("Text is expected.")
            return ""
        if len(value) > longest:
            self.errors[name] = _("At most %d characters are kept; shorten the text.") % longest
        return value

    def choice(self, name: str, choices: Iterable[str]) -> str:
        value = self.content.get(name)
        allowed = list(choices)
        if isinstance(value, str) and value in allowed:
            return value
        self.errors[name] = _("Choose one of: %s.") % ", ".join(allowed)
        return ""

    def whole(self, name: str, most: int = MOST_WHOLE) -> int:
        value = self.content.get(name)
        if type(value) is int and 0 <= value <= most:
            return value
        self.errors[name] = _("A whole number from 0 to %d is expected.") % most
        return 0

    def truth(self, name: str) -> bool:
        value = self.content.get(name)
        if isinstance(value, bool):
            return value
        self.errors[name] = _("Either true or false is expected.")
        return False

    def table(self, name: str, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
        value = self.content.get(name, {})
        if not isinstance(value, dict):
            self.errors[name] = _("A JSON object is expected.")
            return {}
        if len(json.dumps(value)) > most_bytes:
            self.errors[name] = _("This is too long; the limit is %d bytes.") % most_bytes
        return value

    def identifier(self, name: str) -> uuid.UUID | None:
        """Return None for null."""
        value = self.content.get(name)
        found = identifier_of(value)
        if found is None and value is not None:
            self.errors[name] = _("This is not an identifier.")
        return found

    def time(self, name: str) -> datetime | None:
        """Return a time with its zone, kept as the sender's clock has it."""
        value = self.content.get(name)
        try:
            moment = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if (
            moment is None
            or moment.tzinfo is None
            or not EARLIEST_YEAR <= moment.year <= LATEST_YEAR
        ):
            self.errors[name] = _("A time with its time zone is expected, as ISO 8601 writes it.")
            return None
        return moment


def identifier_of(value: Any) -> uuid.UUID | None:
    """Return an identifier, or None for anything that is none."""
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value
