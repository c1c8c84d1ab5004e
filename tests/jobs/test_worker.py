"""Workers: working off the queue, stopping, and taking up what a dead one left."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from sts_qa.jobs import running, states
from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.jobs.worker import Worker
from tests.factories import make_user


@pytest.fixture
def make_job(db, counting_jobs):
    person = make_user()
    return lambda: enqueue(kind=counting_jobs, parameters={}, acting_user=person)


def states_of(*jobs: Job) -> list[str]:
    return [Job.objects.get(pk=job.pk).state for job in jobs]


def test_a_worker_works_the_queue_off(make_job):
    jobs = [make_job(), make_job()]
    assert Worker(threading.Event()).work(until_empty=True) == 2
    assert states_of(*jobs) == ["done", "done"]


def test_a_worker_can_stop_after_one_job(make_job):
    jobs = [make_job(), make_job()]
    assert Worker(threading.Event()).work(most_jobs=1) == 1
    assert states_of(*jobs) == ["done", "queued"]


def test_a_worker_takes_up_the_job_of_a_dead_one(make_job):
    job = make_job()
    states.claim(job.pk, "dead")
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=31))
    Worker(threading.Event()).work(until_empty=True)
    assert states_of(job) == ["done"]


def test_a_failing_job_does_not_stop_the_worker(make_job, monkeypatch):
    jobs = [make_job(), make_job()]
    handlers = iter([lambda work: 1 / 0, lambda work: {}])
    monkeypatch.setattr(running, "handler_of", lambda kind: next(handlers))
    Worker(threading.Event()).work(until_empty=True)
    assert states_of(*jobs) == ["failed", "done"]


def test_a_worker_that_is_told_to_stop_gives_its_job_back(make_job, monkeypatch):
    job, stop = make_job(), threading.Event()

    def handler(work):
        stop.set()
        work.check_cancelled()
        return {"finished": True}

    monkeypatch.setattr(running, "handler_of", lambda kind: handler)
    Worker(stop).work()
    job.refresh_from_db()
    assert (job.state, job.worker, job.interruptions) == (Job.State.QUEUED, "", 0)


@pytest.mark.django_db(transaction=True)
def test_a_command_follows_a_job_that_a_worker_was_quicker_to_take(make_job, monkeypatch):
    job = make_job()
    followed = []
    states.claim(job.pk, "worker")
    Job.objects.filter(pk=job.pk).update(done=3, total=10)

    def finish_soon() -> None:
        time.sleep(0.7)
        states.finish(job.pk, "worker", Job.State.DONE, result={"by": "worker"})
        connection.close()

    thread = threading.Thread(target=finish_soon)
    thread.start()
    job = run_job(job, on_progress=lambda done, total, message: followed.append((done, total)))
    thread.join()

    assert (job.state, job.result) == (Job.State.DONE, {"by": "worker"})
    assert followed[0] == (3, 10)


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_goes_on_during_one_long_step(make_job, monkeypatch):
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.05)
    seen = []

    def handler(work):
        for _ in range(2):
            time.sleep(0.3)
            seen.append(Job.objects.get(pk=work.job.pk).heartbeat_at)

    monkeypatch.setattr(running, "handler_of", lambda kind: handler)
    run_job(make_job())
    assert seen[0] < seen[1]


@pytest.mark.django_db(transaction=True)
def test_the_command_gives_its_job_back_on_sigterm(make_job, tmp_path):
    """A real worker process on the test's database is stopped in the middle of a job."""
    program = tmp_path / "worker.py"
    program.write_text(
        "import sys, time\n"
        "import django\n"
        "from django.conf import settings\n"
        "django.setup()\n"
        "settings.DATABASES['default']['NAME'] = sys.argv[1]\n"
        "from sts_qa.jobs import running\n"
        "def handler(work):\n"
        "    print('started', flush=True)\n"
        "    while True:\n"
        "        time.sleep(0.05)\n"
        "        work.check_cancelled()\n"
        "running.handler_of = lambda kind: handler\n"
        "from django.core.management import call_command\n"
        "call_command('run_worker')\n"
    )
    job = make_job()
    worker = subprocess.Popen(
        [sys.executable, str(program), str(connection.settings_dict["NAME"])],
        env={
            **os.environ,
            "PYTHONPATH": str(settings.BASE_FOLDER),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        while worker.stdout.readline().strip() != "started":
            assert worker.poll() is None
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0
    finally:
        worker.kill()
        worker.communicate()
    assert states_of(job) == ["queued"]
