"""Clients of the API: programs with tokens, and browsers with a log-in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from sts_qa.api.actions import create_token
from tests.api.live import installation  # noqa: F401
from tests.factories import make_user

ALL_SCOPES = ("read", "rate", "manage")


class ApiClient(Client):
    """Sends JSON, and knows no session unless told to log in."""

    def post(self, path, data=None, content_type="application/json", **more):
        return super().post(path, {} if data is None else data, content_type, **more)


@pytest.fixture(autouse=True)
def no_requests_yet() -> None:
    """Begin each test with the whole rate of requests to spend."""
    cache.clear()


@pytest.fixture
def token_client(db) -> Callable[..., ApiClient]:
    """Return a function that makes a program with a token of `user`.

    The client's `token` is the token's row, `headers_sent` what it sends with every request.
    """

    def make(user: Any, scopes: Collection[str] = ALL_SCOPES, *, study: Any = None) -> ApiClient:
        token, secret = create_token(
            user=user,
            name="Test",
            scopes=scopes,
            study=study,
            expires_at=timezone.now() + timedelta(days=1),
            acting_user=user,
        )
        client = ApiClient(headers={"Authorization": f"Bearer {secret}"})
        client.headers_sent = {"Authorization": f"Bearer {secret}"}
        client.token = token
        return client

    return make


@pytest.fixture
def session_client(db) -> Callable[[Any], ApiClient]:
    """Return a function that makes a browser in which `user` is logged in; no CSRF checks."""

    def make(user: Any) -> ApiClient:
        client = ApiClient()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def owner(db):
    return make_user("owner", coordinator=True)


def fields_at_fault(response: Any) -> list[str]:
    """Return the place of each error that the problem names."""
    return [fault["field"] for fault in response.json()["errors"]]


def is_problem(response: Any, status: int, slug: str) -> bool:
    """Say whether the answer is this problem, as RFC 9457 has it."""
    if response.status_code != status:
        return False
    content = response.json()
    return (
        response["Content-Type"] == "application/problem+json"
        and content["type"] == f"/api/v1/problems/{slug}/"
        and content["status"] == status
    )
