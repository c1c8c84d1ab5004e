"""Making a dataset."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Dataset
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/datasets/new/"


def test_the_maker_becomes_the_first_member_and_goes_on_to_the_import(client, owner):
    client.force_login(owner)
    response = client.post(ADDRESS, {"name": "  STS-Tooth "})
    dataset = Dataset.objects.get()
    assert dataset.name == "STS-Tooth"
    assert response.url == reverse("catalogue:start_import", args=[dataset.pk])
    assert [member.user for member in dataset.members.all()] == [owner]
    actions = Event.objects.filter(chain__name=f"dataset:{dataset.pk}").order_by("number")
    assert list(actions.values_list("action", flat=True)) == [
        "dataset.created",
        "dataset.member_added",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "required"),
        ("   ", "required"),
        ("x" * 121, "at most 120"),
        ("Teeth", "There is a dataset named Teeth already"),
    ],
)
def test_a_name_that_cannot_be_used_is_an_error_at_the_field(client, dataset, owner, name, said):
    client.force_login(owner)
    response = client.post(ADDRESS, {"name": name})
    assert response.status_code == 422
    assert said in response.context["form"].errors["name"][0]
    assert Dataset.objects.count() == 1


def test_the_page_shows_the_form(client, owner):
    client.force_login(owner)
    assert 'name="name"' in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_people_without_the_permission_are_refused(client, method):
    assert getattr(client, method)(ADDRESS).url.startswith(reverse("accounts:log_in"))
    client.force_login(make_user())
    assert getattr(client, method)(ADDRESS, {"name": "Teeth"}).status_code == 403
    assert not Dataset.objects.exists()
