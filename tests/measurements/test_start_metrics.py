"""The button that computes a dataset's metrics."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.jobs.models import Job
from sts_qa.measurements.actions import start_metrics
from sts_qa.studies.models import Membership, Study
from tests.factories import make_membership, make_study, make_user


@pytest.fixture
def address(dataset) -> str:
    return reverse("measurements:start_metrics", args=[dataset.pk])


def test_the_button_starts_one_job_whose_progress_the_page_shows(
    client, coordinator, dataset, address
):
    client.force_login(coordinator)
    page_address = reverse("measurements:show_metrics", args=[dataset.pk])
    assert client.post(address).url == page_address
    client.post(address)

    (job,) = Job.objects.filter(kind="compute_metrics")
    assert (job.subject_type, job.subject_id, job.created_by) == (
        "dataset",
        dataset.pk,
        coordinator,
    )
    page = client.get(page_address).content.decode()
    assert reverse("jobs:show_progress", args=[job.public_id]) in page
    assert "Compute metrics</button>" not in page


def test_the_button_shows_a_job_that_was_asked_for_less(client, coordinator, dataset, address):
    job = start_metrics(dataset=dataset, acting_user=coordinator, only=["tenengrad"])
    client.force_login(coordinator)
    page = client.post(address, follow=True).content.decode()
    assert reverse("jobs:show_progress", args=[job.public_id]) in page
    assert list(Job.objects.all()) == [job]


def test_it_cannot_be_a_link(client, coordinator, address):
    client.force_login(coordinator)
    assert client.get(address).status_code == 405


def test_without_log_in_one_is_asked_for(client, address):
    assert client.post(address).url.startswith(reverse("accounts:log_in"))


def test_a_coordinator_who_is_no_member_finds_nothing(client, address):
    client.force_login(make_user(coordinator=True))
    assert client.post(address).status_code == 404
    assert not Job.objects.exists()


def test_a_rater_is_refused(client, dataset, address):
    client.force_login(make_membership(make_study(dataset=dataset, state="running")).user)
    assert client.post(address).status_code == 403
    assert not Job.objects.exists()


def test_a_member_who_rates_is_refused_until_the_study_is_closed(
    client, coordinator, dataset, address
):
    study = make_study(dataset=dataset, state=Study.State.RUNNING)
    make_membership(study, coordinator, role=Membership.Role.RATER)
    client.force_login(coordinator)
    assert client.post(address).status_code == 403
    assert not Job.objects.exists()

    Study.objects.update(state=Study.State.CLOSED)
    assert client.post(address).status_code == 302
    assert Job.objects.count() == 1
