"""Datasets by the API: list_datasets, create_dataset, show_dataset, show_composition."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Dataset, DatasetMember
from sts_qa.studies.models import Study
from tests.api.conftest import fields_at_fault, is_problem
from tests.factories import make_dataset, make_item, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db
LIST = "/api/v1/datasets/"


def one(dataset: Dataset) -> str:
    return reverse("api:show_dataset", args=[dataset.pk])


def names(response) -> list[str]:
    return [row["name"] for row in response.json()["items"]]


def test_a_member_gets_the_datasets_by_name_with_their_counts(token_client, owner):
    dataset = make_dataset(owner=owner, name="Teeth")
    make_item(dataset, "a.png", labelled=True)
    make_item(dataset, "b.png")
    make_dataset(owner=owner, name="Bones")
    make_dataset(name="Of somebody else")
    response = token_client(owner, ["read"]).get(LIST)
    assert response.status_code == 200
    assert names(response) == ["Bones", "Teeth"]
    teeth = response.json()["items"][1]
    assert (teeth["id"], teeth["items"], teeth["labelled"]) == (dataset.pk, 2, 1)
    assert response.json()["next"] is None
    assert token_client(owner).get(one(dataset)).json() == teeth


def test_a_list_longer_than_a_page_is_followed_by_next(token_client, owner):
    for number in range(5):
        make_dataset(owner=owner, name=f"Set {number}")
    client = token_client(owner)
    found, address = [], f"{LIST}?limit=2"
    while address:
        response = client.get(address)
        found.append(names(response))
        address = response.json()["next"]
    assert found == [["Set 0", "Set 1"], ["Set 2", "Set 3"], ["Set 4"]]


def test_pages_go_on_where_they_were_though_a_dataset_left_the_list(token_client, owner):
    made = [make_dataset(owner=owner, name=name) for name in ("b", "Zähne", "a b", "ab")]
    client = token_client(owner)
    page = client.get(f"{LIST}?limit=1").json()
    found = [row["name"] for row in page["items"]]
    DatasetMember.objects.filter(dataset=made[1]).update(removed_at=timezone.now())
    make_dataset(owner=owner, name="A before all of them")
    while page["next"]:
        response = client.get(page["next"])
        page = response.json()
        found += names(response)
    assert found == ["Zähne", "a b", "ab", "b"]


def test_of_a_dataset_that_would_bias_ratings_only_the_name_is_told(token_client, owner):
    dataset = make_dataset(owner=owner, name="Teeth")
    make_item(dataset, "a.png", labelled=True)
    make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), owner)
    client = token_client(owner)
    row = client.get(LIST).json()["items"][0]
    assert (row["name"], row["blinded"]) == ("Teeth", True)
    assert [row["items"], row["labelled"], row["imported_at"]] == [None, None, None]
    assert is_problem(client.get(one(dataset)), 403, "not-allowed")


def test_making_a_dataset_is_the_same_act_as_on_the_page(token_client, owner):
    response = token_client(owner, ["manage"]).post(LIST, {"name": " STS-Tooth "})
    dataset = Dataset.objects.get()
    assert (response.status_code, dataset.name) == (201, "STS-Tooth")
    assert response["Location"] == one(dataset)
    assert response.json()["id"] == dataset.pk
    acts = Event.objects.filter(chain__name=f"dataset:{dataset.pk}").order_by("number")
    assert [act.action for act in acts] == ["dataset.created", "dataset.member_added"]
    assert {act.actor for act in acts} == {str(owner.opaque_id)}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": 5}, "/name"),
        ({"name": None}, "/name"),
        ({"name": "x" * 121}, "/name"),
        ({"name": "a\0b"}, "/name"),
        ({"name": "Teeth", "nmae": "Teeth"}, "/nmae"),
    ],
)
def test_a_wrong_body_names_the_field(token_client, owner, body, field):
    response = token_client(owner).post(LIST, body)
    assert is_problem(response, 422, "invalid")
    assert {fault["field"] for fault in response.json()["errors"]} == {field}
    assert not Dataset.objects.exists()


def test_a_name_that_is_taken_is_refused(token_client, owner):
    make_dataset(owner=owner, name="Teeth")
    response = token_client(owner).post(LIST, {"name": "Teeth"})
    assert is_problem(response, 409, "refused")
    assert "There is a dataset named Teeth already" in response.json()["detail"]
    assert fields_at_fault(response) == ["/name"]


def test_the_same_key_makes_one_dataset(token_client, owner):
    client = token_client(owner)
    key = {"Idempotency-Key": "6d1c"}
    first = client.post(LIST, {"name": "Teeth"}, headers=key)
    again = client.post(LIST, {"name": "Teeth"}, headers=key)
    other = client.post(LIST, {"name": "Bones"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert is_problem(other, 422, "idempotency-key-reused")
    assert Dataset.objects.count() == 1


def test_people_without_the_permission_are_refused(token_client, session_client, client):
    dataset = make_dataset()
    rater = make_user()
    for program in (token_client(rater), session_client(rater)):
        assert is_problem(program.get(LIST), 403, "not-allowed")
        assert is_problem(program.post(LIST, {"name": "Teeth"}), 403, "not-allowed")
        assert is_problem(program.get(one(dataset)), 403, "not-allowed")
    assert is_problem(client.get(LIST), 401, "log-in")
    assert Dataset.objects.count() == 1


def test_somebody_elses_dataset_is_not_there(token_client, owner):
    assert is_problem(token_client(owner).get(one(make_dataset())), 404, "not-found")


def test_scopes(token_client, owner):
    dataset = make_dataset(owner=owner)
    for scope, reads, writes in (("read", 200, 403), ("rate", 403, 403), ("manage", 200, 201)):
        client = token_client(owner, [scope])
        assert client.get(LIST).status_code == reads
        assert client.get(one(dataset)).status_code == reads
        assert client.post(LIST, {"name": f"By {scope}"}).status_code == writes


def test_a_token_for_one_study_reaches_its_dataset_only(token_client, owner):
    own, other = make_dataset(owner=owner, name="Own"), make_dataset(owner=owner, name="Other")
    study = make_study(dataset=own, coordinator=owner)
    client = token_client(owner, study=study)
    assert names(client.get(LIST)) == ["Own"]
    assert client.get(one(own)).status_code == 200
    assert is_problem(client.get(one(other)), 404, "not-found")
    assert is_problem(client.post(LIST, {"name": "New"}), 403, "token-limit")


def test_what_a_dataset_consists_of(token_client, owner):
    dataset = make_dataset(owner=owner)
    make_item(dataset, "a/1.png", labelled=True)
    make_item(dataset, "a/2.png")
    make_item(dataset, "b/1.png", category="C-PXI", mask_error="shape")
    missing = make_item(dataset, "b/2.png", category="C-PXI")
    type(missing).objects.filter(pk=missing.pk).update(state="missing")
    place = reverse("api:show_composition", args=[dataset.pk])
    told = token_client(owner, ["read"]).get(place).json()
    names = ("total", "labelled", "unlabelled", "usable", "missing", "held_back")
    rows = {row["category"]: [row["counts"][name] for name in names] for row in told["categories"]}
    assert rows == {"A-PXI": [2, 1, 1, 2, 0, 0], "C-PXI": [2, 0, 2, 0, 1, 1]}
    assert [told["total"][name] for name in names] == [4, 1, 3, 2, 1, 1]
    assert {row["group"] for row in told["categories"]} == {"STS-2D-Tooth"}
    # Of 1,000 bytes each, and a mask of 100
    assert (told["image_bytes"], told["mask_bytes"]) == (4000, 100)
    assert is_problem(token_client(make_user(coordinator=True)).get(place), 404, "not-found")
    make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), owner)
    assert is_problem(token_client(owner).get(place), 403, "not-allowed")
