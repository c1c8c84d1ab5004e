"""Saying how a dataset's images are to be seen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue import actions
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.models import Category, Dataset, ImageKind
from sts_qa.catalogue.queries.viewing import viewing_settings
from sts_qa.catalogue.viewing import PixelShape, Preset
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_item

BONE = {"name_en": "Bone edge", "kind": "volume", "centre": "500", "width": "2000"}
ROOTS = {"name_en": "Roots", "name_zh": "牙根", "kind": "radiograph", "low": "2.5", "high": "99"}


@pytest.fixture
def address(dataset) -> str:
    return reverse("catalogue:set_viewing", args=[dataset.pk])


@pytest.fixture
def category(dataset) -> Category:
    make_item(dataset, "a.png", shape=(320, 640))
    make_item(dataset, "v.nii.gz", category="CBCT", kind=ImageKind.VOLUME, shape=(9, 8, 7))
    return Category.objects.get(name="A-PXI")


@pytest.fixture
def post(client, owner, address, category):
    client.force_login(owner)

    def send(*presets: dict[str, str], follow: bool = False, **fields: str):
        return client.post(address, posted(category, *presets, **fields), follow=follow)

    return send


def posted(category: Category, *presets: dict[str, str], **fields: str) -> dict[str, str]:
    """Return what the form sends; fields of the category without their prefix."""
    own = {"height_mm", "width_mm", "ratio"}
    data = {"presets-TOTAL_FORMS": str(len(presets)), "presets-INITIAL_FORMS": "0"}
    for number, preset in enumerate(presets):
        data |= {f"presets-{number}-{name}": value for name, value in preset.items()}
    return data | {
        f"category-{category.pk}-{name}" if name in own else name: value
        for name, value in fields.items()
    }


def stored(dataset: Dataset) -> dict[str, Any]:
    return viewing_settings(Dataset.objects.get(pk=dataset.pk))


def test_the_settings_are_stored_on_record(post, dataset, owner, address):
    answer = post(BONE, ROOTS, ratio="1.097", values_are_hounsfield="on")
    assert (answer.status_code, answer.url) == (302, address)
    settings = {
        "categories": {
            "A-PXI": {"pixel_height": 1.097, "pixel_width": 1.0, "source": "ratio"},
            "CBCT": {"pixel_height": 1.0, "pixel_width": 1.0, "source": "square"},
        },
        "presets": [
            {"name": {"en": "Bone edge"}, "kind": "volume", "centre": 500.0, "width": 2000.0},
            {
                "name": {"en": "Roots", "zh-hans": "牙根"},
                "kind": "radiograph",
                "percentiles": ["2.5", "99"],
            },
        ],
        "hounsfield": True,
    }
    assert stored(dataset) == settings
    event = Event.objects.get(action="dataset.viewing_set")
    assert event.chain.name == f"dataset:{dataset.pk}"
    assert (event.actor, event.details) == (str(owner.opaque_id), settings)


def test_millimetres_hold_in_place_of_a_ratio(post, dataset):
    post(ratio="2")
    post(height_mm="0.1", width_mm="0.05", ratio="")
    shape = stored(dataset)["categories"]["A-PXI"]
    assert shape == {"pixel_height": 0.1, "pixel_width": 0.05, "source": "spacing"}


def test_what_is_emptied_is_taken_back(post, dataset):
    post(BONE, ratio="2", values_are_hounsfield="on")
    post({"name_en": "", "kind": "volume"}, ratio="")
    settings = stored(dataset)
    assert settings["categories"]["A-PXI"]["source"] == "square"
    assert (settings["presets"], settings["hounsfield"]) == ([], False)


def test_storing_the_same_again_is_no_event(post):
    post(BONE, ratio="2")
    assert "Nothing was changed" in text_of(post(BONE, ratio="2.0", follow=True))
    assert Event.objects.filter(action="dataset.viewing_set").count() == 1


def test_the_page_shows_what_is_stored_and_says_who_keeps_older_settings(client, post, address):
    post(BONE, ROOTS, ratio="1.097")
    response = client.get(address)
    page = text_of(response)
    viewing = response.context["viewing"]
    assert [form["name_en"].value() for form in viewing.rows.forms[:2]] == ["Bone edge", "Roots"]
    assert viewing.shapes[0]["ratio"].value() == "1.097"
    assert "studies that have started keep those of their start" in page
    # 320 × 1.097 = 351.04; 500 ± 1000
    assert "<strong>640 × 351</strong>" in page
    assert "-500 to 1500" in page
    assert "2.5 % to 99 %" in page


def test_empty_rows_wait_for_presets(client, owner, address, category):
    client.force_login(owner)
    viewing = client.get(address).context["viewing"]
    assert [form["name_en"].value() for form in viewing.rows.forms] == [None, None]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"height_mm": "0.1"}, "width_mm"),
        ({"width_mm": "0.1"}, "height_mm"),
        ({"height_mm": "0.1", "width_mm": "0.1", "ratio": "1"}, "ratio"),
        ({"ratio": "0"}, "ratio"),
        ({"ratio": "-1"}, "ratio"),
        ({"ratio": "1000.1"}, "ratio"),
        ({"ratio": "NaN"}, "ratio"),
        ({"ratio": "Infinity"}, "ratio"),
        ({"ratio": "wide"}, "ratio"),
        ({"height_mm": "1001", "width_mm": "1"}, "height_mm"),
    ],
)
def test_a_shape_that_cannot_be_is_refused_at_its_field(post, dataset, fields, wrong):
    answer = post(**fields)
    form = answer.context["viewing"].shapes[0]
    assert (answer.status_code, list(form.errors)) == (422, [wrong])
    assert f'href="#{form[wrong].auto_id}"' in answer.content.decode()
    assert stored(dataset)["categories"]["A-PXI"]["source"] == "square"


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"name_en": ""}, "name_en"),
        ({"name_en": "x" * 121}, "name_en"),
        ({"kind": "drawing"}, "kind"),
        ({"low": ""}, "low"),
        ({"high": ""}, "high"),
        ({"low": "-0.1"}, "low"),
        ({"high": "100.1"}, "high"),
        ({"low": "0.55"}, "low"),
        ({"low": "99"}, "high"),
        ({"high": "NaN"}, "high"),
        ({"low": "", "high": ""}, "__all__"),
        ({"centre": "5", "width": "5"}, "__all__"),
        ({"low": "", "high": "", "centre": "5"}, "width"),
        ({"low": "", "high": "", "width": "5"}, "centre"),
        ({"low": "", "high": "", "centre": "5", "width": "0"}, "width"),
        ({"low": "", "high": "", "centre": "5", "width": "-1"}, "width"),
        ({"low": "", "high": "", "centre": "-10000001", "width": "1"}, "centre"),
    ],
)
def test_a_preset_that_cannot_be_is_refused_at_its_field(post, dataset, changed, wrong):
    answer = post(ROOTS | changed)
    form = answer.context["viewing"].rows.forms[0]
    assert (answer.status_code, list(form.errors)) == (422, [wrong])
    assert stored(dataset)["presets"] == []


def test_percentiles_may_be_the_ends(post, dataset):
    post(ROOTS | {"low": "0", "high": "100.0"})
    assert stored(dataset)["presets"][0]["percentiles"] == ["0", "100"]


def test_there_are_at_most_twelve_presets(post, dataset):
    presets = [BONE | {"name_en": f"Preset {number}"} for number in range(13)]
    assert "at most 12" in text_of(post(*presets))
    assert stored(dataset)["presets"] == []
    post(*presets[:12])
    assert len(stored(dataset)["presets"]) == 12


def test_two_presets_of_one_kind_have_two_names(post, dataset):
    assert post(BONE, BONE).status_code == 422
    assert post(BONE, BONE | {"kind": "radiograph"}).status_code == 302
    assert len(stored(dataset)["presets"]) == 2


def test_a_row_is_added_and_removed_without_losing_what_is_typed(post, dataset):
    half_typed = {"name_en": "Half", "kind": "radiograph"}
    answer = post(half_typed, ratio="wide", add_row="1")
    viewing = answer.context["viewing"]
    assert answer.status_code == 200
    assert [form["name_en"].value() for form in viewing.rows.forms] == ["Half", None]
    assert viewing.shapes[0]["ratio"].value() == "wide"
    # Nobody has asked for it to be stored yet
    assert "errorlist" not in answer.content.decode()

    answer = post(half_typed, BONE, ROOTS, remove_row="1")
    rows = answer.context["viewing"].rows.forms
    assert [form["name_en"].value() for form in rows] == ["Half", "Roots"]
    assert stored(dataset)["presets"] == []


def test_no_more_rows_are_offered_than_there_may_be(post):
    presets = [BONE | {"name_en": f"Preset {number}"} for number in range(12)]
    answer = post(*presets, add_row="1")
    assert len(answer.context["viewing"].rows.forms) == 12
    assert 'name="add_row"' not in answer.content.decode()


def test_without_script_the_page_works_out_what_raters_would_see(post, dataset):
    answer = post(ratio="1.097", preview="1")
    assert (answer.status_code, "640 × 351" in text_of(answer)) == (200, True)
    assert stored(dataset)["categories"]["A-PXI"]["source"] == "square"


def test_a_dataset_of_volumes_has_no_pixels_to_state(client, owner, dataset, address):
    make_item(dataset, "v.nii.gz", category="CBCT", kind=ImageKind.VOLUME, shape=(9, 8, 7))
    client.force_login(owner)
    assert "There are no radiographs yet" in text_of(client.get(address))


@pytest.mark.parametrize(
    "settings",
    [
        {"shapes": {1: PixelShape(height_mm=Decimal(1))}, "presets": []},
        {"shapes": {}, "presets": [Preset({"en": "Bone"}, "volume", centre=Decimal(1))]},
        {
            "shapes": {},
            "presets": [Preset({"en": "Bone"}, "volume", (Decimal(number), Decimal(100)))
                        for number in range(13)],
        },
    ],
)  # fmt: skip
def test_programs_are_refused_the_same(dataset, owner, settings):
    with pytest.raises(CatalogueRefused):
        actions.set_viewing(
            dataset=dataset, values_are_hounsfield=False, acting_user=owner, **settings
        )
    assert not Event.objects.filter(action="dataset.viewing_set").exists()


def test_categories_of_other_datasets_stay_as_they_are(dataset, owner, category):
    other = make_item(dataset, "b.png", category="B-PXI").category
    actions.set_viewing(
        dataset=dataset,
        shapes={category.pk: PixelShape(ratio=Decimal(2))},
        presets=[],
        values_are_hounsfield=False,
        acting_user=owner,
    )
    other.refresh_from_db()
    assert other.pixel_ratio is None


def test_it_is_a_tab_of_the_dataset(client, owner, dataset, address):
    client.force_login(owner)
    page = client.get(reverse("catalogue:show_dataset", args=[dataset.pk])).content.decode()
    assert f'href="{address}"' in page


def test_only_members_may(client, dataset, address, category):
    assert answers(client, dataset, lambda: client.get(address)) == CLOSED
    data = posted(category, ratio="2")
    assert answers(client, dataset, lambda: client.post(address, data)) == CLOSED
    assert stored(dataset)["categories"]["A-PXI"]["source"] == "square"
