"""Taking a dataset out of a person's sight."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue.actions import add_member
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_user


@pytest.fixture
def person(dataset, owner):
    person = make_user("anna", coordinator=True)
    add_member(dataset=dataset, user=person, acting_user=owner)
    return person


def address_for(dataset, user) -> str:
    return reverse("catalogue:remove_member", args=[dataset.pk, user.pk])


def test_a_removed_person_sees_it_no_longer_and_that_is_on_record(client, dataset, owner, person):
    client.force_login(owner)
    members = reverse("catalogue:manage_members", args=[dataset.pk])
    assert client.post(address_for(dataset, person)).url == members
    assert Event.objects.filter(action="dataset.member_removed").get().details == {
        "person": str(person.opaque_id)
    }
    client.force_login(person)
    assert client.get(reverse("catalogue:show_dataset", args=[dataset.pk])).status_code == 404


def test_who_removes_oneself_goes_to_the_list(client, dataset, owner, person):
    client.force_login(owner)
    response = client.post(address_for(dataset, owner))
    assert response.url == reverse("catalogue:list_datasets")
    assert client.get(response.url).status_code == 200


def test_the_last_member_cannot_be_removed(client, dataset, owner):
    client.force_login(owner)
    page = text_of(client.post(address_for(dataset, owner), follow=True))
    assert "A dataset needs at least one member" in page
    assert dataset.members.filter(removed_at__isnull=True).count() == 1


def test_who_is_no_member_cannot_be_removed(client, dataset, owner, person):
    client.force_login(owner)
    assert client.post(address_for(dataset, make_user())).status_code == 404


def test_it_is_no_link(client, dataset, owner, person):
    client.force_login(owner)
    assert client.get(address_for(dataset, person)).status_code == 405


def test_only_members_may(client, dataset, person):
    def ask():
        return client.post(address_for(dataset, person))

    assert answers(client, dataset, ask) == CLOSED
    assert dataset.members.get(user=person).removed_at is None
