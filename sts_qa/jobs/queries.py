"""Reading jobs; and who may see them."""

from __future__ import annotations

from django.http import Http404

from sts_qa.jobs.models import Job


def may_follow(user, job: Job) -> bool:
    """Say whether the person may see the job's progress and cancel it."""
    return bool(user.is_superuser or job.created_by_id == user.pk)


def job_or_404(user, public_id) -> Job:
    """Return the job, or answer 404 as if it did not exist when it is somebody else's."""
    job = Job.objects.select_related("created_by").filter(public_id=public_id).first()
    if job is None or not may_follow(user, job):
        raise Http404
    return job


def latest_job(kind: str, subject_type: str, subject_id: int) -> Job | None:
    """Return the newest job of the kind about the subject, or None."""
    about = Job.objects.filter(kind=kind, subject_type=subject_type, subject_id=subject_id)
    return about.order_by("-id").first()


def unfinished_job(kind: str, subject_type: str, subject_id: int) -> Job | None:
    """Return the job of this kind about the subject that waits or runs, None when there is none."""
    about = Job.objects.filter(kind=kind, subject_type=subject_type, subject_id=subject_id)
    return about.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).first()
