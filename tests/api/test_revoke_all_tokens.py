"""Revoking all tokens at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.api.actions import create_token, revoke_token
from sts_qa.api.models import Token
from sts_qa.audit.models import Event
from sts_qa.studies.actions import create_model_rater
from tests.api.conftest import is_problem
from tests.factories import make_study, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/tokens/revoke/"
DATASETS = "/api/v1/datasets/"


def test_every_program_in_ones_name_is_refused_at_once(client, token_client, owner):
    programs = [token_client(owner), token_client(owner)]
    revoke_token(token=token_client(owner).token, acting_user=owner)
    expired = token_client(owner).token
    yesterday = timezone.now() - timedelta(days=1)
    Token.objects.filter(pk=expired.pk).update(expires_at=yesterday)
    client.force_login(owner)
    page = client.post(ADDRESS, follow=True)
    assert page.redirect_chain == [(reverse("api:list_tokens"), 302)]
    assert "2 tokens are revoked" in page.content.decode()
    for program in programs:
        assert is_problem(program.get(DATASETS), 401, "log-in")
    assert Event.objects.filter(action="token.revoked").count() == 3
    expired.refresh_from_db()
    assert expired.revoked_at is None


def test_programs_of_others_and_those_that_rate_go_on(client, token_client, owner):
    study = make_study(coordinator=owner)
    rater = create_model_rater(study=study, name="ToothNet", version="1", acting_user=owner).user
    token, _secret = create_token(
        user=rater,
        name="Here",
        scopes=["rate"],
        study=study,
        expires_at=timezone.now() + timedelta(days=1),
        acting_user=owner,
    )
    other = token_client(make_user(coordinator=True))
    client.force_login(owner)
    client.post(ADDRESS)
    assert other.get(DATASETS).status_code == 200
    token.refresh_from_db()
    assert token.is_valid


def test_without_a_log_in_or_by_another_method_nothing_changes(client, token_client, owner):
    program = token_client(owner)
    assert client.post(ADDRESS).url.startswith(reverse("accounts:log_in"))
    client.force_login(owner)
    assert client.get(ADDRESS).status_code == 405
    assert program.get(DATASETS).status_code == 200


def test_the_page_offers_it_while_a_token_works(client, token_client, owner):
    client.force_login(owner)
    assert ADDRESS not in client.get("/account/tokens/").content.decode()
    token_client(owner)
    assert ADDRESS in client.get("/account/tokens/").content.decode()
    client.post(ADDRESS)
    assert f'action="{ADDRESS}"' not in client.get("/account/tokens/").content.decode()
