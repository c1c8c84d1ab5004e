"""The button that applies a plan."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.catalogue.models import ImportRun
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from tests.catalogue.folders import png
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_dataset


@pytest.fixture
def run(dataset, plan, write) -> ImportRun:
    return plan(dataset, write({"A/1.png": png(1)}))


def apply(client, run, **options):
    address = reverse("catalogue:apply_import", args=[run.dataset_id, run.pk])
    return client.post(address, **options)


def test_the_plan_is_applied_by_a_job(client, dataset, owner, run):
    client.force_login(owner)
    response = apply(client, run)
    assert response.url == reverse("catalogue:show_import", args=[dataset.pk, run.pk])
    run.refresh_from_db()
    assert (run.state, run.job.kind) == ("applying", "apply_import")
    run_job(run.job)
    assert dataset.items.get().key == "A/1.png"


def test_a_second_press_does_not_apply_it_twice(client, owner, run):
    client.force_login(owner)
    apply(client, run)
    page = text_of(apply(client, run, follow=True))
    assert "This plan cannot be applied" in page
    assert Job.objects.filter(kind="apply_import").count() == 1


def test_it_is_no_link(client, owner, run):
    client.force_login(owner)
    address = reverse("catalogue:apply_import", args=[run.dataset_id, run.pk])
    assert client.get(address).status_code == 405


def test_a_plan_of_another_dataset_is_not_found_here(client, owner, run):
    mine = make_dataset(owner=owner)
    client.force_login(owner)
    address = reverse("catalogue:apply_import", args=[mine.pk, run.pk])
    assert client.post(address).status_code == 404
    assert not Job.objects.filter(kind="apply_import").exists()


def test_only_members_may(client, dataset, run):
    assert answers(client, dataset, lambda: apply(client, run)) == CLOSED
    assert not Job.objects.filter(kind="apply_import").exists()
