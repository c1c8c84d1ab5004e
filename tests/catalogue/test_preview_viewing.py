"""What would come of settings for viewing while they are typed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.catalogue.models import Category
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.catalogue.test_set_viewing import BONE, posted
from tests.factories import make_item


@pytest.fixture
def address(dataset) -> str:
    return reverse("catalogue:preview_viewing", args=[dataset.pk])


@pytest.fixture
def category(dataset) -> Category:
    for number in range(2):
        make_item(dataset, f"{number}.png", shape=(320, 640))
    return make_item(dataset, "other.png", shape=(1000, 1000)).category


@pytest.fixture
def preview(client, owner, address, category):
    client.force_login(owner)

    def ask(*presets: dict[str, str], **fields: str) -> str:
        answer = client.post(address, posted(category, *presets, **fields))
        assert answer.status_code == 200
        return text_of(answer)

    return ask


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "A 640 × 320 image is shown as it is"),
        # 320 × 1.097 = 351.04
        ({"ratio": "1.097"}, "is shown <strong>640 × 351</strong>"),
        ({"ratio": "0.5"}, "is shown <strong>640 × 160</strong>"),
        # Twice as high as wide; 640 × 0.05 mm by 320 × 0.1 mm
        (
            {"height_mm": "0.1", "width_mm": "0.05"},
            'is shown <strong>640 × 640</strong> <span class="unit">32 × 32 mm</span>',
        ),
        ({"height_mm": "0.1"}, "Cannot be used as typed"),
        ({"ratio": "1,0"}, "Cannot be used as typed"),
    ],
)
def test_it_says_how_the_most_frequent_size_would_be_shown(preview, fields, said):
    page = preview(**fields)
    assert said in page
    assert "the most frequent of 2 sizes" in page
    assert "errorlist" not in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "-500 to 1500"),
        ({"centre": "0.5", "width": "1"}, "0 to 1"),
        ({"centre": "", "width": "", "low": "0.5", "high": "99.5"}, "0.5 % to 99.5 %"),
        ({"width": "0"}, "–"),
        ({"width": "many"}, "–"),
    ],
)
def test_it_says_which_window_a_preset_sets(preview, changed, said):
    page = preview(BONE | changed)
    assert f'<div id="shown-presets-0" hx-swap-oob="true"> {said}' in page.replace(
        '<span class="muted">–</span>', "–"
    )


def test_nothing_is_stored(preview, category):
    preview(BONE, ratio="2")
    category.refresh_from_db()
    assert category.pixel_ratio is None
    assert category.dataset.window_presets == []


def test_it_is_no_link(client, owner, address):
    client.force_login(owner)
    assert client.get(address).status_code == 405


def test_only_members_may(client, dataset, address, category):
    data = posted(category, ratio="2")
    assert answers(client, dataset, lambda: client.post(address, data)) == CLOSED
