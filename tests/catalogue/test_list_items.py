"""Looking through the items of a dataset."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sts_qa.catalogue.models import Item
from sts_qa.catalogue.views import items as views
from sts_qa.screening.actions import decide
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_item


@pytest.fixture
def address(dataset) -> str:
    return reverse("catalogue:list_items", args=[dataset.pk])


@pytest.fixture
def filled(dataset, owner, settings, tmp_path):
    """5 radiographs, the first labelled, and 2 volumes, the second one missing."""
    settings.DATA_FOLDER = tmp_path / "var"
    for number in range(5):
        make_item(dataset, f"A-PXI/{number}.png", labelled=number == 0)
    for number in range(2):
        make_item(
            dataset,
            f"STS-3D/{number}.nii.gz",
            category="STS-3D-Tooth",
            kind="volume",
            shape=(4, 4, 4),
        )
    Item.objects.filter(key="STS-3D/1.nii.gz").update(state="missing")
    excluded = dataset.items.get(key="A-PXI/3.png")
    decide(item=excluded, outcome="exclude", reason="outlier", acting_user=owner)
    return dataset


def names(response) -> list[str]:
    return [entry["name"] for entry in response.context["entries"]]


def test_an_empty_dataset_says_to_import(client, dataset, owner, address):
    client.force_login(owner)
    page = text_of(client.get(address))
    assert "Import images into this dataset first." in page
    assert "<select" not in page


def test_all_items_are_listed_with_what_matters_of_each(client, filled, owner, address):
    client.force_login(owner)
    response = client.get(address)
    assert names(response) == [
        "0.png", "1.png", "2.png", "3.png", "4.png", "0.nii.gz", "1.nii.gz",
    ]  # fmt: skip
    page = text_of(response)
    assert "7 items" in page
    cards = re.findall(r"<li> <a class=.thumbnail.*?</li>", page)
    assert [("Excluded" in card, "Missing" in card) for card in cards[3:]] == [
        (True, False),
        (False, False),
        (False, False),
        (False, True),
    ]
    assert [">Labelled<" in card for card in cards] == [True] + 6 * [False]


def test_pictures_of_volumes_are_asked_for_one_after_the_other(client, filled, owner, address):
    """A radiograph's is an ordinary image; that of a missing file is not asked for at all."""
    client.force_login(owner)
    page = client.get(address).content.decode()
    assert len(re.findall(r'<img src="[^"]*/thumbnail.png"', page)) == 5
    assert len(re.findall(r'<img data-later="[^"]*/thumbnail.png"', page)) == 1
    assert page.count(">No picture<") == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("labelled=yes", ["0.png"]),
        ("labelled=no&standing=usable", ["1.png", "2.png", "4.png", "0.nii.gz"]),
        ("standing=excluded", ["3.png"]),
        ("standing=missing", ["1.nii.gz"]),
        ("text=3d/0", ["0.nii.gz"]),
        ("standing=held_back", []),
    ],
)
def test_filters_narrow_the_list_and_stay_in_its_links(
    client, filled, owner, address, query, expected
):
    client.force_login(owner)
    response = client.get(f"{address}?{query}")
    assert names(response) == expected
    links = re.findall(r'class="thumbnail" href="[^"?]+\?([^"]+)"', response.content.decode())
    assert [unquote(unescape(link)) for link in links] == [query] * len(expected)
    assert ("No item is like this" in text_of(response)) == (not expected)


def test_a_category_is_chosen_by_its_id_in_this_dataset_only(client, filled, owner, address):
    client.force_login(owner)
    category = filled.categories.get(name="STS-3D-Tooth")
    assert names(client.get(f"{address}?category={category.pk}")) == ["0.nii.gz", "1.nii.gz"]
    response = client.get(f"{address}?category={category.pk + 100}")
    assert len(names(response)) == 7
    assert "category" in response.context["form"].errors


@pytest.mark.parametrize("query", ["standing=lost", "labelled=maybe", "after=x", "before=-1"])
def test_what_cannot_be_understood_filters_nothing(client, filled, owner, address, query):
    client.force_login(owner)
    response = client.get(f"{address}?{query}")
    assert response.status_code == 200
    assert len(names(response)) == 7


def test_pages_keep_the_filter_and_meet_every_item_once(
    client, filled, owner, address, monkeypatch
):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    client.force_login(owner)
    response = client.get(f"{address}?labelled=no")
    seen = names(response)
    while query := response.context["next_url"]:
        assert "labelled=no" in query
        response = client.get(address + query)
        seen += names(response)
    assert seen == ["1.png", "2.png", "3.png", "4.png", "0.nii.gz", "1.nii.gz"]


def test_queries_do_not_grow_with_the_page(client, filled, owner, address, monkeypatch):
    client.force_login(owner)
    counts = []
    for size in (2, 48):
        monkeypatch.setattr(views, "PAGE_SIZE", size)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_only_members_may(client, dataset, address):
    assert answers(client, dataset, lambda: client.get(address)) == CLOSED
