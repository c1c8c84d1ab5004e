"""The items behind a bar of a distribution, worst first, and those without a value."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from sts_qa.catalogue.models import Item, ItemVersion
from sts_qa.measurements.queries import summarise_dataset
from sts_qa.measurements.views import listing
from sts_qa.studies.models import Study
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_membership, make_study
from tests.measurements.images import add_radiograph


def address_of(dataset, metric: str, **query: object) -> str:
    address = reverse("measurements:list_measurements", args=[dataset.pk, metric])
    return f"{address}?{urlencode(query)}" if query else address


@pytest.fixture
def show(client, coordinator, dataset):
    client.force_login(coordinator)

    def show_list(metric: str, **query: object):
        return client.get(address_of(dataset, metric, **query))

    return show_list


@pytest.fixture
def filled(dataset, store):
    """Noise (lower is better) and RMS contrast (higher is better) of the four radiographs."""
    for number, value in enumerate([2.0, 8.0, 2.0, 5.0]):
        store(f"A-PXI/{number:02}.png", "noise_sigma", value)
        store(f"A-PXI/{number:02}.png", "rms_contrast", value / 10)
    return dataset


def names(response) -> list[str]:
    return [entry["name"] for entry in response.context["entries"]]


def volumes(dataset) -> int:
    return dataset.categories.get(name="STS-3D-Tooth").pk


def test_the_highest_comes_first_where_lower_is_better(show, filled):
    response = show("noise_sigma")
    assert names(response)[:2] == ["01.png", "03.png"]
    assert set(names(response)[2:]) == {"00.png", "02.png"}
    assert "Lower is better: the highest values come first." in text_of(response)


def test_the_lowest_comes_first_where_higher_is_better(show, filled):
    response = show("rms_contrast")
    assert set(names(response)[:2]) == {"00.png", "02.png"}
    assert names(response)[2:] == ["03.png", "01.png"]
    assert "Higher is better: the lowest values come first." in text_of(response)


def test_each_value_stands_with_its_percentile_in_the_category(show, filled, store):
    store("3D/0.nii.gz", "noise_sigma", 1.0)
    entries = show("noise_sigma").context["entries"]
    # Of 2, 2, 5, 8: three smaller and itself half; two smaller; two equal ones half
    assert [(entry["value"], entry["percentile"]) for entry in entries] == [
        ("8", "88"),
        ("5", "62"),
        ("2", "25"),
        ("2", "25"),
    ]


def test_a_range_holds_its_lower_end_and_not_its_upper(show, filled):
    assert set(names(show("noise_sigma", **{"from": 2, "to": 5}))) == {"00.png", "02.png"}
    assert names(show("noise_sigma", **{"from": 5})) == ["01.png", "03.png"]
    assert names(show("noise_sigma", to=2)) == []


def test_what_cannot_be_understood_filters_nothing(show, filled):
    response = show("noise_sigma", to="much", category="x", after="-1", reason="none")
    assert len(names(response)) == 4


def test_only_the_category_asked_for_is_listed(show, filled, store):
    store("3D/0.nii.gz", "noise_sigma", 1.0)
    assert names(show("noise_sigma", category=volumes(filled))) == ["0.nii.gz"]
    assert show("clipped_low", category=volumes(filled)).context["category"].name == "A-PXI"


def test_every_bar_can_be_reached_and_the_chosen_one_is_marked(show, client, filled):
    response = show("noise_sigma")
    links = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', response.content.decode())
    assert [link for link, _text in links]
    for link, _text in links:
        page = client.get(unescape(link)).content.decode()
        (marked,) = re.findall(r'<a href="([^"]+)" aria-label="[^"]+" aria-current', page)
        assert marked == link


def test_missing_values_are_listed_by_reason(show, dataset, store):
    store("A-PXI/00.png", "tooth_background_auc", 0.9)
    store("A-PXI/02.png", "tooth_background_auc", None, "no mask")
    response = show("tooth_background_auc")
    reasons = {entry["reason"]: entry["count"] for entry in response.context["missing"]}
    assert reasons == {"not computed yet": 2, "no mask": 1}
    assert names(show("tooth_background_auc", reason="no mask")) == ["02.png"]
    assert names(show("tooth_background_auc", reason="not computed")) == ["01.png", "03.png"]


def test_values_of_a_mask_that_is_held_back_are_listed_as_missing(show, dataset, store):
    for number in range(2):
        store(f"A-PXI/{number:02}.png", "tooth_background_auc", 0.9)
        store(f"A-PXI/{number:02}.png", "noise_sigma", 3.0)
    ItemVersion.objects.filter(item__key="A-PXI/00.png").update(
        mask_error=ItemVersion.MaskError.AFFINE
    )
    assert names(show("tooth_background_auc")) == ["01.png"]
    assert names(show("tooth_background_auc", reason="mask held back")) == ["00.png"]
    assert len(names(show("noise_sigma"))) == 2


@pytest.mark.parametrize("metric", ["noise_sigma", "tooth_background_auc"])
def test_the_lists_have_as_many_items_as_the_summary_counts(show, dataset, store, metric):
    store("A-PXI/00.png", metric, 0.9)
    store("A-PXI/01.png", metric, None, "image too small")
    store("A-PXI/02.png", metric, None, "no mask")
    ItemVersion.objects.filter(item__key="A-PXI/02.png").update(
        mask_error=ItemVersion.MaskError.MISSING
    )
    Item.objects.filter(key="A-PXI/03.png").update(state=Item.State.MISSING)
    summary = summarise_dataset(dataset, [metric])[0].metrics[0]
    assert len(names(show(metric))) == summary.count == 1
    for reason, count in summary.missing.items():
        assert len(names(show(metric, reason=reason))) == count
    assert sum(summary.missing.values()) == 2


def test_agreement_is_listed_for_one_further_mask_at_a_time(
    show, dataset, store, agreement, add_mask
):
    first, second = add_mask("A-PXI/00.png", "Annotator 2"), add_mask("A-PXI/00.png", "Model")
    store("A-PXI/00.png", agreement, 0.8, mask=first)
    store("A-PXI/00.png", agreement, 0.6, mask=second)
    add_mask("A-PXI/01.png", "Model")
    assert show(agreement).context["entries"][0]["value"] == "0.8000"
    assert show(agreement, mask="Model").context["entries"][0]["value"] == "0.6000"
    assert names(show(agreement, mask="Model", reason="not computed")) == ["01.png"]


def test_pages_meet_every_item_once_also_where_values_are_equal(
    show, client, dataset, store, tmp_path, monkeypatch
):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    for number in range(10, 13):
        add_radiograph(dataset, tmp_path / "source", number)
    for number in (0, 1, 2, 3, 10, 11, 12):
        store(f"A-PXI/{number:02}.png", "noise_sigma", float(number % 2))
    response = show("noise_sigma")
    seen = names(response)
    while address := response.context["next_url"]:
        response = client.get(address)
        seen += names(response)
    assert len(seen) == len(set(seen)) == 7
    back = []
    while address := response.context["previous_url"]:
        response = client.get(address)
        back = names(response) + back
    assert back == seen[: len(back)]
    assert len(back) == 6


def test_the_list_takes_as_many_queries_for_many_items_as_for_few(
    show, dataset, store, tmp_path, django_assert_max_num_queries
):
    for number in range(10, 30):
        add_radiograph(dataset, tmp_path / "source", number)
        store(f"A-PXI/{number:02}.png", "noise_sigma", float(number))
    with django_assert_max_num_queries(15):
        assert len(names(show("noise_sigma"))) == 20


def test_a_metric_that_no_item_can_have_says_so(show, dataset, agreement):
    assert "No item of this dataset can have this metric." in text_of(show(agreement))


def test_a_metric_that_there_is_not_is_not_found(show):
    assert show("niqe").status_code == 404


def test_the_distribution_says_between_what_values_it_lies(show, store):
    for number, value in enumerate([0.25, 7.5, 0.5]):
        store(f"A-PXI/{number:02}.png", "noise_sigma", value)
    page = text_of(show("noise_sigma"))
    assert "lowest 0.2500" in page
    assert "highest 7.500" in page


def test_only_members_may(client, dataset, store):
    store("A-PXI/00.png", "noise_sigma", 1.0)
    address = address_of(dataset, "noise_sigma")
    assert answers(client, dataset, lambda: client.get(address)) == CLOSED


def test_a_rater_is_refused(client, dataset):
    study = make_study(dataset=dataset, state=Study.State.RUNNING)
    client.force_login(make_membership(study).user)
    assert client.get(address_of(dataset, "noise_sigma")).status_code == 403
