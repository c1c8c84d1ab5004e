"""What makes a function an endpoint: log-in, scope, limits, reading, answering, the schema.

An endpoint is a function of the request, of what its `access` found, of the other parameters of
its address, and, where it declares them, `body` and `query`. It returns what its schema describes,
a `Listing`, an `Answer` to choose among several statuses or to add headers, or an HttpResponse for
what is no JSON.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from sts_qa.api import idempotency
from sts_qa.api.conditional import unless_known
from sts_qa.api.negotiation import preferred_type
from sts_qa.api.paging import Listing, all_parts, next_address, part_of
from sts_qa.api.problems import Problem, all_invalid, fault, faults_in, invalid
from sts_qa.api.schemas.common import PageQuery, Schema, StreamQuery, merged
from sts_qa.api.throttling import RequestRate

NDJSON = "application/x-ndjson"
MOST_BYTES = 1024 * 1024
JSON = "application/json"
ENCODER = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"))
Answers = Mapping[Any, Any]


@dataclass(frozen=True)
class Answer:
    """An answer with a status of its own, or with headers."""

    content: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Deprecation:
    """Since when an endpoint is deprecated, when it may be gone, and the address to use instead."""

    since: datetime
    sunset: datetime
    instead: str

    def headers(self) -> dict[str, str]:
        """Return what RFC 9745 and RFC 8594 say of it."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": http_date(self.sunset.timestamp()),
            "Link": f'<{self.instead}>; rel="successor-version"',
        }


@dataclass(frozen=True)
class Endpoint:
    """What is declared of an endpoint; see `endpoint`."""

    act: Callable[..., Any]
    method: str
    scope: str
    answers: Answers
    body: Mapping[str, type[Schema]]
    query: type[Schema] | None
    takes_query: bool
    paged: bool
    streams: bool
    idempotent: str
    atomic: bool
    repeatable: bool
    told_when_broken_off: bool
    secret_answer: bool
    coordinators: bool
    narrows: bool
    most_bytes: int
    access: Callable[..., Any] | None
    before_reading: Callable[[Request], None] | None
    rate: type[RequestRate]
    deprecated: Deprecation | None
    refusals: Mapping[int, str]
    located: frozenset[int]

    @property
    def name(self) -> str:
        return self.act.__name__

    @property
    def tag(self) -> str:
        """The resource, which is the name of the endpoint's file."""
        return self.act.__module__.rpartition(".")[2]


