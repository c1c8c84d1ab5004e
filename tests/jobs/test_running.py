"""A job run in the foreground: progress, result, cancelling, errors."""

import time

import pytest
from django.db import connection

from sts_qa.jobs import running
from sts_qa.jobs.actions import enqueue, request_cancel
from sts_qa.jobs.kinds import JOB_KINDS
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import JobError, run_job
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_user()


@pytest.fixture
def make_job(person, monkeypatch):
    """Return a function that enqueues a job done by the given handler."""

    def make(handler, **parameters):
        monkeypatch.setitem(JOB_KINDS, "tried", "tests.jobs.handlers.count_to_ten")
        monkeypatch.setattr(running, "handler_of", lambda kind: handler)
        return enqueue(kind="tried", parameters=parameters, acting_user=person)

    return make


def test_a_job_is_done_with_its_result_and_full_progress(make_job):
    def handler(work):
        work.set_total(work.parameters["steps"])
        for _ in range(work.parameters["steps"]):
            work.advance(message="counting")
        return {"counted": work.parameters["steps"]}

    job = run_job(make_job(handler, steps=4))

    assert (job.state, job.result) == (Job.State.DONE, {"counted": 4})
    assert (job.done, job.total, job.message) == (4, 4, "counting")
    assert job.started_at <= job.finished_at


def test_progress_is_told_at_every_step_but_written_at_most_twice_a_second(
    make_job, django_assert_max_num_queries
):
    told = []

    def handler(work):
        work.set_total(1000)
        for _ in range(1000):
            work.advance()
            work.check_cancelled()

    job = make_job(handler)
    with django_assert_max_num_queries(20):
        run_job(job, on_progress=lambda *progress: told.append(progress))
    assert told[-1] == (1000, 1000, "")


def test_a_running_job_stops_at_the_next_check_after_a_cancel(make_job, person, monkeypatch):
    monkeypatch.setattr(running, "POLL_SECONDS", 0)
    steps = []

    def handler(work):
        for step in range(10):
            work.check_cancelled()
            steps.append(step)
            if step == 2:
                request_cancel(job=work.job, acting_user=person)

    job = run_job(make_job(handler))

    assert steps == [0, 1, 2]
    assert job.state == Job.State.CANCELLED


def test_a_handler_that_goes_on_after_errors_cannot_swallow_a_cancel(make_job, person, monkeypatch):
    monkeypatch.setattr(running, "POLL_SECONDS", 0)

    def handler(work):
        request_cancel(job=work.job, acting_user=person)
        for _ in range(5):
            try:
                work.check_cancelled()
            except Exception:
                continue
        return {"finished": True}

    job = run_job(make_job(handler))
    assert (job.state, job.result) == (Job.State.CANCELLED, {})


def test_a_reason_that_people_can_act_on_is_shown_as_it_is(make_job):
    def handler(work):
        raise JobError("The folder /data is empty.")

    job = run_job(make_job(handler))
    assert (job.state, job.error) == (Job.State.FAILED, "The folder /data is empty.")


def test_an_unexpected_error_fails_the_job_and_is_logged_with_its_trace(make_job, caplog):
    def handler(work):
        raise ZeroDivisionError("by zero")

    job = run_job(make_job(handler))
    assert job.state == Job.State.FAILED
    assert "ZeroDivisionError: by zero" in job.error
    assert "Traceback" in caplog.text


def test_a_result_that_json_cannot_hold_fails_the_job(make_job):
    job = run_job(make_job(lambda work: {"set": {1, 2}}))
    assert job.state == Job.State.FAILED
    assert "JSON" in job.error


def test_ctrl_c_cancels_the_job_so_that_no_worker_takes_it_up(make_job):
    def handler(work):
        raise KeyboardInterrupt

    job = make_job(handler)
    with pytest.raises(KeyboardInterrupt):
        run_job(job)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_a_finished_job_is_not_done_again(make_job):
    calls = []
    job = make_job(lambda work: calls.append(1))
    run_job(job)
    run_job(job)
    assert calls == [1]


def test_a_job_that_another_worker_took_over_is_left_alone(make_job):
    def handler(work):
        Job.objects.filter(pk=work.job.pk).update(worker="another")
        work.flush()

    job = run_job(make_job(handler))
    assert (job.state, job.worker) == (Job.State.RUNNING, "another")


def test_work_counts_from_zero_again_in_every_stage(make_job):
    def handler(work):
        work.set_total(3)
        work.advance(3)
        work.set_total(5)
        work.advance(2)

    job = run_job(make_job(handler))
    assert (job.done, job.total) == (2, 5)


def test_on_sqlite_a_batch_is_followed_by_a_pause_as_long_as_itself(make_job):
    started, ended = [], []

    def handler(work):
        for _ in range(3):
            with work.brief_write():
                started.append(time.monotonic())
                time.sleep(0.05)
                ended.append(time.monotonic())

    run_job(make_job(handler))

    pauses = [start - end for start, end in zip(started[1:], ended[:-1], strict=True)]
    assert len(pauses) == 2
    if connection.vendor == "sqlite":
        assert min(pauses) >= 0.05
    else:
        assert min(pauses) < 0.05


def test_a_batch_that_fails_is_not_swallowed(make_job):
    def handler(work):
        with work.brief_write():
            raise JobError("The disk is full.")

    job = run_job(make_job(handler))

    assert (job.state, job.error) == (Job.State.FAILED, "The disk is full.")
