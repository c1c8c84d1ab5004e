"""The page of one's own API tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.api.actions import revoke_token
from sts_qa.api.models import Token
from tests.factories import make_membership, make_study, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/tokens/"


@pytest.fixture
def person(client):
    person = make_user("mei")
    client.force_login(person)
    return person


def page(client) -> str:
    response = client.get(ADDRESS)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_without_tokens_it_offers_to_make_one(client, person):
    text = page(client)
    assert "No tokens yet" in text
    assert reverse("api:create_token") in text


def test_it_shows_what_a_token_may_do_and_when_it_was_used_but_not_its_secret(
    client, person, token_client
):
    study = make_study(name="Teeth")
    make_membership(study, person)
    program = token_client(person, ["read", "rate"], study=study)
    text = page(client)
    assert "Read, Rate" in text
    assert "Teeth" in text
    assert "Never" in text
    assert f"<code>{program.token.prefix}…</code>" in text
    assert program.headers_sent["Authorization"].split()[1] not in text
    program.get("/api/v1/datasets/")
    used = Token.objects.get().last_used_at
    assert used.strftime("%Y-%m-%d %H:%M") in page(client)


def test_what_it_may_do_is_listed_as_the_language_lists(client, person, token_client):
    token_client(person, ["read", "rate"])
    client.post(reverse("accounts:set_language"), {"language": "zh-hans"})
    assert "<td>读取、评分</td>" in page(client)


def test_a_token_that_ended_says_when(client, person, token_client):
    revoke_token(token=token_client(person).token, acting_user=person)
    expired = token_client(person).token
    yesterday = timezone.now() - timedelta(days=1)
    Token.objects.filter(pk=expired.pk).update(expires_at=yesterday)
    text = page(client)
    assert f"revoked on {timezone.now():%Y-%m-%d}" in text
    assert f"ended on {yesterday:%Y-%m-%d}" in text
    assert "Revoke</button>" not in text


def test_nobody_sees_tokens_of_others(client, person, token_client):
    token_client(make_user())
    assert "No tokens yet" in page(client)


def test_the_menu_of_every_page_leads_to_it(client, person):
    assert ADDRESS in client.get("/studies/").content.decode()


def test_it_needs_a_log_in(client):
    assert client.get(ADDRESS).url.startswith(reverse("accounts:log_in"))
