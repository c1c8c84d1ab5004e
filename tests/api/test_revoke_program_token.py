"""A coordinator revokes a program's token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.api.actions import create_token
from sts_qa.api.queries import token_of
from tests.factories import make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(owner):
    return make_study(coordinator=owner)


@pytest.fixture
def program(study):
    return make_membership(study, model_name="ToothNet", model_version="1.2")


@pytest.fixture
def made(program):
    return create_token(
        user=program.user,
        name="Workstation",
        scopes=["rate"],
        study=program.study,
        expires_at=timezone.now() + timedelta(days=1),
        acting_user=program.study.created_by,
    )


def address(program, token) -> str:
    arguments = [program.study.public_id, program.pk, token.pk]
    return reverse("api:revoke_program_token", args=arguments)


def test_it_ends_the_token_at_once(client, study, program, made):
    token, secret = made
    assert token_of(secret) == token
    client.force_login(study.created_by)
    answer = client.post(address(program, token), follow=True)
    assert token_of(secret) is None
    assert "is revoked" in answer.content.decode()
    assert address(program, token) not in answer.content.decode()


def test_a_token_of_somebody_else_is_not_found(client, study, program, made):
    token, secret = made
    other = make_membership(study, model_name="Other", model_version="1")
    person = make_membership(study)
    client.force_login(study.created_by)
    assert client.post(address(other, token)).status_code == 404
    assert client.post(address(person, token)).status_code == 404
    assert token_of(secret) is not None


def test_only_coordinators_of_the_study_may(client, study, program, made):
    token, secret = made
    expected = {
        make_membership(study, role="observer").user: 403,
        make_membership(study).user: 403,
        make_study().created_by: 404,
        make_user(): 404,
    }
    for user, status in expected.items():
        client.force_login(user)
        assert client.post(address(program, token)).status_code == status
    client.logout()
    assert client.post(address(program, token)).status_code == 302
    client.force_login(study.created_by)
    assert client.get(address(program, token)).status_code == 405
    assert token_of(secret) is not None
