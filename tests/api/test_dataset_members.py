"""Who sees a dataset, by the API: list_dataset_members, add_dataset_member,
remove_dataset_member.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue.actions import add_member
from sts_qa.catalogue.queries import visible_datasets
from sts_qa.studies.models import Study
from tests.api.conftest import is_problem
from tests.factories import make_dataset, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(owner):
    return make_dataset(owner=owner, name="Teeth")


@pytest.fixture
def colleague(db):
    return make_user("colleague", coordinator=True)


@pytest.fixture
def program(token_client, owner):
    return token_client(owner)


def listed(dataset) -> str:
    return reverse("api:list_dataset_members", args=[dataset.pk])


def removal(dataset, user) -> str:
    return reverse("api:remove_dataset_member", args=[dataset.pk, user.pk])


def test_adding_and_removing_are_the_same_acts_as_on_the_page(program, dataset, owner, colleague):
    response = program.post(listed(dataset), {"username": "colleague"})
    assert (response.status_code, response.json()["id"]) == (201, colleague.pk)
    assert visible_datasets(colleague).get() == dataset
    rows = program.get(listed(dataset)).json()["items"]
    assert [row["username"] for row in rows] == ["owner", "colleague"]
    response = program.post(removal(dataset, colleague))
    assert (response.status_code, response.content) == (204, b"")
    assert not visible_datasets(colleague).exists()
    rows = program.get(listed(dataset)).json()["items"]
    assert [row["username"] for row in rows] == ["owner"]
    acts = Event.objects.filter(chain__name=f"dataset:{dataset.pk}").order_by("number")
    assert [(act.action, act.actor) for act in acts] == [
        ("dataset.member_added", str(owner.opaque_id)),
        ("dataset.member_removed", str(owner.opaque_id)),
    ]
    assert is_problem(program.post(removal(dataset, colleague)), 404, "not-found")


@pytest.mark.parametrize("username", ["", "nobody", "owner", "rater", "Colleague", 5])
def test_an_account_that_cannot_be_added_is_named(program, dataset, colleague, username):
    make_user("rater")
    response = program.post(listed(dataset), {"username": username})
    assert is_problem(response, 422, "invalid")
    assert [fault["field"] for fault in response.json()["errors"]] == ["/username"]
    assert dataset.members.count() == 1


def test_one_member_at_least_stays(program, dataset, owner):
    response = program.post(removal(dataset, owner))
    assert is_problem(response, 409, "refused")
    assert "at least one member" in response.json()["detail"]


def test_who_must_not_see_the_dataset_neither_reads_nor_adds(
    program, token_client, dataset, owner, colleague
):
    def answers(client) -> list:
        return [
            client.get(listed(dataset)),
            client.post(listed(dataset), {"username": "colleague"}),
            client.post(removal(dataset, owner)),
        ]

    stranger = token_client(make_user(coordinator=True))
    assert all(is_problem(one, 404, "not-found") for one in answers(stranger))
    former = make_user(coordinator=True)
    add_member(dataset=dataset, user=former, acting_user=owner)
    dataset.members.filter(user=former).update(removed_at="2026-01-01T00:00Z")
    assert all(is_problem(one, 404, "not-found") for one in answers(token_client(former)))
    make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), owner)
    assert all(is_problem(one, 403, "not-allowed") for one in answers(program))
    assert not visible_datasets(colleague).exists()
