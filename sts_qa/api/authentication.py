"""How a program says who it is: a token, or a browser's session with its CSRF token."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from sts_qa.api.actions import note_use
from sts_qa.api.models import Token
from sts_qa.api.queries import token_of


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer stsqa_…`; the token becomes `request.auth`."""

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed(_("Send the header as: Authorization: Bearer stsqa_…"))
        token = token_of(words[1].decode("latin-1"))
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, revoked or has expired."))
        note_use(token=token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="STS-QA"'


class BrowserSession(SessionAuthentication):
    """The log-in of the pages; writing needs the header X-CSRFToken."""

    def enforce_csrf(self, request: Request) -> None:
        """Look at the header only: a field of a form would mean reading a whole upload first."""
        bare: Any = copy(getattr(request, "_request", request))
        bare._post = QueryDict()
        super().enforce_csrf(bare)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "sts_qa.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the page “API tokens”.",
        }


class BrowserSessionScheme(OpenApiAuthenticationExtension):
    target_class = "sts_qa.api.authentication.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A browser's log-in; writing also needs the header X-CSRFToken.",
        }
