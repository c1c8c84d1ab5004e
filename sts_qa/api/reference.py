"""The OpenAPI document as a page: endpoints by resource, and the shapes of JSON objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sts_qa.api.problems import MEDIA_TYPE

JSON = "application/json"


@dataclass(frozen=True)
class Shape:
    """What a value is: words, and the object that it leads to, if any."""

    words: str
    object_name: str = ""


@dataclass(frozen=True)
class FieldRow:
    name: str
    shape: Shape
    required: bool
    text: str
    place: str = ""


@dataclass(frozen=True)
class Content:
    """What a body or an answer holds in one media type; `status` is empty of a body."""

    status: str
    media_type: str
    shape: Shape | None
    text: str


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    text: str
    deprecated: bool
    parameters: list[FieldRow]
    bodies: list[Content]
    answers: list[Content]
    problems: list[str]


@dataclass(frozen=True)
class Resource:
    name: str
    text: str = ""
    operations: list[Operation] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class JsonObject:
    name: str
    text: str
    fields: list[FieldRow]
    values: list[str]


def resources_in(document: dict[str, Any]) -> list[Resource]:
    texts = {tag["name"]: _text_of(tag) for tag in document.get("tags", [])}
    found: dict[str, Resource] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = operation["tags"][0]
            resource = found.setdefault(name, Resource(name, texts.get(name, "")))
            resource.operations.append(_operation(method.upper(), path, operation))
    return [found[name] for name in sorted(found)]


def objects_in(document: dict[str, Any]) -> list[JsonObject]:
    return [
        JsonObject(
            name=name,
            text=_text_of(schema),
            fields=list(_fields(schema)),
            values=[str(value) for value in schema.get("enum", [])],
        )
        for name, schema in sorted(document["components"]["schemas"].items())
    ]


def _operation(method: str, path: str, operation: dict[str, Any]) -> Operation:
    summary, text = _text_of(operation, "summary"), _text_of(operation)
    answers, problems = [], []
    for status, answer in operation["responses"].items():
        if MEDIA_TYPE in answer.get("content", {}):
            problems.append(status)
        else:
            answers += _contents(answer, status)
    return Operation(
        name=operation["operationId"],
        method=method,
        path=path,
        summary=summary,
        text="" if text == summary else text,
        deprecated=operation.get("deprecated", False),
        parameters=[_parameter(one) for one in operation.get("parameters", [])],
        bodies=_contents(operation.get("requestBody", {}), ""),
        answers=answers,
        problems=problems,
    )


def _text_of(described: dict[str, Any], key: str = "description") -> SafeString:
    """Text as HTML, with what stands between backticks as code."""
    parts = described.get(key, "").split("`")
    code = "<code>{}</code>"
    return format_html_join(
        "", "{}", ((format_html(code, part) if k % 2 else part,) for k, part in enumerate(parts))
    )


def _contents(holder: dict[str, Any], status: str) -> list[Content]:
    text = _text_of(holder)
    contents = [
        Content(status, media_type, _shape(content.get("schema", {})), text)
        for media_type, content in holder.get("content", {}).items()
    ]
    return contents or ([Content(status, "", None, text)] if status else [])


def _parameter(one: dict[str, Any]) -> FieldRow:
    return FieldRow(
        name=one["name"],
        shape=_shape(one["schema"]),
        required=one.get("required", False),
        text=_text_of(one),
        place=one["in"],
    )


def _fields(schema: dict[str, Any]) -> Iterator[FieldRow]:
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        yield FieldRow(name, _shape(one), name in required, _text_of(one))


def _shape(schema: dict[str, Any]) -> Shape:
    """Say a JSON schema in words: `integer or null, 1 to 1000`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Shape(name, name)
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            parts = [_shape(one) for one in schema[several]]
            led = next((part.object_name for part in parts if part.object_name), "")
            return Shape(" or ".join(dict.fromkeys(part.words for part in parts)), led)
    kinds = schema.get("type", "any value")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if "array" in kinds:
        inner = _shape(schema.get("items", {}))
        return Shape(f"list of {inner.words}", inner.object_name)
    words = " or ".join(schema.get("format", kind) if kind == "string" else kind for kind in kinds)
    if "enum" in schema:
        words = " | ".join("null" if one is None else str(one) for one in schema["enum"])
    return Shape(words + _bounds(schema))


def _bounds(schema: dict[str, Any]) -> str:
    if "minimum" in schema and schema.get("maximum", 2**62) < 2**62:
        return f", {schema['minimum']} to {schema['maximum']}"
    if "maxLength" in schema:
        return f", at most {schema['maxLength']} characters"
    return ""
