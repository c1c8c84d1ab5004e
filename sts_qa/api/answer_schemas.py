"""Answers may gain fields, bodies may not have unknown ones: so their schemas differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

Document = dict[str, Any]
PLACE = "#/components/schemas/"
# Of what stands in a body and in an answer, the answer's name
ENDING = "Told"


def open_answers(result: Document, generator: object, **_others: Any) -> Document:
    """Let answers have fields that the document does not name; drf-spectacular calls this."""
    schemas: dict[str, Any] = result["components"]["schemas"]
    operations = [one for methods in result["paths"].values() for one in methods.values()]
    asked = _reached([one.get("requestBody") for one in operations], schemas)
    told = _reached([one["responses"] for one in operations], schemas)
    renamed = asked & told
    opened = {
        f"{name}{ENDING}" if name in renamed else name: _opened(schemas[name], renamed)
        for name in told
    }
    kept = {name: schema for name, schema in schemas.items() if name in asked or name not in told}
    result["components"]["schemas"] = dict(sorted({**kept, **opened}.items()))
    for operation in operations:
        operation["responses"] = _leading_to(operation["responses"], renamed)
    return result


def _reached(start: Any, schemas: dict[str, Any]) -> set[str]:
    """Return the names of the schemas that something leads to, directly or not."""
    found: set[str] = set()
    waiting = set(_names_in(start))
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_names_in(schemas[name])) - found
    return found


def _names_in(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        if isinstance(content.get("$ref"), str):
            yield content["$ref"].removeprefix(PLACE)
        for inner in content.values():
            yield from _names_in(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from _names_in(inner)


def _opened(schema: Document, renamed: Collection[str]) -> Document:
    kept = {name: value for name, value in schema.items() if name != "additionalProperties"}
    return _leading_to(kept, renamed)


def _leading_to(content: Any, renamed: Collection[str]) -> Any:
    """Return the content with each way to a renamed schema leading to the answers' one."""
    if isinstance(content, dict):
        led = {name: _leading_to(inner, renamed) for name, inner in content.items()}
        if str(led.get("$ref", "")).removeprefix(PLACE) in renamed:
            led["$ref"] += ENDING
        return led
    if isinstance(content, list):
        return [_leading_to(inner, renamed) for inner in content]
    return content
