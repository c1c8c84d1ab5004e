"""The page of a dataset's metrics."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.jobs.running import run_job
from sts_qa.measurements.actions import start_metrics
from sts_qa.measurements.views import _number
from sts_qa.science.metrics.table import METRICS
from sts_qa.studies.models import Membership, Study
from tests.factories import make_dataset, make_membership, make_study, make_user


@pytest.fixture
def address(dataset) -> str:
    return reverse("measurements:show_metrics", args=[dataset.pk])


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


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
    rows = {row["name"]: row for row in tables["A-PXI"]["rows"]}
    assert set(rows) == set(METRICS)
    assert rows["noise_sigma"]["count"] == 4
    assert rows["tooth_background_auc"]["missing"] == [{"count": 2, "reason": "no mask"}]
    page = text_of(response)
    assert "2 no mask" in page
    assert "grey levels of 255" in page
    assert "4 items" in page


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
        (0.00000123, "< 0.0001"),
        (-0.00000123, "> -0.0001"),
    ],
)
def test_numbers_have_four_significant_digits_and_no_powers_of_ten(value, shown):
    assert _number(value) == shown


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
