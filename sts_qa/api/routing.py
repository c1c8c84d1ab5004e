"""Addresses of endpoints: one view per address, one method per endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from sts_qa.accounts.queries import NOTICE_VERSION, may_coordinate
from sts_qa.api.authentication import BrowserSession, TokenAuthentication
from sts_qa.api.endpoint import Endpoint, carry_out
from sts_qa.api.negotiation import AnyFormat
from sts_qa.api.openapi import described
from sts_qa.api.parsing import StrictJSONParser
from sts_qa.api.problems import Problem, answer_to_error
from sts_qa.api.reach import check_reach, limiting_study
from sts_qa.api.schemas.common import LARGEST_WHOLE


class ResourceView(APIView):
    """All endpoints of one address, by method."""

    endpoints: dict[str, Endpoint] = {}
    authentication_classes = [TokenAuthentication, BrowserSession]
    permission_classes = [IsAuthenticated]
    parser_classes = [StrictJSONParser, MultiPartParser]
    content_negotiation_class = AnyFormat

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        made = self._asked(request)
        if any(isinstance(one, int) and one > LARGEST_WHOLE for one in kwargs.values()):
            # No database could have it, and looking it up fails in some
            raise Http404
        if made is not None:
            _check_admission(made, request, kwargs)

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        if throttle := getattr(getattr(request, "_request", request), "api_throttle", None):
            throttle.say_limits(response)
        made = self._asked(request)
        if made is not None and made.deprecated is not None:
            for name, text in made.deprecated.headers().items():
                response[name] = text
        return response

    def _asked(self, request: Request) -> Endpoint | None:
        return self.endpoints.get("GET" if request.method == "HEAD" else request.method)

    def get_exception_handler(self) -> Callable[..., Any]:
        return answer_to_error


def _check_admission(made: Endpoint, request: Request, arguments: dict[str, Any]) -> None:
    if _is_person(request) and request.user.notice_version < NOTICE_VERSION:
        raise Problem(
            "notice",
            _("Log in once in the browser and accept the notice on what is recorded."),
        )
    if request.auth is not None and not request.auth.allows(made.scope):
        raise Problem("scope", _("This token lacks the scope “%(scope)s”.") % {"scope": made.scope})
    if made.coordinators and not may_coordinate(request.user):
        raise Problem("not-allowed", _("Only people who may coordinate can do this."))
    names_what_it_is_about = check_reach(request, arguments)
    if limiting_study(request) and not names_what_it_is_about and not made.narrows:
        raise Problem("token-limit", _("This token is for one study only, and this is beyond it."))


def _is_person(request: Request) -> bool:
    """Say whether a person asks: only the token of a program that rates was made by another."""
    return request.auth is None or request.auth.created_by_id == request.auth.user_id


def route(address: str, *functions: Callable[..., Any]) -> list[URLPattern]:
    """Return the patterns of an address: one per endpoint's name, all with the same view."""
    made: list[Endpoint] = [function.endpoint for function in functions]  # type: ignore[attr-defined]
    members: dict[str, Any] = {one.method.lower(): _method(one, address) for one in made}
    members["endpoints"] = {one.method: one for one in made}
    members["throttle_classes"] = list({one.rate for one in made})
    members["http_method_names"] = [*(one.method.lower() for one in made), "head"]
    name = "".join(word.title() for word in made[0].name.split("_"))
    view: Any = type(name, (ResourceView,), members)
    answering = view.as_view()
    answering.open_before_notice = True
    return [path(address, answering, name=one.name) for one in made]


def _method(made: Endpoint, address: str) -> Callable[..., HttpResponseBase]:
    def method(self: ResourceView, request: Request, **arguments: Any) -> HttpResponseBase:
        return carry_out(made, request, arguments)

    method.__doc__ = made.act.__doc__
    return described(made, address)(method)
