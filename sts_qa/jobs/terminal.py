"""A job done by a command: its progress as a bar in the terminal."""

from __future__ import annotations

import sys

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job


def run_with_bar(job: Job) -> Job:
    """Do the job here with a bar on the terminal, and return it done.

    Raises
    ------
    CommandError
        When the job failed or was cancelled.
    """
    # No bar (disable=None) when the output goes to a file or another program
    with tqdm(desc=job.title, disable=None, file=sys.stderr, dynamic_ncols=True) as bar:

        def show(done: int, total: int, message: str) -> None:
            if (bar.n, bar.total) != (done, total or None):
                bar.total, bar.n = total or None, done
                bar.set_postfix_str(message, refresh=False)
                bar.update(0)

        try:
            job = run_job(job, on_progress=show)
        except KeyboardInterrupt:
            job.refresh_from_db()
            if job.state != Job.State.CANCELLED:
                raise
        bar.refresh()
    if job.state == Job.State.FAILED:
        raise CommandError(job.error)
    if job.state == Job.State.CANCELLED:
        raise CommandError(_("The work was cancelled; run the command again to go on with it."))
    return job
