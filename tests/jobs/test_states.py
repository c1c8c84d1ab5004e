"""Who gets a job, and what becomes of the jobs of dead workers."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sts_qa.jobs import states
from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.models import Job
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_job(counting_jobs):
    def make(**fields) -> Job:
        job = enqueue(kind=counting_jobs, parameters={}, acting_user=make_user())
        Job.objects.filter(pk=job.pk).update(**fields)
        job.refresh_from_db()
        return job

    return make


def running(seconds_silent: float, **fields) -> dict:
    heartbeat = timezone.now() - timedelta(seconds=seconds_silent)
    return {"state": Job.State.RUNNING, "worker": "old", "heartbeat_at": heartbeat, **fields}


def test_the_oldest_job_comes_first(make_job):
    jobs = [make_job(), make_job()]
    assert [states.claim_next("a"), states.claim_next("b")] == jobs
    assert states.claim_next("c") is None


def test_a_claimed_job_is_not_claimed_again(make_job):
    job = make_job()
    assert states.claim(job.pk, "a")
    assert not states.claim(job.pk, "b")
    job.refresh_from_db()
    assert job.worker == "a"


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_each_job_goes_to_one(make_job):
    jobs = {make_job().pk for _ in range(12)}
    taken: list[int] = []
    failures: list[BaseException] = []

    def take(name: str) -> None:
        try:
            while (job := states.claim_next(name)) is not None:
                taken.append(job.pk)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=take, args=(f"worker {n}",)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert failures == []
    assert sorted(taken) == sorted(jobs)


@pytest.mark.parametrize(("silent", "returned"), [(25, 0), (35, 1)])
def test_a_job_returns_when_its_worker_was_silent_for_30_seconds(make_job, silent, returned):
    job = make_job(**running(silent))
    assert states.return_lost_jobs() == returned
    job.refresh_from_db()
    assert job.state == (Job.State.QUEUED if returned else Job.State.RUNNING)


def test_a_heartbeat_keeps_the_job(make_job):
    job = make_job(**running(35))
    assert states.beat(job.pk, "old")
    assert states.return_lost_jobs() == 0


def test_a_worker_that_lost_its_job_can_neither_beat_nor_finish_it(make_job):
    job = make_job(**running(35))
    states.return_lost_jobs()
    states.claim(job.pk, "new")
    assert not states.beat(job.pk, "old", done=7)
    assert not states.finish(job.pk, "old", Job.State.DONE)
    assert not states.give_back(job.pk, "old")
    job.refresh_from_db()
    assert (job.state, job.worker, job.done) == (Job.State.RUNNING, "new", 0)


def test_a_lost_job_that_was_to_be_cancelled_is_cancelled(make_job):
    job = make_job(**running(35, cancel_requested=True))
    states.return_lost_jobs()
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_a_job_that_keeps_killing_its_worker_fails_with_what_to_do(make_job):
    job = make_job()
    for _ in range(states.MOST_INTERRUPTIONS):
        assert states.claim(job.pk, "worker")
        Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=1))
        states.return_lost_jobs()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "STS_QA_WORKERS" in job.error
