"""The button that stops an import or puts its plan aside."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.catalogue.actions import start_import
from sts_qa.catalogue.models import ImportRun
from tests.catalogue.folders import png
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_dataset


@pytest.fixture
def folder(write):
    return write({"A/1.png": png(1)})


@pytest.fixture
def run(dataset, plan, folder) -> ImportRun:
    return plan(dataset, folder)


def cancel(client, run, **options):
    address = reverse("catalogue:cancel_import", args=[run.dataset_id, run.pk])
    return client.post(address, **options)


def test_a_plan_is_put_aside(client, dataset, owner, run):
    client.force_login(owner)
    page = text_of(cancel(client, run, follow=True))
    assert "The import is put aside." in page
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert not dataset.items.exists()


def test_a_waiting_import_is_stopped_at_once(client, dataset, owner, folder):
    run = start_import(dataset=dataset, root=str(folder), acting_user=owner)
    client.force_login(owner)
    cancel(client, run)
    run.refresh_from_db()
    assert (run.state, run.job.state) == ("cancelled", "cancelled")


def test_a_running_one_is_asked_to_stop(client, dataset, owner, folder):
    run = start_import(dataset=dataset, root=str(folder), acting_user=owner)
    run.job.state = "running"
    run.job.save()
    client.force_login(owner)
    assert "stops after its current step" in text_of(cancel(client, run, follow=True))
    run.job.refresh_from_db()
    assert run.job.cancel_requested


def test_it_is_no_link(client, owner, run):
    client.force_login(owner)
    address = reverse("catalogue:cancel_import", args=[run.dataset_id, run.pk])
    assert client.get(address).status_code == 405


def test_an_import_of_another_dataset_is_not_found_here(client, owner, run):
    mine = make_dataset(owner=owner)
    client.force_login(owner)
    assert client.post(f"/datasets/{mine.pk}/imports/{run.pk}/cancel/").status_code == 404


def test_only_members_may(client, dataset, run):
    assert answers(client, dataset, lambda: cancel(client, run)) == CLOSED
    run.refresh_from_db()
    assert run.state == "planned"
