"""Running one job here: what a worker and a command in the foreground have in common."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from django.utils.translation import override

from sts_qa.jobs import states
from sts_qa.jobs.kinds import handler_of
from sts_qa.jobs.models import Job
from sts_qa.jobs.units import POLL_SECONDS, UnitOutcome, UnitRunner, dask_executor, local_executor

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
MESSAGE_LENGTH = 200
LONGEST_PAUSE_SECONDS = 0.25
Progress = Callable[[int, int, str], None]


# The interruptions are no `Exception`, so that a handler that goes on after a bad file
# (`except Exception`) cannot swallow them
class JobInterrupted(BaseException):
    """The job must stop where it is."""


class JobCancelled(JobInterrupted):
    """Somebody asked for the job to be cancelled."""


class JobReturned(JobInterrupted):
    """The worker is stopping; the job goes back to the queue."""


class JobLost(JobInterrupted):
    """Another worker has taken the job over."""


class JobError(Exception):
    """The job cannot be done, for a reason that people can act on."""


class JobContext:
    """What a handler is given: the job, and how to tell its progress and spread its work."""

    def __init__(
        self,
        job: Job,
        on_progress: Progress | None = None,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.job = job
        self.parameters: dict[str, Any] = job.parameters
        self._on_progress = on_progress
        self._is_stopping = is_stopping
        self._written_at = 0.0
        self._runners: dict[tuple[str, int], UnitRunner] = {}

    def set_total(self, total: int) -> None:
        """Say how many steps this stage has; counting starts again from 0."""
        self.job.total, self.job.done = total, 0
        self._tell(now=True)

    def advance(self, steps: int = 1, message: str = "") -> None:
        """Count `steps` as done; written to the database at most twice a second."""
        self.job.done += steps
        if message:
            self.job.message = message[:MESSAGE_LENGTH]
        self._tell()

    def check_cancelled(self) -> None:
        """Stop here when the job was cancelled; cheap enough to call at every step.

        Raises
        ------
        JobCancelled
            When somebody asked for it.
        JobInterrupted
            When the worker is stopping or has lost the job. Handlers let both pass.
        """
        if self._is_stopping():
            raise JobReturned
        self._tell()
        if self.job.cancel_requested:
            raise JobCancelled

    @contextmanager
    def brief_write(self) -> Iterator[None]:
        """Write a batch, and then leave the database to others for as long as that took.

        SQLite has one writer at a time, and whoever waits looks again only now and then: behind
        batches in close succession, a rater's submission would wait for the last of them.
        """
        start = time.monotonic()
        yield
        if connection.vendor == "sqlite":
            time.sleep(min(time.monotonic() - start, LONGEST_PAUSE_SECONDS))

    def map_units(
        self,
        function: Callable[[Any], Any],
        arguments: Iterable[Any],
        workers: int | None = None,
        cluster: str | None = None,
    ) -> Iterator[UnitOutcome]:
        """Yield (argument, result or None, error or None) for every argument, as completed.

        Parameters
        ----------
        function
            A module-level function of `science/` with one argument; argument and result must
            pickle. An error of it, or the death of its process, is the outcome of that unit only.
        arguments
            Read as units finish; a generator is welcome.
        workers
            Number of processes; by default the setting STS_QA_WORKERS.
        cluster
            Address of a Dask scheduler; by default the setting STS_QA_DASK_SCHEDULER. Where there
            is one, it says how many processes there are.
        """
        scheduler = cluster or settings.DASK_SCHEDULER
        processes = settings.WORKERS if workers is None else workers
        runner = self._runners.setdefault(
            (scheduler, processes), UnitRunner(_executor_for(scheduler, processes))
        )
        yield from runner.map(function, arguments, self.check_cancelled)

    def close(self) -> None:
        for runner in self._runners.values():
            runner.close()

    def flush(self) -> None:
        """Write the progress as it stands."""
        self._tell(now=True)

    def _tell(self, *, now: bool = False) -> None:
        if self._on_progress is not None:
            self._on_progress(self.job.done, self.job.total, self.job.message)
        if not now and time.monotonic() - self._written_at < POLL_SECONDS:
            return
        self._written_at = time.monotonic()
        job = self.job
        progress = {"done": job.done, "total": job.total, "message": job.message}
        if not states.beat(job.pk, job.worker, **progress):
            raise JobLost
        job.cancel_requested = Job.objects.values_list("cancel_requested", flat=True).get(pk=job.pk)


def run_job(job: Job, on_progress: Progress | None = None) -> Job:
    """Do the job in this process and return it finished; look at its `state`.

    When a worker was quicker to take it, its progress is followed instead, and the job is taken
    over should that worker die.
    """
    worker = states.worker_name()
    while not states.claim(job.pk, worker):
        job.refresh_from_db()
        if job.is_finished:
            return job
        if on_progress is not None:
            on_progress(job.done, job.total, job.message)
        time.sleep(POLL_SECONDS)
        states.return_lost_jobs()
    job.refresh_from_db()
    return run_claimed(job, on_progress)


def run_claimed(
    job: Job,
    on_progress: Progress | None = None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Job:
    """Do a job that `states.claim` has given to this process."""
    work = JobContext(job, on_progress, is_stopping)
    # What is stored is English, whoever's page started it; pages translate it when they show it
    with _heartbeat(job), override(settings.LANGUAGE_CODE):
        state, outcome = _handle(work)
    if state == Job.State.QUEUED:
        states.give_back(job.pk, job.worker)
    elif not states.finish(job.pk, job.worker, state, **outcome):
        logger.warning("Job %s was taken over by another worker.", job.public_id)
    job.refresh_from_db()
    return job


def _handle(work: JobContext) -> tuple[str, dict[str, Any]]:
    """Call the handler; return the job's next state and what is to be written with it."""
    try:
        result = handler_of(work.job.kind)(work) or {}
        json.dumps(result)
        work.flush()
        return Job.State.DONE, {"result": result}
    except JobCancelled:
        return Job.State.CANCELLED, {}
    except JobReturned:
        return Job.State.QUEUED, {}
    except JobLost:
        return Job.State.FAILED, {}
    except JobError as error:
        return Job.State.FAILED, {"error": str(error)}
    except KeyboardInterrupt:
        states.finish(work.job.pk, work.job.worker, Job.State.CANCELLED)
        raise
    except Exception as error:
        logger.exception("Job %s (%s) failed", work.job.public_id, work.job.kind)
        text = _("Unexpected error: %(kind)s: %(text)s. The server's log has the details.")
        return Job.State.FAILED, {
            "error": text % {"kind": type(error).__name__, "text": str(error)}
        }
    finally:
        work.close()


def _executor_for(scheduler: str, processes: int) -> Callable[[], tuple]:
    if scheduler:
        return partial(_dask_executor, scheduler)
    return partial(local_executor, processes)


def _dask_executor(scheduler: str) -> tuple:
    try:
        return dask_executor(scheduler)
    except (ModuleNotFoundError, OSError) as error:
        raise JobError(str(error)) from error


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Say from a thread that this worker lives, however long one step of the job takes."""
    if connection.in_atomic_block:
        # Nobody else sees a job inside its own transaction, and on SQLite the beat would wait
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(stop, job.pk, job.worker), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat_until(stop: threading.Event, job_id: int, worker: str) -> None:
    try:
        while not stop.wait(BEAT_SECONDS):
            try:
                states.beat(job_id, worker)
            except DatabaseError:
                logger.warning("The heartbeat of job %s could not be written", job_id)
                connection.close()
    finally:
        connection.close()
