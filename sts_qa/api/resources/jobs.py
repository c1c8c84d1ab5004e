"""Jobs: long work that the account has asked for."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request

from sts_qa.api.access import own_job
from sts_qa.api.endpoint import endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.reach import limiting_study
from sts_qa.api.routing import route
from sts_qa.api.schemas.common import JobSchema
from sts_qa.api.schemas.jobs import JobFilterSchema
from sts_qa.jobs import actions
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import jobs_of


@endpoint("GET", scope="read", answers=JobSchema, query=JobFilterSchema, paged=True, narrows=True)
def list_jobs(request: Request, query: dict[str, Any]) -> Listing:
    """List the work that the account has asked for, the newest first."""
    wanted = {name: query[name] for name in ("state", "kind") if name in query}
    jobs = _reached(request, jobs_of(request.user))
    return Listing(jobs.filter(**wanted), order=("-pk",))


@endpoint("GET", scope="read", access=own_job, answers=JobSchema)
def show_job(request: Request, job: Job) -> Job:
    """Show the state and progress of one job.

    Ask again with `If-None-Match`: the answer is 304 while nothing has changed.
    """
    return job


@endpoint("POST", scope="manage", access=own_job, answers=JobSchema)
def cancel_job(request: Request, job: Job) -> Job:
    """Cancel a waiting job at once, a running one after its current step.

    What is done stays done, and work that has ended stays as it ended.
    """
    return actions.request_cancel(job=job, acting_user=request.user)


def _reached(request: Request, jobs: QuerySet[Job]) -> QuerySet[Job]:
    study = limiting_study(request)
    if study is None:
        return jobs
    of_study = Q(subject_type="study", subject_id=study.pk)
    return jobs.filter(of_study | Q(subject_type="dataset", subject_id=study.dataset_id))


addresses = [
    *route("jobs/", list_jobs),
    *route("jobs/<uuid:job_id>/", show_job),
    *route("jobs/<uuid:job_id>/cancel/", cancel_job),
]
