"""The headers that an endpoint takes, and which of its answers have which."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from sts_qa.api.endpoint import Endpoint

KEY = {"type": "string", "minLength": 1, "maxLength": 200}
SECONDS = {"type": "integer", "minimum": 1}
RATE = {
    "RateLimit-Limit": "Requests allowed within the window.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until one more is allowed again.",
}
DEPRECATED = {
    "Deprecation": "Since when it is deprecated (RFC 9745).",
    "Sunset": "From when on it may be gone (RFC 8594).",
    "Link": "What to use instead.",
}


def headers(made: Endpoint, statuses: Collection[int]) -> list[OpenApiParameter]:
    """Return all of them; `statuses` are those of all answers of the endpoint."""
    return [*_taken(made), *_of_successes(made, statuses), *_of_refusals(made, statuses)]


def _taken(made: Endpoint) -> Iterator[OpenApiParameter]:
    if made.idempotent:
        text = "A new random text for each new request; the same one gives the first answer."
        needed = made.idempotent == "required"
        yield _header("Idempotency-Key", text, KEY, required=needed)
    if made.method == "GET":
        yield _header("If-None-Match", "ETag of an answer that is known.")


def _of_successes(made: Endpoint, statuses: Collection[int]) -> Iterator[OpenApiParameter]:
    done = [status for status in statuses if status < 300]
    if made.idempotent and not made.secret_answer:
        # An answer with a secret is not told again
        yield _header("Idempotency-Replayed", "true: the first answer, again.", tells=done)
    if made.located:
        yield _header("Location", "Address of what this made or is about.", tells=made.located)
    if made.method == "GET":
        yield _header("ETag", "Names this content.", tells=[200, 304])
    if made.answers.get(200) is not None and bytes in made.answers.values():
        yield _header("Content-Disposition", "Of a file: its name.", tells=[200])


def _of_refusals(made: Endpoint, statuses: Collection[int]) -> Iterator[OpenApiParameter]:
    # Who asks is not known yet, and so neither counted
    counted = [status for status in statuses if status != 401]
    for name, text in RATE.items():
        yield _header(name, text, {"type": "integer"}, tells=counted)
    waits = {429, 503, *([409] if made.idempotent else [])}
    text = "Seconds to wait; of 409 while a request with this key is carried out."
    yield _header("Retry-After", text, SECONDS, tells=waits & set(statuses))
    yield _header("WWW-Authenticate", "How to log in.", tells=[401])
    if made.deprecated is not None:
        for name, text in DEPRECATED.items():
            yield _header(name, text, tells=statuses)


def _header(
    name: str,
    text: str,
    schema: dict[str, Any] | None = None,
    *,
    required: bool = False,
    tells: Collection[int] = (),
) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        schema or OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        required=required,
        description=text,
        response=sorted(tells),
    )
