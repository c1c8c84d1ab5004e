"""Which format an answer has: JSON, unless an endpoint offers more and chooses itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request


class AnyFormat(BaseContentNegotiation):
    """Never refuse over Accept: an answer in JSON says more than a 406."""

    def select_parser(self, request: Request, parsers: list[Any]) -> Any:
        for parser in parsers:
            if parser.media_type == (request.content_type or "").partition(";")[0].strip().lower():
                return parser
        return None

    def select_renderer(
        self, request: Request, renderers: list[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return JSONRenderer(), JSONRenderer.media_type


def preferred_type(request: Request, offered: Sequence[str]) -> str | None:
    """Return which of the media types `Accept` prefers, the first one where it takes any.

    None where it takes none of them. One that is offered with parameters is also taken without.
    """
    return request._request.get_preferred_type(offered)
