"""How a job changes its state. Each step is one conditional UPDATE, so that of several workers
exactly one gets a job, and none writes to a job that it has lost.

Times come from the database, because the clocks of several machines may differ.
"""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from sts_qa.jobs.models import Job

LOST_AFTER = timedelta(seconds=30)
# A job that has taken so many workers down with it is not given to another one
MOST_INTERRUPTIONS = 3


def worker_name() -> str:
    """Return a name for this process that no other worker has."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"


def claim(job_id: int, worker: str) -> bool:
    """Take a queued job; False when somebody else has it or it is finished."""
    taken = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING,
        worker=worker,
        heartbeat_at=Now(),
        started_at=Coalesce(F("started_at"), Now()),
        done=0,
        total=0,
        message="",
    )
    return taken == 1


def claim_next(worker: str) -> Job | None:
    """Take the oldest queued job, or return None when there is none to be had."""
    queued = Job.objects.filter(state=Job.State.QUEUED).order_by("id")
    for job_id in queued.values_list("pk", flat=True)[:10]:
        if claim(job_id, worker):
            return Job.objects.get(pk=job_id)
    return None


def beat(job_id: int, worker: str, **progress: Any) -> bool:
    """Say that `worker` is alive, with its progress; False when the job is no longer its own."""
    own = Job.objects.filter(pk=job_id, worker=worker, state=Job.State.RUNNING)
    return own.update(heartbeat_at=Now(), **progress) == 1


def finish(job_id: int, worker: str, state: str, **outcome: Any) -> bool:
    """End the job; False, with nothing written, when it is no longer the worker's own."""
    own = Job.objects.filter(pk=job_id, worker=worker, state=Job.State.RUNNING)
    return own.update(state=state, finished_at=Now(), **outcome) == 1


def give_back(job_id: int, worker: str) -> bool:
    """Return the worker's job to the queue, for the next worker to take up."""
    own = Job.objects.filter(pk=job_id, worker=worker, state=Job.State.RUNNING)
    return own.update(state=Job.State.QUEUED, worker="", heartbeat_at=None) == 1


def return_lost_jobs() -> int:
    """Return the jobs of dead workers to the queue; the number of jobs returned."""
    lost = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=Now() - LOST_AFTER)
    # Most often there is none, and reading takes no write lock
    if not lost.exists():
        return 0
    lost.filter(cancel_requested=True).update(state=Job.State.CANCELLED, finished_at=Now())
    lost.filter(interruptions__gte=MOST_INTERRUPTIONS - 1).update(
        state=Job.State.FAILED,
        finished_at=Now(),
        interruptions=F("interruptions") + 1,
        error=_(
            "The worker died %(times)s times while doing this job. Most often memory ran out: "
            "see the server's log, and start it again with fewer worker processes "
            "(STS_QA_WORKERS)."
        )
        % {"times": MOST_INTERRUPTIONS},
    )
    return lost.update(
        state=Job.State.QUEUED,
        worker="",
        heartbeat_at=None,
        interruptions=F("interruptions") + 1,
    )


def cancel(job: Job) -> Job:
    """Cancel a job whose row the caller has locked."""
    job.cancel_requested = True
    if job.state == Job.State.QUEUED:
        Job.objects.filter(pk=job.pk).update(
            cancel_requested=True, state=Job.State.CANCELLED, finished_at=Now()
        )
        job.refresh_from_db()
    else:
        Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    return job
