"""Links of the OpenAPI document: which answers name what other endpoints are about.

A schema's `identifies` says where its object holds the parameters of addresses. An endpoint that
needs such a parameter, and no other than the asked address had, is linked to that answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from rest_framework import serializers

from sts_qa.api.endpoint import Endpoint
from sts_qa.api.schemas.common import Schema

Document = dict[str, Any]


def add_links(result: Document, generator: Any, **_more: Any) -> Document:
    """Add the links of every answer to the document; drf-spectacular calls this at its end."""
    declared = {
        made.name: made
        for _path, _pattern, method, view in generator.endpoints
        if (made := getattr(view.cls, "endpoints", {}).get(method))
    }
    operations = [
        (address, operation)
        for address, methods in result["paths"].items()
        for operation in methods.values()
    ]
    for address, operation in operations:
        made = declared[operation["operationId"]]
        for status, answer in operation["responses"].items():
            found = dict(_found_in(made, status))
            if links := dict(_links(address, found, operations)):
                answer["links"] = links
    return result


def _found_in(made: Endpoint, status: str) -> Iterator[tuple[str, str]]:
    """Yield the parameters that the answer with this status names, and where it does."""
    schema = made.answers.get(int(status))
    several = isinstance(schema, serializers.ListSerializer)
    of_one: Any = schema.child if isinstance(schema, serializers.ListSerializer) else schema
    identifies: Mapping[str, str] = getattr(of_one, "identifies", Schema.identifies)
    start = "/items/0/" if made.paged else "/0/" if several else "/"
    for name, place in identifies.items():
        yield name, f"$response.body#{start}{place}"


def _links(
    address: str, found: Mapping[str, str], operations: list[tuple[str, Document]]
) -> Iterator[tuple[str, Document]]:
    asked = _parameters_of(address)
    known = {name: f"$request.path.{name}" for name in asked} | dict(found)
    for target, operation in operations:
        wanted = _parameters_of(target)
        # What the asked address names already is no news
        if wanted <= known.keys() and wanted - asked:
            parameters = {f"path.{name}": known[name] for name in sorted(wanted)}
            name = operation["operationId"]
            yield name, {"operationId": name, "parameters": parameters}


def _parameters_of(address: str) -> set[str]:
    return {name for _text, name, _format, _conversion in Formatter().parse(address) if name}
