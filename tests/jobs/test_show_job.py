"""The page of a job, its polled part, and the cancel button."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.jobs.models import Job
from tests.factories import make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user("mei", coordinator=True)


@pytest.fixture
def job(owner):
    return Job.objects.create(
        kind="plan_import", created_by=owner, state="running", done=3, total=10, message="A/1.png"
    )


def show(client, job):
    return client.get(reverse("jobs:show_job", args=[job.public_id]))


def poll(client, job):
    return client.get(reverse("jobs:show_progress", args=[job.public_id]))


def finish(job, state, **fields):
    Job.objects.filter(pk=job.pk).update(state=state, **fields)


def test_the_owner_sees_state_progress_and_message(client, owner, job):
    client.force_login(owner)
    page = show(client, job).content.decode()
    for text in ("Running", "3 of 10", "A/1.png", "Cancel", 'value="3" max="10"'):
        assert text in page


def test_a_superuser_sees_every_job(client, job):
    client.force_login(make_user(is_superuser=True))
    assert show(client, job).status_code == 200
    assert poll(client, job).status_code == 200


def test_a_job_that_nobody_asked_for_says_so_and_is_for_superusers(client, job):
    Job.objects.filter(pk=job.pk).update(created_by=None)
    client.force_login(make_user(coordinator=True))
    assert show(client, job).status_code == 404
    client.force_login(make_user(is_superuser=True))
    page = show(client, job).content.decode()
    assert "STS-QA itself" in page
    assert "None" not in page


def test_the_page_leads_back_to_the_dataset_or_study_that_it_is_about(client, owner, job):
    study = make_study(coordinator=owner)
    client.force_login(owner)
    assert "To the" not in show(client, job).content.decode()
    for kind, key, address in (
        ("dataset", study.dataset_id, f"/datasets/{study.dataset_id}/"),
        ("study", study.pk, f"/studies/{study.public_id}/"),
    ):
        Job.objects.filter(pk=job.pk).update(subject_type=kind, subject_id=key)
        page = show(client, job).content.decode()
        assert f'href="{address}">To the {kind}<' in page
        assert client.get(address).status_code == 200
    Job.objects.filter(pk=job.pk).update(subject_id=study.pk + 1)
    assert "To the" not in show(client, job).content.decode()


@pytest.mark.parametrize("name", ["show_job", "show_progress", "cancel_job"])
def test_another_coordinator_finds_no_such_job(client, job, name):
    client.force_login(make_user(coordinator=True))
    address = reverse(f"jobs:{name}", args=[job.public_id])
    response = client.post(address) if name == "cancel_job" else client.get(address)
    assert response.status_code == 404
    job.refresh_from_db()
    assert not job.cancel_requested


@pytest.mark.parametrize("name", ["show_job", "show_progress", "cancel_job"])
def test_without_a_log_in_one_is_sent_to_it(client, job, name):
    address = reverse(f"jobs:{name}", args=[job.public_id])
    response = client.post(address) if name == "cancel_job" else client.get(address)
    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:log_in"))


def test_a_partial_update_without_a_log_in_moves_the_whole_page(client, job):
    response = client.get(
        reverse("jobs:show_progress", args=[job.public_id]),
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/datasets/3/?a=1"},
    )
    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == "/account/log-in/?next=%2Fdatasets%2F3%2F%3Fa%3D1"


def test_a_job_that_does_not_exist_is_not_found(client, owner):
    client.force_login(owner)
    assert client.get(reverse("jobs:show_job", args=[uuid.uuid4()])).status_code == 404


def test_the_part_is_fetched_again_only_until_the_job_has_ended(client, owner, job):
    client.force_login(owner)
    assert 'hx-trigger="every 1s"' in poll(client, job).content.decode()
    finish(job, "done")
    ended = poll(client, job).content.decode()
    assert "hx-trigger" not in ended
    assert 'data-state="done"' in ended


def test_the_end_is_told_to_screen_readers(client, owner, job):
    client.force_login(owner)
    assert "hx-swap-oob" not in poll(client, job).content.decode()
    finish(job, "done")
    assert "hx-swap-oob" in poll(client, job).content.decode()
    assert "hx-swap-oob" not in show(client, job).content.decode()


def test_polling_is_never_cached(client, owner, job):
    client.force_login(owner)
    assert "no-store" in poll(client, job).headers["Cache-Control"]


def test_the_reason_of_a_failure_is_shown_as_text(client, owner, job):
    client.force_login(owner)
    finish(job, "failed", error="The folder <b>x</b> is empty.")
    assert "The folder &lt;b&gt;x&lt;/b&gt; is empty." in show(client, job).content.decode()


def test_errors_of_the_result_are_listed_with_their_number(client, owner, job):
    client.force_login(owner)
    errors = [{"where": f"A/{n}.png", "reason": "The file is empty."} for n in range(250)]
    finish(job, "done", result={"errors": errors})
    page = show(client, job).content.decode()
    assert "250 errors" in page
    assert "The first 200 are shown." in page
    assert "A/199.png" in page
    assert "A/200.png" not in page


def test_the_owner_cancels_and_returns_to_the_page_in_front(client, owner, job):
    client.force_login(owner)
    response = client.post(
        reverse("jobs:cancel_job", args=[job.public_id]), {"next": "/datasets/3/"}
    )
    assert (response.status_code, response.url) == (302, "/datasets/3/")
    job.refresh_from_db()
    assert job.cancel_requested


def test_cancelling_never_leads_to_another_server(client, owner, job):
    client.force_login(owner)
    response = client.post(
        reverse("jobs:cancel_job", args=[job.public_id]), {"next": "https://evil.example/"}
    )
    assert response.url == reverse("jobs:show_job", args=[job.public_id])


def test_a_link_does_not_cancel(client, owner, job):
    client.force_login(owner)
    assert client.get(reverse("jobs:cancel_job", args=[job.public_id])).status_code == 405


@pytest.mark.parametrize(
    ("state", "refreshes"), [("failed", True), ("cancelled", True), ("done", False)]
)
def test_the_page_is_loaded_again_when_work_ends_without_result(client, job, state, refreshes):
    finish(job, state)
    client.force_login(job.created_by)
    assert ("HX-Refresh" in poll(client, job)) == refreshes


@pytest.mark.parametrize(("seconds", "is_told"), [(1, False), (20, True)])
def test_it_says_when_a_worker_has_gone_silent(client, job, seconds, is_told):
    heard = timezone.now() - timedelta(seconds=seconds)
    Job.objects.filter(pk=job.pk).update(state="running", heartbeat_at=heard)
    client.force_login(job.created_by)
    assert (b"does not answer" in poll(client, job).content) == is_told
