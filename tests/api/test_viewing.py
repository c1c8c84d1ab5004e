"""Settings for viewing by the API: show_viewing, set_viewing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries.viewing import viewing_settings
from sts_qa.studies.models import Study
from tests.api.conftest import is_problem
from tests.factories import make_dataset, make_item, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db
BONE = {"name": {"en": "Bone", "zh-hans": "骨"}, "kind": "volume", "centre": "300", "width": "2000"}
WIDE = {"name": {"en": "Wide"}, "kind": "radiograph", "low": "0.5", "high": "99.5"}
SETTINGS = {
    "categories": [{"category": "A-PXI", "height_mm": "0.1", "width_mm": "0.08"}],
    "presets": [BONE, WIDE],
    "values_are_hounsfield": True,
}


@pytest.fixture
def dataset(owner):
    dataset = make_dataset(owner=owner, name="Teeth")
    make_item(dataset, "a/1.png")
    make_item(dataset, "c/1.png", category="C-PXI")
    return dataset


@pytest.fixture
def program(token_client, owner):
    return token_client(owner)


def place(dataset) -> str:
    return reverse("api:set_viewing", args=[dataset.pk])


def put(client, dataset, settings: dict):
    return client.put(place(dataset), settings, content_type="application/json")


def test_storing_is_the_same_act_as_on_the_page(program, dataset, owner):
    response = put(program, dataset, SETTINGS)
    assert response.status_code == 200, response.content
    stored = viewing_settings(Dataset.objects.get())
    assert stored["categories"] == {
        "A-PXI": {"pixel_height": 0.1, "pixel_width": 0.08, "source": "spacing"},
        "C-PXI": {"pixel_height": 1.0, "pixel_width": 1.0, "source": "square"},
    }
    assert stored["presets"] == [
        {"name": BONE["name"], "kind": "volume", "centre": 300.0, "width": 2000.0},
        {"name": WIDE["name"], "kind": "radiograph", "percentiles": ["0.5", "99.5"]},
    ]
    assert stored["hounsfield"] is True
    act = Event.objects.get(action="dataset.viewing_set")
    assert (act.actor, act.details) == (str(owner.opaque_id), stored)


def test_what_is_shown_can_be_sent_back(program, dataset):
    put(program, dataset, SETTINGS)
    told = program.get(place(dataset)).json()
    nothing = {"height_mm": None, "width_mm": None, "ratio": None}
    assert told == {
        "categories": [
            {"category": "A-PXI", "height_mm": "0.1", "width_mm": "0.08", "ratio": None},
            {"category": "C-PXI", **nothing},
        ],
        "presets": [
            {**BONE, "low": None, "high": None},
            {**WIDE, "centre": None, "width": None},
        ],
        "values_are_hounsfield": True,
    }
    assert put(program, dataset, told).json() == told
    assert Event.objects.filter(action="dataset.viewing_set").count() == 1


def test_categories_that_are_left_out_stay_as_they_are(program, dataset):
    put(program, dataset, SETTINGS)
    only = [{"category": "C-PXI", "ratio": "1.25"}]
    told = put(program, dataset, {**SETTINGS, "categories": only}).json()
    assert [row["height_mm"] for row in told["categories"]] == ["0.1", None]
    assert [row["ratio"] for row in told["categories"]] == [None, "1.25"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"categories": [{"category": "No"}]}, "/categories/0/category"),
        ({"categories": [{"category": "A-PXI"}] * 2}, "/categories/0/category"),
        ({"categories": [{"category": "A-PXI", "height_mm": "1"}]}, "/categories/0/width_mm"),
        ({"categories": [{"category": "A-PXI", "ratio": "-1"}]}, "/categories/0/ratio"),
        ({"categories": [{"category": "A-PXI", "ratio": 2}]}, "/categories/0/ratio"),
        ({"presets": [WIDE, {**WIDE, "low": "99.9"}]}, "/presets/1/high"),
        ({"presets": [{**WIDE, "high": None}]}, "/presets/0/high"),
        ({"presets": [{**BONE, "width": "0"}]}, "/presets/0/width"),
        ({"presets": [{**BONE, "low": "1", "high": "2"}]}, "/presets/0"),
        ({"presets": [{**BONE, "name": {"en": "a\tb"}}]}, "/presets/0/name/en"),
        ({"presets": [{**BONE, "name": {"zh-hans": "骨"}}]}, "/presets/0/name/en"),
        ({"presets": [{**BONE, "name": {"en": "B", "xx": "B"}}]}, "/presets/0/name/xx"),
        ({"presets": [BONE, BONE]}, "/presets"),
        ({"presets": [WIDE] * 13}, "/presets"),
        ({"values_are_hounsfield": None}, "/values_are_hounsfield"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_stored(program, dataset, change, field):
    response = put(program, dataset, {**SETTINGS, **change})
    assert is_problem(response, 422, "invalid"), response.content
    assert field in [fault["field"] for fault in response.json()["errors"]]
    assert not Event.objects.filter(action="dataset.viewing_set").exists()


def test_who_must_not_see_the_dataset_neither_reads_nor_stores(
    program, token_client, dataset, owner
):
    stranger = token_client(make_user(coordinator=True))
    assert is_problem(stranger.get(place(dataset)), 404, "not-found")
    assert is_problem(put(stranger, dataset, SETTINGS), 404, "not-found")
    make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), owner)
    assert is_problem(program.get(place(dataset)), 403, "not-allowed")
    assert is_problem(put(program, dataset, SETTINGS), 403, "not-allowed")
    assert not Event.objects.filter(action="dataset.viewing_set").exists()
