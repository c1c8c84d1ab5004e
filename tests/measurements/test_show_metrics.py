"""The page of a dataset's metrics."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sts_qa.jobs.running import run_job
from sts_qa.measurements.actions import start_metrics
from sts_qa.measurements.presentation import WIDTH, draw_bars, shown_number
from sts_qa.science.metrics.table import FAMILY_LABELS, METRICS
from sts_qa.science.statistics.histograms import histogram
from sts_qa.studies.models import Membership, Study
from tests.factories import make_dataset, make_membership, make_study, make_user
from tests.measurements.images import add_radiograph


@pytest.fixture
def address(dataset) -> str:
    return reverse("measurements:show_metrics", args=[dataset.pk])


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def rows_of(table) -> dict:
    return {row["name"]: row for family in table["families"] for row in family["rows"]}


def links_of_bars(response) -> list[str]:
    links = re.findall(r'<a href="([^"]+)" tabindex="-1"><title>', response.content.decode())
    return [unescape(link) for link in links]


def test_an_empty_dataset_says_to_import_first(client, coordinator):
    client.force_login(coordinator)
    empty = make_dataset(owner=coordinator)
    page = text_of(client.get(reverse("measurements:show_metrics", args=[empty.pk])))

    assert "Import images into this dataset first" in page
    assert "Compute metrics</button>" not in page


def test_before_anything_is_computed_the_button_is_there(client, coordinator, address):
    client.force_login(coordinator)
    page = text_of(client.get(address))

    assert "Nothing is computed yet" in page
    assert "Compute metrics</button>" in page
    assert "<table" not in page


def test_values_are_shown_per_category_with_their_n_and_what_is_missing(
    client, coordinator, dataset, address
):
    client.force_login(coordinator)
    run_job(start_metrics(dataset=dataset, acting_user=coordinator))
    response = client.get(address)

    tables = {table["category"].name: table for table in response.context["tables"]}
    assert set(tables) == {"A-PXI", "STS-3D-Tooth"}
    rows = rows_of(tables["A-PXI"])
    assert set(rows) == {
        name
        for name, metric in METRICS.items()
        if "radiograph" in metric.kinds and not metric.needs_reference
    }
    assert rows["noise_sigma"]["count"] == 4
    (missing,) = rows["tooth_background_auc"]["missing"]
    assert (missing["count"], missing["reason"]) == (2, "no mask")
    page = text_of(response)
    assert "2 no mask" in page
    assert "grey levels of 255" in page
    assert "4 items" in page


def test_metrics_stand_family_by_family_in_the_order_of_the_table(client, coordinator, address):
    client.force_login(coordinator)
    tables = client.get(address).context["tables"]
    assert tables
    for table in tables:
        labels = [family["label"] for family in table["families"]]
        assert labels == [label for label, _chinese in FAMILY_LABELS.values() if label in labels]
        assert "Noise" in labels


def test_each_bar_leads_to_as_many_items_as_it_is_high(
    client, coordinator, dataset, address, store
):
    for number, value in enumerate([0.1, 0.2, 0.2, 7.0]):
        store(f"A-PXI/{number:02}.png", "noise_sigma", value)
    client.force_login(coordinator)
    response = client.get(address)
    (row,) = (
        row
        for table in response.context["tables"]
        for row in rows_of(table).values()
        if row["bars"]
    )

    assert links_of_bars(response) == [bar.url for bar in row["bars"]]
    texts = [bar.text.rsplit(": ")[1] for bar in row["bars"]]
    counts = [len(client.get(bar.url).context["entries"]) for bar in row["bars"]]
    assert sum(counts) == 4
    assert len(counts) > 1
    assert texts == [f"{count} item{'s' if count > 1 else ''}" for count in counts]


def test_values_that_are_all_the_same_are_one_narrow_bar_in_the_middle():
    (bar,) = draw_bars(histogram(np.full(7, 3.0)), lambda _: "", (None, None))
    assert float(bar.width) < WIDTH / 10
    assert float(bar.x) + float(bar.width) / 2 == pytest.approx(WIDTH / 2, abs=1)


def test_what_is_missing_leads_to_its_items(client, coordinator, address, store):
    store("A-PXI/02.png", "tooth_background_auc", None, "no mask")
    store("A-PXI/03.png", "tooth_background_auc", 0.5)
    client.force_login(coordinator)
    table = client.get(address).context["tables"][0]
    missing = rows_of(table)["tooth_background_auc"]["missing"]

    assert [(entry["count"], entry["reason"]) for entry in missing] == [
        (2, "not computed yet"),
        (1, "no mask"),
    ]
    for entry in missing:
        assert len(client.get(entry["url"]).context["entries"]) == entry["count"]


def test_agreement_is_shown_once_for_each_further_mask(
    client, coordinator, address, store, agreement, add_mask
):
    for name, value in (("Annotator 2", 0.8), ("Model", 0.6)):
        outdated, newest = (add_mask("A-PXI/00.png", name, number) for number in (1, 2))
        store("A-PXI/00.png", agreement, 0.1, mask=outdated)
        store("A-PXI/00.png", agreement, value, mask=newest)
    add_mask("A-PXI/01.png", "Model")
    client.force_login(coordinator)
    tables = client.get(address).context["tables"]
    rows = [
        (row["mask_name"], row["median"], row["count"], [m["count"] for m in row["missing"]])
        for family in tables[0]["families"]
        for row in family["rows"]
        if row["name"] == agreement
    ]

    assert rows == [("Annotator 2", "0.8000", 1, []), ("Model", "0.6000", 1, [1])]
    # No volume has a further mask
    assert agreement not in rows_of(tables[1])


def test_the_page_takes_as_many_queries_for_many_items_as_for_few(
    client, coordinator, dataset, address, store, tmp_path, django_assert_num_queries
):
    client.force_login(coordinator)
    store("A-PXI/00.png", "noise_sigma", 1.0)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(10, 22):
        add_radiograph(dataset, tmp_path / "source", number)
        store(f"A-PXI/{number:02}.png", "noise_sigma", float(number))
    with django_assert_num_queries(len(few)):
        client.get(address)


def test_items_that_could_not_be_measured_are_named_with_their_reason(
    client, coordinator, dataset, address, tmp_path
):
    (tmp_path / "source" / "A-PXI/01.png").write_bytes(b"nothing")
    client.force_login(coordinator)
    run_job(start_metrics(dataset=dataset, acting_user=coordinator))
    page = text_of(client.get(address))

    assert "1 item could not be measured" in page
    assert '<th scope="row">A-PXI/01.png</th>' in page


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.123456, "0.1235"),
        (-2.5, "-2.500"),
        (9999.96, "10,000"),
        (1234567.8, "1,234,568"),
        (29.0, "29"),
        (-1.0, "-1"),
        (1234.0, "1,234"),
        (0.99999, "1.000"),
        (0.00000123, "< 0.0001"),
        (-0.00000123, "> -0.0001"),
    ],
)
def test_numbers_have_four_significant_digits_and_no_powers_of_ten(value, shown):
    assert shown_number(value) == shown


def test_without_log_in_one_is_asked_for(client, address):
    assert client.get(address).url.startswith(reverse("accounts:log_in"))


def test_a_coordinator_who_is_no_member_finds_nothing(client, address):
    client.force_login(make_user(coordinator=True))
    assert client.get(address).status_code == 404


def test_a_rater_is_refused(client, dataset, address):
    client.force_login(make_membership(make_study(dataset=dataset, state="running")).user)
    assert client.get(address).status_code == 403


def test_a_member_who_rates_is_refused_until_the_study_is_closed(
    client, coordinator, dataset, address
):
    study = make_study(dataset=dataset, state=Study.State.RUNNING)
    make_membership(study, coordinator, role=Membership.Role.RATER)
    client.force_login(coordinator)
    assert client.get(address).status_code == 403

    Study.objects.update(state=Study.State.CLOSED)
    assert client.get(address).status_code == 200
