"""What a token that is limited to one study reaches.

It reaches the study, its assignments and jobs, the study's dataset, and nothing else: what belongs
to another study or dataset is answered 404, what belongs to none 403, and lists leave out what it
does not reach.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404
from rest_framework.request import Request

from sts_qa.jobs.models import Job
from sts_qa.studies.models import Assignment, Study


def limiting_study(request: Request) -> Study | None:
    """Return the one study that the request's token reaches, or None when it has no limit."""
    return request.auth.study if request.auth else None


def _reaches_job(study: Study, public_id: Any) -> bool:
    subjects = {("study", study.pk), ("dataset", study.dataset_id)}
    subject = Job.objects.filter(public_id=public_id).values_list("subject_type", "subject_id")
    return subject.first() in subjects


def _reaches_assignment(study: Study, token: Any) -> bool:
    return Assignment.objects.filter(token=token, membership__study=study).exists()


# Parameters of addresses that say what an endpoint is about
REACHES: dict[str, Callable[[Study, Any], bool]] = {
    "study_id": lambda study, public_id: study.public_id == public_id,
    "dataset_id": lambda study, dataset_id: study.dataset_id == dataset_id,
    "assignment_token": _reaches_assignment,
    "job_id": _reaches_job,
}


def check_reach(request: Request, arguments: Mapping[str, Any]) -> bool:
    """Say whether the address names what it is about; raise when that is out of reach.

    Raises
    ------
    Http404
        When the token's limit leaves it out.
    """
    study = limiting_study(request)
    named = [name for name in arguments if name in REACHES]
    if study is not None and not all(REACHES[name](study, arguments[name]) for name in named):
        raise Http404
    return bool(named)
