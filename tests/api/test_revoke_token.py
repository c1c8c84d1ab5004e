"""Revoking a token."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.api.models import Token
from sts_qa.audit.models import Event
from tests.api.conftest import is_problem
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def address(token: Token) -> str:
    return reverse("api:revoke_token", args=[token.pk])


def test_the_program_is_refused_at_once(client, token_client, owner):
    program = token_client(owner)
    assert program.get("/api/v1/datasets/").status_code == 200
    client.force_login(owner)
    assert client.post(address(program.token)).url == reverse("api:list_tokens")
    assert is_problem(program.get("/api/v1/datasets/"), 401, "log-in")
    event = Event.objects.get(action="token.revoked")
    assert (event.object_id, event.actor) == (str(program.token.pk), str(owner.opaque_id))


def test_twice_is_once(client, token_client, owner):
    token = token_client(owner).token
    client.force_login(owner)
    client.post(address(token))
    first = Token.objects.get().revoked_at
    client.post(address(token))
    assert Token.objects.get().revoked_at == first
    assert Event.objects.filter(action="token.revoked").count() == 1


def test_others_and_other_methods_change_nothing(client, token_client, owner):
    token = token_client(owner).token
    assert client.post(address(token)).url.startswith(reverse("accounts:log_in"))
    client.force_login(make_user(coordinator=True))
    assert client.post(address(token)).status_code == 404
    client.force_login(owner)
    assert client.get(address(token)).status_code == 405
    assert Token.objects.get().revoked_at is None
