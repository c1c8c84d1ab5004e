"""The document of a protocol version: checking it, and its checksum."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from sts_qa.protocols.content_errors import InvalidContentError
from sts_qa.protocols.reading import read_content
from sts_qa.protocols.rules import rule_errors, storage_errors
from sts_qa.protocols.schema import DATA_FOLDER, schema_errors

BUILT_IN_SLUGS = ("sts-evaluation", "iqsc", "iqsc-then-sts-evaluation")
MOST_ERRORS = 100


def checked_content(content: Any) -> dict[str, Any]:
    """Return the content as it is stored: checked, defaults written out, 20.0 as 20.

    Raises
    ------
    InvalidContentError
        With every error found, up to a number that a person can read.
    """
    errors = storage_errors(content) or schema_errors(content)
    if not errors:
        content = _with_defaults(_with_plain_numbers(content))
        errors = rule_errors(content)
    if errors:
        raise InvalidContentError(errors[:MOST_ERRORS])
    return content


def content_checksum(content: dict[str, Any]) -> str:
    """Return the SHA-256 of the content as JSON with sorted keys, without spaces, in UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _built_in_text(slug: str) -> str:
    data = (DATA_FOLDER / f"{slug}.json").read_bytes()
    return json.dumps(checked_content(read_content(data)))


def built_in_content(slug: str) -> dict[str, Any]:
    """Return a fresh copy of a built-in protocol's content."""
    return json.loads(_built_in_text(slug))


def _with_defaults(content: dict[str, Any]) -> dict[str, Any]:
    """Write out what may be left out, so that equal protocols have equal checksums."""
    marked = [content]
    for criterion in content["criteria"]:
        criterion.setdefault("decimals", 0)
        criterion.setdefault("ordinal", False)
        criterion.setdefault("applies_to_slice_without_mask_pixels", True)
        glosses = [*criterion.get("levels", []), *criterion.get("guidance", {}).values()]
        marked += glosses
        if "required_structures" in criterion:
            glosses.append(criterion["required_structures"])
        for gloss in glosses:
            gloss.setdefault("is_gloss", False)
        if not criterion.get("guidance", True):
            del criterion["guidance"]
    for part in marked:
        if not part.get("source", "-").strip():
            del part["source"]
    return content


def _with_plain_numbers(value: Any) -> Any:
    # PostgreSQL keeps 5.0 and 5 apart, and so would the checksum
    if isinstance(value, dict):
        return {name: _with_plain_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_plain_numbers(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
