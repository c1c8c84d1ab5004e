"""The OpenAPI description of an endpoint, from what the endpoint declares."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers

from sts_qa.api.endpoint import JSON, NDJSON, Endpoint
from sts_qa.api.headers import headers
from sts_qa.api.problems import MEDIA_TYPE
from sts_qa.api.schemas.common import ProblemSchema, page_schema


class EndpointSchema(AutoSchema):
    """Names of schemas without their ending; lists only where an answer says so."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return super().get_serializer_name(serializer, direction).removesuffix("Schema")

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        # What is not known is refused; of answers see `answer_schemas`
        return {**schema, "additionalProperties": False}

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(serializer, serializers.ListSerializer)


def described(made: Endpoint, address: str) -> Callable[[Any], Any]:
    """Return the decorator that gives a view's method its description."""
    summary, _, rest = (made.act.__doc__ or "").strip().partition("\n")
    responses = {**_successes(made), **_problems(made, address)}
    statuses = {key if isinstance(key, int) else key[0] for key in responses}
    return extend_schema(
        operation_id=made.name,
        tags=[made.tag],
        deprecated=made.deprecated is not None,
        summary=summary,
        description="\n".join(line.strip() for line in rest.strip().splitlines()) or summary,
        parameters=[*([made.query] if made.query else []), *headers(made, statuses)],
        request=dict(made.body) or None,
        responses=responses,
    )


def add_tags(result: dict[str, Any], generator: object, **_others: Any) -> dict[str, Any]:
    """Say of each tag what its resource is, in the first line of its file."""
    names = {
        name for path in result["paths"].values() for one in path.values() for name in one["tags"]
    }
    result["tags"] = [
        {"name": name, "description": _first_line(f"sts_qa.api.resources.{name}")}
        for name in sorted(names)
    ]
    return result


def _first_line(module: str) -> str:
    return (import_module(module).__doc__ or "").strip().partition("\n")[0]


def _successes(made: Endpoint) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, schema in made.answers.items():
        if made.paged and key == 200:
            schema = page_schema(schema)
        if schema is bytes:
            found[key] = OpenApiTypes.BINARY
        elif schema is None:
            found[key] = OpenApiResponse(description="Done; nothing more to say.")
        else:
            found[(key, JSON) if isinstance(key, int) else key] = schema
    if made.streams:
        found[(200, NDJSON)] = made.answers[200]
    if made.method == "GET":
        found[304] = OpenApiResponse(description="Unchanged since the answer with this ETag.")
    return found


def _problems(made: Endpoint, address: str) -> dict[Any, Any]:
    statuses = {
        400: "The request cannot be read.",
        401: "Not logged in.",
        403: "Not allowed.",
        429: "Too many requests.",
    }
    if "<" in address:
        statuses[404] = "No such thing, or not for this account."
    if "<" in address or made.method != "GET":
        statuses[409] = "Not possible as things stand."
    if made.query or made.body or made.method != "GET":
        statuses[422] = "Something that was sent is wrong; `errors` says where."
    if made.body:
        statuses |= {413: "The body is too long.", 415: "The body has the wrong media type."}
    statuses |= made.refusals
    return {
        (status, MEDIA_TYPE): OpenApiResponse(ProblemSchema, description=text)
        for status, text in sorted(statuses.items())
    }
