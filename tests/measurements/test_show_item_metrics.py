"""The metrics of one item: values, their place in the category, and what is missing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sts_qa.catalogue.models import Item, ItemVersion
from sts_qa.science.metrics.table import METRICS
from sts_qa.studies.models import Study
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_dataset, make_item, make_membership, make_study
from tests.measurements.images import add_radiograph

SUMMARY = {
    "counted": 7,
    "median": 4.0,
    "quartile_1": 3.0,
    "quartile_3": 5.5,
    "worst_5_percent": 9.0,
    "worst_slice": 2,
    "iqr": 2.5,
    "missing": {},
}


def address_of(key: str) -> str:
    item = Item.objects.get(key=key)
    return reverse("measurements:show_item_metrics", args=[item.dataset_id, item.pk])


@pytest.fixture
def show(client, coordinator):
    client.force_login(coordinator)
    return lambda key: client.get(address_of(key))


def rows_of(response) -> dict:
    return {row["name"]: row for family in response.context["families"] for row in family["rows"]}


def test_a_value_stands_with_its_percentile_in_the_category(show, dataset, store):
    for number, value in enumerate([2.0, 8.0, 2.0, 5.0]):
        store(f"A-PXI/{number:02}.png", "noise_sigma", value)
    store("A-PXI/01.png", "rms_contrast", 0.3)
    # Another category
    store("3D/0.nii.gz", "noise_sigma", 1.0)

    rows = rows_of(show("A-PXI/00.png"))
    # Two of four are equal, which count half
    assert (rows["noise_sigma"]["value"], rows["noise_sigma"]["percentile"]) == ("2", "25")
    rows = rows_of(show("A-PXI/01.png"))
    assert rows["noise_sigma"]["percentile"] == "88"
    assert rows["rms_contrast"]["percentile"] == "50"


def test_what_is_missing_says_why(show, dataset, store):
    store("A-PXI/02.png", "tooth_background_auc", None, "no mask")
    rows = rows_of(show("A-PXI/02.png"))
    assert (rows["tooth_background_auc"]["value"], rows["tooth_background_auc"]["reason"]) == (
        "–",
        "no mask",
    )
    assert rows["noise_sigma"]["reason"] == "not computed yet"
    assert set(rows) == {
        name
        for name, metric in METRICS.items()
        if "radiograph" in metric.kinds and not metric.needs_reference
    }


def test_values_of_a_mask_that_is_held_back_are_not_shown_or_counted(show, dataset, store):
    for number, value in enumerate([0.5, 0.9]):
        store(f"A-PXI/{number:02}.png", "tooth_background_auc", value)
        store(f"A-PXI/{number:02}.png", "noise_sigma", value)
    ItemVersion.objects.filter(item__key="A-PXI/00.png").update(
        mask_error=ItemVersion.MaskError.AFFINE
    )
    held_back = rows_of(show("A-PXI/00.png"))
    assert held_back["tooth_background_auc"]["value"] == "–"
    assert held_back["tooth_background_auc"]["reason"] == "mask held back"
    other = rows_of(show("A-PXI/01.png"))
    assert (other["tooth_background_auc"]["percentile"], other["noise_sigma"]["percentile"]) == (
        "50",
        "75",
    )


def test_a_volume_shows_the_spread_of_its_slices_and_leads_to_the_worst(
    show, client, dataset, store
):
    store("3D/0.nii.gz", "noise_sigma", 4.0, summary=SUMMARY)
    response = show("3D/0.nii.gz")
    row = rows_of(response)["noise_sigma"]
    assert (row["value"], row["quartiles"], row["worst_5_percent"], row["slices"]) == (
        "4",
        "3 to 5.500",
        "9",
        7,
    )
    # The slice of index 2 is the third
    assert ">Slice 3</a>" in text_of(response)
    opened = client.get(row["worst_url"]).context
    assert (opened["item"].key, opened["slice_number"], opened["slice_count"]) == (
        "3D/0.nii.gz",
        3,
        8,
    )


def test_a_volume_shows_the_grey_values_on_which_its_values_stand(show, dataset, store):
    scale = {"black": -1000.0, "white": 2300.5, "metal_level": 3640.0}
    # One was stored before they were kept
    store("3D/0.nii.gz", "rms_contrast", 4.0, summary=SUMMARY)
    store("3D/0.nii.gz", "noise_sigma", 4.0, summary={**SUMMARY, **scale})
    store("3D/1.nii.gz", "noise_sigma", 4.0, summary=SUMMARY)
    page = text_of(show("3D/0.nii.gz"))
    assert "from black, -1,000 in the file, to white, 2,300" in page
    assert "Above 3,640 lies metal." in page
    assert "from black" not in text_of(show("3D/1.nii.gz"))


def test_a_metric_without_a_direction_has_no_worst_slice(show, dataset, store):
    summary = {**SUMMARY, "worst_5_percent": None, "worst_slice": None}
    store("3D/0.nii.gz", "noise_sigma", 4.0, summary=summary)
    row = rows_of(show("3D/0.nii.gz"))["noise_sigma"]
    assert (row["worst_5_percent"], row["worst_url"]) == ("–", "")


def test_further_masks_stand_with_their_agreement(show, dataset, store, agreement, add_mask):
    first, second = add_mask("A-PXI/00.png", "Annotator 2"), add_mask("A-PXI/00.png", "Model")
    store("A-PXI/00.png", agreement, 0.8, mask=first)
    masks = show("A-PXI/00.png").context["masks"]
    assert [
        (mask["name"], *((r["value"], r["reason"]) for r in mask["rows"])) for mask in masks
    ] == [
        ("Annotator 2", ("0.8000", "")),
        ("Model", ("–", "not computed yet")),
    ]
    store("A-PXI/00.png", agreement, None, "no mask", mask=second)
    masks = show("A-PXI/00.png").context["masks"]
    assert masks[1]["rows"][0]["reason"] == "no mask"
    assert show("A-PXI/01.png").context["masks"] == []


def agreement_of(response) -> dict[str, str]:
    """Return the percentile of the only metric for each further mask."""
    return {mask["name"]: mask["rows"][0]["percentile"] for mask in response.context["masks"]}


def test_agreement_stands_with_its_percentile_among_the_same_further_masks(
    show, dataset, store, agreement, add_mask
):
    for number, value in enumerate([0.8, 0.9, 0.8, 0.95]):
        key = f"A-PXI/{number:02}.png"
        store(key, agreement, value, mask=add_mask(key, "Annotator 2"))
    # Another name, and another category
    store("A-PXI/00.png", agreement, 0.99, mask=add_mask("A-PXI/00.png", "Model"))
    store("3D/0.nii.gz", agreement, 0.1, mask=add_mask("3D/0.nii.gz", "Annotator 2"))
    # An older version of a mask, which nothing shows any more
    older, _newer = (add_mask("A-PXI/01.png", "Model", number) for number in (1, 2))
    store("A-PXI/01.png", agreement, 0.2, mask=older)

    response = show("A-PXI/00.png")
    # Two of four are equal, which count half
    assert agreement_of(response) == {"Annotator 2": "25", "Model": "50"}
    assert text_of(response).count(">Percentile<") == 3
    assert agreement_of(show("A-PXI/03.png")) == {"Annotator 2": "88"}
    assert agreement_of(show("3D/0.nii.gz")) == {"Annotator 2": "50"}


def test_agreement_with_a_mask_that_is_held_back_is_not_counted(
    show, dataset, store, agreement, add_mask
):
    for number, value in enumerate([0.8, 0.9]):
        key = f"A-PXI/{number:02}.png"
        store(key, agreement, value, mask=add_mask(key, "Annotator 2"))
    ItemVersion.objects.filter(item__key="A-PXI/00.png").update(
        mask_error=ItemVersion.MaskError.AFFINE
    )
    (mask,) = show("A-PXI/00.png").context["masks"]
    (row,) = mask["rows"]
    assert (row["value"], row["percentile"], row["reason"]) == ("–", "–", "mask held back")
    assert agreement_of(show("A-PXI/01.png")) == {"Annotator 2": "50"}


def test_the_item_s_page_leads_here(client, coordinator, dataset):
    client.force_login(coordinator)
    item = Item.objects.get(key="A-PXI/00.png")
    page = client.get(reverse("catalogue:show_item", args=[dataset.pk, item.pk]))
    assert address_of(item.key) in page.content.decode()


def test_an_item_that_was_never_readable_has_no_values(show, dataset):
    item = Item.objects.get(key="A-PXI/03.png")
    Item.objects.filter(pk=item.pk).update(state=Item.State.UNREADABLE, current_version=None)
    rows = rows_of(show("A-PXI/03.png"))
    assert {row["reason"] for row in rows.values()} == {"not computed yet"}


def test_the_page_takes_as_many_queries_for_many_values_as_for_few(
    show, dataset, store, tmp_path, django_assert_num_queries
):
    store("A-PXI/00.png", "noise_sigma", 1.0)
    show("A-PXI/00.png")
    with CaptureQueriesContext(connection) as few:
        show("A-PXI/00.png")
    for name, metric in METRICS.items():
        if name != "noise_sigma" and not metric.needs_reference:
            store("A-PXI/00.png", name, 1.0)
    for number in range(10, 20):
        add_radiograph(dataset, tmp_path / "source", number)
        store(f"A-PXI/{number:02}.png", "noise_sigma", 2.0)
    with django_assert_num_queries(len(few)):
        show("A-PXI/00.png")


def test_an_item_of_another_dataset_is_not_found_here(client, coordinator, dataset):
    elsewhere = make_item(make_dataset(), "A/1.png")
    client.force_login(coordinator)
    address = reverse("measurements:show_item_metrics", args=[dataset.pk, elsewhere.pk])
    assert client.get(address).status_code == 404


def test_only_members_may(client, dataset):
    address = address_of("A-PXI/00.png")
    assert answers(client, dataset, lambda: client.get(address)) == CLOSED


def test_a_rater_is_refused(client, dataset):
    study = make_study(dataset=dataset, state=Study.State.RUNNING)
    client.force_login(make_membership(study).user)
    assert client.get(address_of("A-PXI/00.png")).status_code == 403