def endpoint(
    method: str,
    *,
    scope: str,
    answers: Any,
    body: Any = None,
    query: type[Schema] | None = None,
    paged: bool = False,
    streams: bool = False,
    idempotent: str = "",
    atomic: bool = True,
    repeatable: bool = False,
    told_when_broken_off: bool = False,
    secret_answer: bool = False,
    coordinators: bool = False,
    narrows: bool = False,
    most_bytes: int = MOST_BYTES,
    access: Callable[..., Any] | None = None,
    before_reading: Callable[[Request], None] | None = None,
    rate: type[RequestRate] = RequestRate,
    deprecated: Deprecation | None = None,
    refusals: Mapping[int, str] | None = None,
    located: Collection[int] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the function below as an endpoint; `route` gives it its address.

    Parameters
    ----------
    scope
        What a token needs: read, rate or manage.
    answers
        A schema for status 200, or status -> schema; None for an answer without content. A key may
        be (status, media type) with `bytes` for what is no JSON. Of a paged list: one item's.
    body
        Schema of the JSON body, or media type -> schema.
    query
        Schema of the parameters of the address; `paged` adds cursor and limit, `streams` stream.
    idempotent
        "required" or "accepted": whether an Idempotency-Key must, or may, come with it.
    atomic
        False where the act works long before it writes: see `idempotency.once`.
    repeatable
        With `atomic=False`: whether the act itself knows what of it was done before.
    told_when_broken_off
        With `atomic=False`: whether the act would be done twice when a request that died with its
        process is carried out again.
    secret_answer
        Whether the answer holds a secret that is shown once.
    coordinators
        Whether only people with the site permission `can_coordinate` are let in.
    narrows
        For an address that names no study, dataset, assignment or job: whether the function itself
        leaves out what a token limited to one study does not reach. Else such a token gets 403.
    most_bytes
        Largest JSON body.
    access
        Who may ask, before anything that was sent is read or an earlier answer told again: one of
        `sts_qa.api.access`. The function below gets what it returns in place of the parameters of
        the address that it takes.
    before_reading
        Called after `access`, before any of the body is read: says where an upload goes.
    rate
        How many requests are taken, and what they are counted with; one for all of an address.
    deprecated
        What its answers say of its end; see docs/api/README.md.
    refusals
        Status -> sentence, of problems that other endpoints of its kind do not answer.
    located
        Statuses whose answers have the header `Location`.
    """

    def declare(act: Callable[..., Any]) -> Callable[..., Any]:
        parts = [part for part in (query, _paging(paged, streams)) if part is not None]
        act.endpoint = Endpoint(  # type: ignore[attr-defined]
            act=act,
            method=method,
            scope=scope,
            answers=answers if isinstance(answers, Mapping) else {200: answers},
            body=body if isinstance(body, Mapping) else ({JSON: body} if body else {}),
            query=merged(tuple(parts)) if parts else None,
            takes_query=query is not None,
            paged=paged,
            streams=streams,
            idempotent=idempotent,
            atomic=atomic,
            repeatable=repeatable,
            told_when_broken_off=told_when_broken_off,
            secret_answer=secret_answer,
            coordinators=coordinators,
            narrows=narrows,
            most_bytes=most_bytes,
            access=access,
            before_reading=before_reading,
            rate=rate,
            deprecated=deprecated,
            refusals=refusals or {},
            located=frozenset(located),
        )
        return act

    return declare


def _paging(paged: bool, streams: bool) -> type[Schema] | None:
    return StreamQuery if streams else PageQuery if paged else None


def carry_out(made: Endpoint, request: Request, arguments: Mapping[str, Any]) -> HttpResponseBase:
    """See who may ask, read what came with the request, act, and answer."""
    found, given = _accessed(made, request, arguments)
    query = _read_query(made, request)
    if made.takes_query:
        given["query"] = query
    key = ""
    if made.idempotent:
        key = idempotency.key_of(request, required=made.idempotent == "required")
    if made.before_reading:
        made.before_reading(request)
    if made.body:
        given["body"] = _read_body(made, request)

    def act() -> HttpResponseBase:
        return _answer(made, request, query, made.act(request, *found, **given))

    if made.method == "GET":
        return unless_known(request._request, act())
    if not key:
        return act()

    def whole() -> HttpResponse:
        answer = act()
        if not isinstance(answer, HttpResponse):
            raise TypeError(f"{made.name} streams, and takes no Idempotency-Key.")
        return answer

    return idempotency.once(
        request,
        key,
        whole,
        takes_body=bool(made.body),
        atomic=made.atomic,
        secret=made.secret_answer,
        repeatable=made.repeatable,
        told_when_broken_off=made.told_when_broken_off,
    )


def _accessed(
    made: Endpoint, request: Request, arguments: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return what `access` found, and the parameters of the address that it left."""
    if made.access is None:
        return [], dict(arguments)
    taken = _parameters(made.access)
    found = made.access(request, **{name: arguments[name] for name in taken})
    left = {name: value for name, value in arguments.items() if name not in taken}
    return [found], left


@cache
def _parameters(access: Callable[..., Any]) -> frozenset[str]:
    """Return the parameters of the address that `access` takes."""
    return frozenset(list(inspect.signature(access).parameters)[1:])


def _read_query(made: Endpoint, request: Request) -> dict[str, Any]:
    schema = made.query or Schema
    fields = schema().fields.items()
    lists = {name for name, one in fields if isinstance(one, serializers.ListField)}
    # A plain mapping, or a parameter left out would be read as a box of a form left unticked
    given = {
        name: request.query_params.getlist(name) if name in lists else request.query_params[name]
        for name in request.query_params
    }
    reader = schema(data=given, context={"as_text": True})
    if not reader.is_valid():
        raise all_invalid(
            [
                fault(one["field"].removeprefix("/"), one["detail"])
                for one in faults_in(reader.errors)
            ]
        )
    query: dict[str, Any] = reader.validated_data
    if made.streams and "cursor" in query and wants_stream(request, query):
        raise invalid("cursor", _("A stream has the whole list: leave this out."))
    return query


def _read_body(made: Endpoint, request: Request) -> Any:
    media_type = (request.content_type or JSON).partition(";")[0].strip().lower()
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if not length and "HTTP_TRANSFER_ENCODING" in request.META:
        # Nothing of it could be read, and it would pass for an empty one
        raise Problem("malformed", _("Send the body with a Content-Length, not in chunks."))
    if not length and JSON in made.body:
        media_type = JSON
    if media_type not in made.body:
        raise exceptions.UnsupportedMediaType(media_type)
    if media_type == JSON and length > made.most_bytes:
        raise Problem(
            "too-large",
            _("The body is too long; the limit is %(bytes)s bytes.") % {"bytes": made.most_bytes},
        )
    data = request.data
    if media_type == JSON and not isinstance(data, dict):
        raise exceptions.ValidationError(_("Give a JSON object."))
    reader = made.body[media_type](data=data, partial=made.method == "PATCH")
    reader.is_valid(raise_exception=True)
    return reader.validated_data


def _answer(
    made: Endpoint, request: Request, query: Mapping[str, Any], result: Any
) -> HttpResponseBase:
    if isinstance(result, HttpResponseBase):
        return result
    if isinstance(result, Listing):
        return _list_answer(made, request, query, result)
    first = next(iter(made.answers))
    if not isinstance(result, Answer):
        result = Answer(result, status=first if isinstance(first, int) else first[0])
    schema = made.answers.get(result.status)
    if schema is None:
        return idempotency.without_type_of_nothing(
            HttpResponse(status=result.status, headers=dict(result.headers))
        )
    return _json(_shown(schema, result.content), result.status, result.headers)


def _list_answer(
    made: Endpoint, request: Request, query: Mapping[str, Any], listing: Listing
) -> HttpResponseBase:
    schema = made.answers[200]
    if made.streams and wants_stream(request, query):
        # One for all rows: making it takes several times as long as a row
        shown = schema().to_representation
        lines = (f"{_dump(shown(row))}\n".encode() for rows in all_parts(listing) for row in rows)
        return StreamingHttpResponse(_joined(lines), content_type=NDJSON)
    part = part_of(
        listing, cursor=query.get("cursor", ""), limit=query["limit"], place=request.path
    )
    items = schema(part.rows, many=True).data
    return _json({"items": items, "next": next_address(request, part.cursor)}, 200, {})


def wants_stream(request: Request, query: Mapping[str, Any]) -> bool:
    """Say whether a list that streams is asked for whole."""
    if "stream" in request.query_params:
        return bool(query["stream"])
    return preferred_type(request, [JSON, NDJSON]) == NDJSON


def _joined(lines: Iterator[bytes], size: int = 200) -> Iterator[bytes]:
    """Yield some lines at once: each piece is a write to the network."""
    kept: list[bytes] = []
    for line in lines:
        kept.append(line)
        if len(kept) == size:
            yield b"".join(kept)
            kept.clear()
    yield b"".join(kept)


def _shown(schema: Any, content: Any) -> Any:
    many = not isinstance(schema, type)
    return schema.__class__(content, child=schema.child).data if many else schema(content).data


def _dump(content: Any) -> str:
    return ENCODER.encode(content)


def _json(content: Any, status: int, headers: Mapping[str, str]) -> HttpResponse:
    return HttpResponse(_dump(content), status=status, content_type=JSON, headers=dict(headers))
