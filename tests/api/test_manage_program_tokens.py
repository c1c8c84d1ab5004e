"""A coordinator gives a program its tokens."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.api.models import Token
from sts_qa.api.queries import token_of
from sts_qa.audit.models import Event
from tests.factories import make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(owner):
    return make_study(name="Teeth", coordinator=owner)


@pytest.fixture
def program(study):
    user = make_user("program-1", notice_version=0)
    return make_membership(study, user, model_name="ToothNet", model_version="1.2")


@pytest.fixture
def page(client, study, program):
    client.force_login(study.created_by)
    return reverse("api:manage_program_tokens", args=[study.public_id, program.pk])


def secret_in(answer) -> str:
    return re.search(r'value="(stsqa_[^"]+)"', answer.content.decode())[1]


def test_the_members_page_leads_here_for_programs_only(client, page, study):
    person = make_membership(study)
    members = client.get(reverse("studies:manage_members", args=[study.public_id]))
    assert page in members.content.decode()
    persons = reverse("api:manage_program_tokens", args=[study.public_id, person.pk])
    assert persons not in members.content.decode()
    assert client.get(persons).status_code == 404


def test_a_token_is_shown_once_and_reaches_the_study_as_its_rater_only(client, page, program):
    answer = client.post(page, {"name": "Workstation", "days": "30"})
    secret = secret_in(answer)
    assert "no-store" in answer["Cache-Control"]
    token = token_of(secret)
    assert (token.user, token.study) == (program.user, program.study)
    assert set(token.scopes) == {"read", "rate"}
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    later = client.get(page).content.decode()
    assert secret not in later
    assert "Workstation" in later
    event = Event.objects.get(action="token.created")
    assert event.chain.name == f"study:{program.study_id}"
    assert event.actor == str(program.study.created_by.opaque_id)


@pytest.mark.parametrize(
    ("data", "field"), [({"name": "", "days": "30"}, "name"), ({"name": "A", "days": "9"}, "days")]
)
def test_an_error_stands_at_its_field_and_nothing_is_made(client, page, data, field):
    answer = client.post(page, data)
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not Token.objects.exists()


def test_a_withdrawn_program_gets_no_token(client, page, program):
    program.withdrawn_at = timezone.now()
    program.save()
    assert "Make the token" not in client.get(page).content.decode()
    answer = client.post(page, {"name": "Workstation", "days": "30"})
    assert answer.status_code == 422
    assert not Token.objects.exists()


def test_only_coordinators_of_the_study_may(client, page, study):
    people = {"observer": 403, "rater": 403}
    expected = {make_membership(study, role=role).user: status for role, status in people.items()}
    expected[make_study().created_by] = 404
    for user, status in expected.items():
        client.force_login(user)
        assert client.get(page).status_code == status
        assert client.post(page, {"name": "Mine", "days": "30"}).status_code == status
    client.logout()
    assert client.get(page).status_code == 302
    assert not Token.objects.exists()
