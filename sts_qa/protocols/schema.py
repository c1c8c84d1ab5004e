"""The shape of a protocol: the JSON schema, its errors put in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from sts_qa.protocols.content_errors import ContentError

DATA_FOLDER = FilePath(__file__).parent / "data"
TYPE_WORDS = {
    "object": lambda: _("give a group of named fields, in braces"),
    "array": lambda: _("give a list, in square brackets"),
    "string": lambda: _("give text, in quotes"),
    "number": lambda: _("give a number"),
    "integer": lambda: _("give a whole number"),
    "boolean": lambda: _("give true or false"),
}
PATTERN_WORDS = {
    "slug": lambda: _("use lower-case letters a to z, digits and single hyphens"),
    "code": lambda: _("use lower-case letters a to z, digits and _, starting with a letter"),
    "criterion": lambda: _("use lower-case letters a to z, digits and _, starting with a letter"),
    "languages": lambda: _("use a language code such as en or zh-hans"),
}


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads((DATA_FOLDER / "protocol.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def schema_errors(content: Any) -> list[ContentError]:
    """Return every way in which `content` is not shaped like a protocol, in document order."""
    found = sorted(_validator().iter_errors(content), key=lambda error: error.json_path)
    # There is a fault for each missing field, and each of them names all
    return list(dict.fromkeys(error for fault in found for error in _in_plain_words(fault)))


def _in_plain_words(fault: ValidationError) -> Iterator[ContentError]:
    path = tuple(fault.absolute_path)
    if fault.validator == "required":
        for name in fault.validator_value:
            if name not in fault.instance:
                yield ContentError((*path, name), _("This field is missing."))
    elif fault.validator == "additionalProperties":
        for name in fault.instance:
            if name not in fault.schema.get("properties", {}):
                yield ContentError((*path, name[:80]), _("This field is not known. Remove it."))
    else:
        yield ContentError(path, _message(fault, path))


def _message(fault: ValidationError, path: tuple[str | int, ...]) -> str:
    limit = fault.validator_value
    if fault.validator == "pattern":
        names = [step for step in path if isinstance(step, str)]
        words = PATTERN_WORDS.get(names[-1] if names else "")
        return _sentence(words()) if words else _("This text is empty. Fill it in.")
    messages = {
        "type": lambda: _sentence(TYPE_WORDS[limit]()),
        "const": lambda: _("Must be %(value)s.") % {"value": limit},
        "enum": lambda: _("Must be one of: %(values)s.") % {"values": ", ".join(map(str, limit))},
        "minimum": lambda: _("Must be at least %(limit)s.") % {"limit": limit},
        "maximum": lambda: _("Must be at most %(limit)s.") % {"limit": limit},
        "minItems": lambda: (
            ngettext("Needs at least %(limit)d entry.", "Needs at least %(limit)d entries.", limit)
            % {"limit": limit}
        ),
        "maxItems": lambda: _("May have at most %(limit)d entries.") % {"limit": limit},
        "maxLength": lambda: _("May have at most %(limit)d characters.") % {"limit": limit},
        "uniqueItems": lambda: _("Names the same entry twice."),
    }
    return messages[str(fault.validator)]()


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
