"""The loop of a worker process: take a job, do it, take the next."""

from __future__ import annotations

import logging
import threading
import time

from django.db import InterfaceError, OperationalError, connection

from sts_qa.jobs import states
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_claimed

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
LOOK_FOR_LOST_SECONDS = 5.0


class Worker:
    """Works jobs off until it is stopped; several may run on one database."""

    def __init__(self, stop: threading.Event) -> None:
        self.name = states.worker_name()
        self._stop = stop
        self._looked_at: float | None = None

    def work(self, *, most_jobs: int | None = None, until_empty: bool = False) -> int:
        """Do jobs until stopped, or `most_jobs` of them, or until none waits; return how many."""
        finished = 0
        while not self._stop.is_set() and finished != most_jobs:
            job = self._next_job()
            if job is not None:
                self._do(job)
                finished += 1
            elif until_empty:
                break
            else:
                self._stop.wait(POLL_SECONDS)
        return finished

    def _next_job(self) -> Job | None:
        try:
            if self._is_time_to_look():
                states.return_lost_jobs()
            return states.claim_next(self.name)
        except (InterfaceError, OperationalError):
            # A database that restarts is no reason to stop
            logger.exception("The queue could not be read; trying again")
            connection.close()
            self._stop.wait(POLL_SECONDS)
            return None

    def _do(self, job: Job) -> None:
        logger.info("Job %s (%s) starts", job.public_id, job.kind)
        try:
            job = run_claimed(job, is_stopping=self._stop.is_set)
        except (InterfaceError, OperationalError):
            # Without a heartbeat the job goes back to the queue by itself
            logger.exception("Job %s lost its database", job.public_id)
            connection.close()
            return
        logger.info("Job %s (%s) is %s", job.public_id, job.kind, job.state)

    def _is_time_to_look(self) -> bool:
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < LOOK_FOR_LOST_SECONDS:
            return False
        self._looked_at = now
        return True
