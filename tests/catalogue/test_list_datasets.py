"""The list of datasets: one's own ones only, and of closed ones no more than the name."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.catalogue.actions import remove_member
from tests.catalogue.folders import mask_png, png
from tests.catalogue.roles import text_of
from tests.factories import make_dataset, make_item, make_membership, make_study, make_user

ADDRESS = "/datasets/"
pytestmark = pytest.mark.django_db


def test_the_navigation_leads_here():
    assert reverse("catalogue:list_datasets") == ADDRESS


def test_without_datasets_it_says_what_to_do(client, owner):
    client.force_login(owner)
    page = text_of(client.get(ADDRESS))
    assert "No datasets yet" in page
    assert reverse("catalogue:create_dataset") in page
    assert "<table" not in page


def test_counts_and_the_last_import_stand_beside_the_name(client, dataset, owner, write, bring_in):
    bring_in(
        dataset,
        write(
            {
                "A/labelled/image/1.png": png(1),
                "A/labelled/mask/1.png": mask_png(),
                "A/unlabelled/2.png": png(2),
            }
        ),
    )
    make_dataset(owner=owner, name="Another")
    client.force_login(owner)
    response = client.get(ADDRESS)
    rows = {row.dataset.name: row.dataset for row in response.context["rows"]}
    assert list(rows) == ["Another", "Teeth"]
    assert (rows["Teeth"].item_count, rows["Teeth"].labelled_count) == (2, 1)
    assert rows["Teeth"].imported_at == dataset.imports.get().applied_at
    assert (rows["Another"].item_count, rows["Another"].imported_at) == (0, None)
    assert "Nothing imported yet" in text_of(response)


def test_datasets_of_others_and_those_one_was_removed_from_are_not_there(client, dataset, owner):
    make_dataset(name="Of somebody else")
    person = make_user(coordinator=True)
    client.force_login(person)
    assert "No datasets yet" in text_of(client.get(ADDRESS))

    client.force_login(owner)
    assert "Teeth" in text_of(client.get(ADDRESS))
    make_dataset(owner=owner, name="Left")
    left = make_dataset(owner=person, name="Left, too")
    left.members.create(user=owner)
    remove_member(dataset=left, user=owner, acting_user=person)
    page = text_of(client.get(ADDRESS))
    assert "Of somebody else" not in page
    assert "Left, too" not in page


def test_of_a_dataset_one_rates_only_the_name_is_told(client, dataset, owner):
    for number in range(7):
        make_item(dataset, f"A/{number}.png")
    make_membership(make_study(dataset=dataset), owner)
    client.force_login(owner)
    page = text_of(client.get(ADDRESS))
    assert "Closed to you while you rate" in page
    assert reverse("catalogue:show_dataset", args=[dataset.pk]) not in page
    assert '<td class="num">7</td>' not in page


def test_the_number_of_queries_does_not_grow_with_the_items(
    client, dataset, owner, django_assert_max_num_queries
):
    for number in range(30):
        make_item(dataset, f"A/{number}.png")
    client.force_login(owner)
    with django_assert_max_num_queries(8):
        client.get(ADDRESS)


def test_people_without_the_permission_are_refused(client):
    client.force_login(make_user())
    assert client.get(ADDRESS).status_code == 403
    client.logout()
    assert client.get(ADDRESS).url.startswith(reverse("accounts:log_in"))
