"""The OpenAPI description of an endpoint, from what the endpoint declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.fields import empty

from sts_qa.api.endpoint import JSON, NDJSON, Endpoint
from sts_qa.api.problems import MEDIA_TYPE
from sts_qa.api.schemas.common import ProblemSchema, page_schema


class EndpointSchema(AutoSchema):
    """Names of schemas without their ending; lists only where an answer says so."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return super().get_serializer_name(serializer, direction).removesuffix("Schema")

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        # What is not known is refused, and nothing else is told
        return {**schema, "additionalProperties": False}

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(serializer, serializers.ListSerializer)


def described(made: Endpoint, address: str) -> Callable[[Any], Any]:
    """Return the decorator that gives a view's method its description."""
    summary, _, rest = (made.act.__doc__ or "").strip().partition("\n")
    return extend_schema(
        operation_id=made.name,
        tags=[made.tag],
        deprecated=made.deprecated is not None,
        summary=summary,
        description="\n".join(line.strip() for line in rest.strip().splitlines()) or summary,
        parameters=[*([made.query] if made.query else []), *_headers(made)],
        request=dict(made.body) or None,
        responses={**_successes(made), **_problems(made, address)},
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
    statuses = {401: "Not logged in.", 403: "Not allowed.", 429: "Too many requests."}
    if "<" in address:
        statuses[404] = "No such thing, or not for this account."
    if "<" in address or made.method != "GET":
        statuses[409] = "Not possible as things stand."
    if made.query or made.body or made.method != "GET":
        statuses[422] = "Something that was sent is wrong; `errors` says where."
    if made.method != "GET":
        statuses[400] = "The request cannot be read."
    if made.body:
        statuses |= {413: "The body is too long.", 415: "The body has the wrong media type."}
    statuses |= made.refusals
    return {
        (status, MEDIA_TYPE): OpenApiResponse(ProblemSchema, description=text)
        for status, text in sorted(statuses.items())
    }


def _headers(made: Endpoint) -> list[OpenApiParameter]:
    given = []
    if made.idempotent:
        given.append(
            _header(
                "Idempotency-Key",
                "A new random text for each new request; the same one gives the first answer.",
                required=made.idempotent == "required",
                schema={"type": "string", "minLength": 1, "maxLength": 200},
            )
        )
        given.append(_header("Idempotency-Replayed", "true: the first answer, again.", tells=True))
    if made.method == "GET":
        given.append(_header("If-None-Match", "ETag of an answer that is known."))
        given.append(_header("ETag", "Names this content.", tells=[200, 304]))
    for name, text in {
        "RateLimit-Limit": "Requests allowed within the window.",
        "RateLimit-Remaining": "How many of them are left.",
        "RateLimit-Reset": "Seconds until one more is allowed again.",
    }.items():
        given.append(_header(name, text, tells=True, schema={"type": "integer"}))
    given.append(
        _header("Retry-After", "Seconds to wait.", tells=[429], schema={"type": "integer"})
    )
    return given


def _header(
    name: str,
    text: str,
    *,
    required: bool = False,
    tells: bool | list[int] = False,
    schema: Mapping[str, Any] | Any = empty,
) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        OpenApiTypes.STR if schema is empty else dict(schema),
        OpenApiParameter.HEADER,
        required=required,
        description=text,
        response=tells,
    )
