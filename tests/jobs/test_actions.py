"""Asking for long work and cancelling it."""

import pytest

from sts_qa.audit.queries import events_of
from sts_qa.jobs import states
from sts_qa.jobs.actions import enqueue, request_cancel
from sts_qa.jobs.models import Job
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(counting_jobs):
    return enqueue(
        kind=counting_jobs,
        parameters={"path": "/data"},
        acting_user=make_user(),
        subject_type="dataset",
        subject_id=5,
    )


def test_a_job_waits_in_the_queue_with_what_it_needs(job):
    job.refresh_from_db()
    assert (job.state, job.parameters) == (Job.State.QUEUED, {"path": "/data"})
    assert (job.subject_type, job.subject_id) == ("dataset", 5)


def test_an_unknown_kind_is_refused():
    with pytest.raises(LookupError, match="no job kind 'plan_imports'"):
        enqueue(kind="plan_imports", parameters={}, acting_user=make_user())


def test_a_waiting_job_is_cancelled_at_once(job):
    cancelled = request_cancel(job=job, acting_user=job.created_by)
    assert cancelled.state == Job.State.CANCELLED
    assert states.claim_next("worker") is None


def test_a_running_job_is_asked_to_stop(job):
    states.claim(job.pk, "worker")
    asked = request_cancel(job=job, acting_user=job.created_by)
    assert (asked.state, asked.cancel_requested) == (Job.State.RUNNING, True)


def test_a_finished_job_stays_as_it_is(job):
    states.claim(job.pk, "worker")
    states.finish(job.pk, "worker", Job.State.DONE)
    kept = request_cancel(job=job, acting_user=job.created_by)
    assert (kept.state, kept.cancel_requested) == (Job.State.DONE, False)
    assert events_of("dataset:5") == []


def test_cancelling_is_recorded_once_in_the_chain_of_the_subject(job):
    states.claim(job.pk, "worker")
    for _ in range(2):
        request_cancel(job=job, acting_user=job.created_by)
    (event,) = events_of("dataset:5")
    assert (event.action, event.actor) == ("job.cancelled", str(job.created_by.opaque_id))
