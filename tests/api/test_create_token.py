"""Making a token, by its page and as the action that pages share."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from sts_qa.api.actions import create_token
from sts_qa.api.errors import TokenRefused
from sts_qa.api.models import IdempotentAnswer, Token
from sts_qa.audit.models import Event
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_study, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/tokens/new/"
GIVEN = {"name": "Nightly import", "scopes": ["read", "manage"], "days": "30", "study": ""}


@pytest.fixture
def person(client):
    person = make_user("mei", coordinator=True)
    client.force_login(person)
    return person


def secret_in(response) -> str:
    return re.search(r'value="(stsqa_[\w-]+)"', response.content.decode())[1]


def test_the_secret_is_shown_once_and_opens_the_api(client, person):
    response = client.post(ADDRESS, GIVEN)
    secret = secret_in(response)
    token = Token.objects.get()
    assert len(secret) == len("stsqa_") + 40
    assert token.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert secret.startswith(token.prefix)
    assert (token.user, token.name, token.scopes) == (person, "Nightly import", ["read", "manage"])
    assert token.study is None
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert "no-store" in response["Cache-Control"]
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/datasets/").status_code == 200
    for place in ("/account/tokens/", ADDRESS):
        assert secret not in client.get(place).content.decode()
    assert not IdempotentAnswer.objects.exists()


def test_it_is_on_record_without_the_secret_or_the_name(client, person):
    secret = secret_in(client.post(ADDRESS, GIVEN))
    event = Event.objects.get(action="token.created")
    assert (event.chain.name, event.actor) == ("installation", str(person.opaque_id))
    assert event.details["scopes"] == ["read", "manage"]
    assert secret not in str(event.details)
    assert "Nightly" not in str(event.details)


def test_a_token_for_one_study(client, person):
    own, other = make_study(name="Own"), make_study(name="Of others")
    make_membership(own, person)
    page = client.get(ADDRESS).content.decode()
    assert "Own" in page
    assert "Of others" not in page
    client.post(ADDRESS, {**GIVEN, "study": own.public_id})
    assert Token.objects.get().study == own
    assert Event.objects.get(action="token.created").chain.name == f"study:{own.pk}"
    response = client.post(ADDRESS, {**GIVEN, "study": other.public_id})
    assert response.status_code == 422
    assert Token.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 121), ("scopes", []), ("scopes", ["all"]), ("days", "9999")],
)
def test_what_is_wrong_is_said_at_the_field(client, person, field, value):
    response = client.post(ADDRESS, {**GIVEN, field: value})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Token.objects.exists()


def test_the_page_explains_each_scope(client, person):
    page = client.get(ADDRESS).content.decode()
    for words in ("see what you see", "submit ratings in your name", "includes reading"):
        assert words in page


def test_the_page_in_chinese(client, person):
    person.language = "zh-hans"
    person.save()
    with translation.override("zh-hans"):
        assert "令牌" in client.get(ADDRESS).content.decode()


def test_it_needs_a_log_in(client):
    for response in (client.get(ADDRESS), client.post(ADDRESS, GIVEN)):
        assert response.url.startswith(reverse("accounts:log_in"))
    assert not Token.objects.exists()


def make(user, acting_user, study=None, **changes):
    terms = {
        "name": "Model",
        "scopes": ["rate"],
        "expires_at": timezone.now() + timedelta(days=1),
        **changes,
    }
    return create_token(user=user, study=study, acting_user=acting_user, **terms)


@pytest.fixture
def study(db):
    return make_study(state=Study.State.RUNNING)


@pytest.fixture
def program(study):
    user = make_user("model", notice_version=0)
    make_membership(study, user, model_name="ToothNet", model_version="1")
    return user


def test_a_coordinator_makes_tokens_for_the_models_of_the_study(study, program):
    token, _ = make(program, study.created_by, study)
    assert (token.user, token.created_by) == (program, study.created_by)


def test_nobody_else_makes_tokens_for_somebody_else(study, program):
    rater, observer = make_user(), make_user()
    make_membership(study, rater)
    make_membership(study, observer, role="observer")
    stranger = make_study().created_by
    for acting_user, user, within in (
        (rater, program, study),
        (observer, program, study),
        (stranger, program, study),
        (study.created_by, program, None),
        (study.created_by, rater, study),
    ):
        with pytest.raises(TokenRefused):
            make(user, acting_user, within)
    assert not Token.objects.exists()


def test_terms_are_checked_by_the_action_too(study):
    person = make_user()
    now = timezone.now()
    for changes in (
        {"name": " "},
        {"scopes": []},
        {"scopes": ["root"]},
        {"expires_at": now - timedelta(seconds=1)},
        {"expires_at": now + timedelta(days=400)},
    ):
        with pytest.raises(TokenRefused):
            make(person, person, **changes)
    with pytest.raises(TokenRefused, match="notice"):
        make(*[make_user(notice_version=0)] * 2)
    with pytest.raises(TokenRefused, match="no part"):
        make(person, person, study)


def test_a_character_that_cannot_be_shown_is_not_called_a_wrong_length(client, person):
    response = client.post(ADDRESS, {**GIVEN, "name": "Nightly\u202etropmi"})
    assert response.status_code == 422
    assert "holds a character that cannot be shown" in response.content.decode()
    assert not Token.objects.exists()
