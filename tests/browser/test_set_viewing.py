"""What raters would see is told while it is typed, and presets come and go by row."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from sts_qa.catalogue.models import ImageKind
from tests.factories import make_dataset, make_item, make_user


@pytest.fixture
def dataset(transactional_db):
    dataset = make_dataset(owner=make_user("cora", coordinator=True))
    make_item(dataset, "a.png", shape=(320, 640))
    make_item(dataset, "c.png", category="C-PXI", shape=(1316, 2812))
    make_item(dataset, "v.nii.gz", category="CBCT", kind=ImageKind.VOLUME, shape=(9, 8, 7))
    return dataset


def test_settings_are_explained_while_they_are_typed(dataset, open_page):
    page = open_page(dataset.created_by)
    page.goto(reverse("catalogue:set_viewing", args=[dataset.pk]))
    row = page.get_by_role("row", name="A-PXI")
    expect(row).to_contain_text("A 640 × 320 image is shown as it is")
    row.get_by_label("Ratio height / width").fill("1.097")
    expect(row).to_contain_text("A 640 × 320 image is shown 640 × 351")

    page.get_by_label("Preset 1 · Name in English").fill("Roots")
    page.get_by_label("Preset 1 · First percentile").fill("2")
    page.get_by_label("Preset 1 · Second percentile").fill("98")
    expect(page.get_by_role("cell", name="2 % to 98 %")).to_be_visible()
    page.get_by_label("Preset 2 · Name in English").fill("Bone")
    page.get_by_role("button", name="Add a row").click()
    third = page.get_by_label("Preset 3 · Name in English")
    expect(third).to_be_visible()
    page.get_by_role("button", name="Remove preset 2").click()
    expect(third).to_have_count(0)
    expect(page.get_by_label("Preset 1 · Name in English")).to_have_value("Roots")
    expect(page.get_by_label("Preset 2 · Name in English")).to_have_value("")

    # Enter in a field stores everything and does not remove a row
    page.get_by_label("Preset 1 · Name in English").press("Enter")
    expect(page.get_by_text("The settings for viewing are stored")).to_be_visible()
    dataset.refresh_from_db()
    assert [preset["name"]["en"] for preset in dataset.window_presets] == ["Roots"]
    assert dataset.categories.get(name="A-PXI").pixel_ratio == 1.097
