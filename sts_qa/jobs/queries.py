"""Reading jobs; and who may see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from sts_qa.jobs.models import Job

# Of apps above this one, which fill it when the application starts. Each takes a user and what a
# job is about, and says whether its words, such as names of files, would bias the person's ratings
BLINDING_CHECKS: list[Callable[[Any, str, int], bool]] = []
# Of the same apps: what leads from a job back to what it is about, by the subject's type. Each
# takes the subject's key and returns an address and its label, None when the subject is gone
SUBJECT_LINKS: dict[str, Callable[[int], tuple[str, str] | None]] = {}


def may_follow(user, job: Job) -> bool:
    """Say whether the person may see the job's progress and cancel it."""
    if not (user.is_superuser or job.created_by_id == user.pk):
        return False
    return not _is_blinded(user, job.subject_type, job.subject_id)


def jobs_of(user) -> QuerySet[Job]:
    """Return the jobs that the person asked for and may follow, in no order."""
    jobs = Job.objects.filter(created_by=user)
    subjects = jobs.order_by().values_list("subject_type", "subject_id").distinct()
    for subject_type, subject_id in subjects:
        if _is_blinded(user, subject_type, subject_id):
            jobs = jobs.exclude(subject_type=subject_type, subject_id=subject_id)
    return jobs


def job_or_404(user, public_id) -> Job:
    """Return the job, or answer 404 as if it did not exist when the person may not follow it."""
    job = Job.objects.select_related("created_by").filter(public_id=public_id).first()
    if job is None or not may_follow(user, job):
        raise Http404
    return job


def subject_link(job: Job) -> tuple[str, str] | None:
    """Return the address and label of the page that the job is about, None when it has none."""
    find = SUBJECT_LINKS.get(job.subject_type)
    return find(job.subject_id) if find is not None and job.subject_id is not None else None


def latest_job(kind: str, subject_type: str, subject_id: int) -> Job | None:
    """Return the newest job of the kind about the subject, or None."""
    about = Job.objects.filter(kind=kind, subject_type=subject_type, subject_id=subject_id)
    return about.order_by("-id").first()


def unfinished_job(kind: str, subject_type: str, subject_id: int) -> Job | None:
    """Return the job of this kind about the subject that waits or runs, None when there is none."""
    about = Job.objects.filter(kind=kind, subject_type=subject_type, subject_id=subject_id)
    return about.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).first()


def _is_blinded(user, subject_type: str, subject_id: int | None) -> bool:
    return subject_id is not None and any(
        check(user, subject_type, subject_id) for check in BLINDING_CHECKS
    )
