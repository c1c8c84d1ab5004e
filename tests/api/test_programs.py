"""Raters that are programs, by the API: add_model_rater, list_tokens_of_program,
create_token_of_program, revoke_token_of_program.
"""

from __future__ import annotations

import pytest

from sts_qa.api.models import Token
from sts_qa.api.queries import token_of
from sts_qa.studies.actions import create_model_rater
from sts_qa.studies.models import Membership, Study
from tests.api.conftest import ApiClient, fields_at_fault, is_problem
from tests.factories import make_membership
from tests.rating.helpers import add_rater, running_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(owner) -> Study:
    made = running_study(2)
    make_membership(made, owner, role=Membership.Role.COORDINATOR)
    return made


@pytest.fixture
def program(study, owner) -> Membership:
    return create_model_rater(study=study, name="ToothNet", version="1", acting_user=owner)


def at(study: Study, path: str) -> str:
    return f"/api/v1/studies/{study.public_id}/members/{path}"


def test_a_program_joins_a_running_study_and_rates_everything(token_client, owner, study):
    body = {"name": "ToothNet", "version": "2.0"}
    response = token_client(owner, ["manage"]).post(at(study, "programs/"), body)
    assert response.status_code == 201, response.content
    made = study.memberships.exclude(model_name="").get()
    told = response.json()
    assert response["Location"] == at(study, f"{made.pk}/")
    assert (told["id"], told["model"]) == (made.pk, body)
    assert (told["username"], told["ratings"]["total"]) == (None, 2)
    assert not made.user.has_usable_password()
    again = token_client(owner).post(at(study, "programs/"), body)
    assert is_problem(again, 409, "refused")
    assert fields_at_fault(again) == ["/version"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "ToothNet"}, "/version"),
        ({"name": "", "version": "1"}, "/name"),
        ({"name": "x" * 61, "version": "1"}, "/name"),
        ({"name": "ToothNet", "version": 1}, "/version"),
    ],
)
def test_a_wrong_program_names_the_field(token_client, owner, study, body, field):
    response = token_client(owner).post(at(study, "programs/"), body)
    assert is_problem(response, 422, "invalid")
    assert [fault["field"] for fault in response.json()["errors"]] == [field]


def test_a_token_opens_the_program_s_study_and_its_secret_is_told_once(
    token_client, owner, study, program
):
    client, key = token_client(owner, ["manage"]), {"Idempotency-Key": "t"}
    path = at(study, f"{program.pk}/tokens/")
    body = {"name": "Here", "days": 7}
    response = client.post(path, body, headers=key)
    assert response.status_code == 201, response.content
    made = response.json()
    token = token_of(made["secret"])
    assert (token.user, token.study) == (program.user, study)
    assert (token.pk, made["token"]["scopes"]) == (made["token"]["id"], ["read", "rate"])
    assert is_problem(client.post(path, body, headers=key), 409, "shown-once")
    assert Token.objects.filter(user=program.user).count() == 1
    listed = client.get(path)
    assert [row["name"] for row in listed.json()["items"]] == ["Here"]
    assert made["secret"] not in listed.content.decode()
    own = ApiClient(headers={"Authorization": f"Bearer {made['secret']}"})
    studies = own.get("/api/v1/studies/").json()["items"]
    assert [row["id"] for row in studies] == [str(study.public_id)]


def test_a_revoked_token_opens_nothing(token_client, owner, study, program):
    client, path = token_client(owner, ["manage"]), at(study, f"{program.pk}/tokens/")
    made = client.post(path, {"name": "Here"}).json()
    told = client.post(f"{path}{made['token']['id']}/revoke/").json()
    assert told["revoked_at"] is not None
    assert token_of(made["secret"]) is None


@pytest.mark.parametrize(
    "body", [{}, {"name": " "}, {"name": "x", "days": 0}, {"name": "x", "days": 366}]
)
def test_a_wrong_token_is_refused(token_client, owner, study, program, body):
    response = token_client(owner).post(at(study, f"{program.pk}/tokens/"), body)
    assert is_problem(response, 422, "invalid")
    assert not Token.objects.filter(user=program.user).exists()


def test_a_name_that_cannot_be_shown_is_named(token_client, owner, study, program):
    response = token_client(owner).post(at(study, f"{program.pk}/tokens/"), {"name": "Model\x07"})
    assert is_problem(response, 422, "invalid")
    assert fields_at_fault(response) == ["/name"]
    assert not Token.objects.filter(user=program.user).exists()


def test_nobody_makes_tokens_for_people_or_for_another_study_s_program(
    token_client, owner, study, program
):
    client = token_client(owner)
    rater = add_rater(study)
    assert is_problem(
        client.post(at(study, f"{rater.pk}/tokens/"), {"name": "x"}), 404, "not-found"
    )
    assert is_problem(client.get(at(study, f"{rater.pk}/tokens/")), 404, "not-found")
    other = running_study(1)
    make_membership(other, owner, role=Membership.Role.COORDINATOR)
    path = at(other, f"{program.pk}/tokens/")
    assert is_problem(client.post(path, {"name": "x"}), 404, "not-found")
    own = client.token
    revoked = client.post(at(study, f"{program.pk}/tokens/{own.pk}/revoke/"))
    assert is_problem(revoked, 404, "not-found")
    own.refresh_from_db()
    assert own.revoked_at is None
