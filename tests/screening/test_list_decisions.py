"""All decisions of a dataset, newest first."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from sts_qa.screening import views
from sts_qa.screening.actions import decide
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_dataset, make_item, make_user


@pytest.fixture
def owner(db):
    return make_user(coordinator=True)


@pytest.fixture
def dataset(owner):
    return make_dataset(owner=owner)


@pytest.fixture
def address(dataset) -> str:
    return reverse("screening:list_decisions", args=[dataset.pk])


@pytest.fixture
def decided(dataset, owner):
    """Items 0 to 4 excluded in this order, then item 1 kept."""
    items = [make_item(dataset, f"A-PXI/{number}.png") for number in range(5)]
    for item in items:
        decide(item=item, outcome="exclude", reason="outlier", acting_user=owner)
    decide(item=items[1], outcome="keep", reason="other", note="<i>Fine</i>", acting_user=owner)
    return items


def keys(response) -> list[str]:
    return [decision.item.key[6:7] for decision in response.context["decisions"]]


def test_without_decisions_it_says_where_they_are_taken(client, dataset, owner, address):
    client.force_login(owner)
    page = text_of(client.get(address))
    assert "No decisions yet" in page
    assert reverse("catalogue:list_items", args=[dataset.pk]) in page


def test_the_newest_comes_first_and_what_holds_no_longer_is_said(client, decided, owner, address):
    client.force_login(owner)
    response = client.get(address)
    assert keys(response) == ["1", "4", "3", "2", "1", "0"]
    rows = re.findall(r"<tr.*?</tr>", text_of(response))[1:]
    assert ["holds no longer" in row for row in rows] == 4 * [False] + [True, False]
    assert "&lt;i&gt;Fine&lt;/i&gt;" in rows[0]
    assert str(owner) in rows[0]


def test_decisions_of_other_datasets_are_not_there(client, decided, owner, address):
    other = make_item(make_dataset(owner=owner), "A-PXI/9.png")
    decide(item=other, outcome="exclude", reason="outlier", acting_user=owner)
    client.force_login(owner)
    assert "9" not in keys(client.get(address))


def test_long_histories_come_in_pages(client, decided, owner, address, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 4)
    client.force_login(owner)
    first = client.get(address)
    assert (keys(first), first.context["previous_url"]) == (["1", "4", "3", "2"], "")
    second = client.get(address + first.context["next_url"])
    assert (keys(second), second.context["next_url"]) == (["1", "0"], "")
    assert keys(client.get(address + second.context["previous_url"])) == keys(first)


def test_only_members_may(client, dataset, address):
    assert answers(client, dataset, lambda: client.get(address)) == CLOSED
