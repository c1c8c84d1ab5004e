"""Who sees a dataset: the list, and adding somebody."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_user


@pytest.fixture
def address(dataset) -> str:
    return reverse("catalogue:manage_members", args=[dataset.pk])


def test_an_added_person_sees_the_dataset_from_now_on(client, dataset, owner, address):
    person = make_user("anna", coordinator=True)
    shown = reverse("catalogue:show_dataset", args=[dataset.pk])
    client.force_login(person)
    assert client.get(shown).status_code == 404

    client.force_login(owner)
    assert client.post(address, {"username": "anna"}).url == address
    assert "anna" in text_of(client.get(address))
    client.force_login(person)
    assert client.get(shown).status_code == 200
    event = Event.objects.filter(action="dataset.member_added").latest("number")
    assert (event.actor, event.details) == (
        str(owner.opaque_id),
        {"person": str(person.opaque_id)},
    )


@pytest.mark.parametrize(
    ("username", "said"),
    [
        ("nobody", "There is no account of this name"),
        ("", "required"),
        ("Anna", "There is no account of this name"),
        ("rater", "may not coordinate"),
        ("closed", "There is no account of this name"),
    ],
)
def test_who_cannot_be_added_is_said_at_the_field(client, dataset, owner, address, username, said):
    make_user("anna", coordinator=True)
    make_user("rater")
    make_user("closed", coordinator=True, is_active=False)
    client.force_login(owner)
    response = client.post(address, {"username": username})
    assert response.status_code == 422
    assert said in response.context["form"].errors["username"][0]
    assert dataset.members.count() == 1


def test_a_member_is_not_added_twice(client, dataset, owner, address):
    client.force_login(owner)
    response = client.post(address, {"username": owner.username})
    assert "a member already" in response.context["form"].errors["username"][0]


def test_the_last_member_has_no_button_to_be_removed(client, dataset, owner, address):
    client.force_login(owner)
    page = text_of(client.get(address))
    assert "The last member stays." in page
    assert "Remove" not in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_members_may(client, dataset, address, method):
    make_user("anna", coordinator=True)
    before = dataset.members.count()

    def ask():
        return getattr(client, method)(address, {"username": "anna"})

    assert answers(client, dataset, ask) == CLOSED
    assert not dataset.members.filter(user__username="anna").exists()
    assert before == 1
