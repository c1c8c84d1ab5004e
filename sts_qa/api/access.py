"""What an address names, found for those who may ask about it.

Each function can be an endpoint's `access`: it takes the request and the parameters of the address
that it stands for, and is called before anything else that was sent is read.
"""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request

from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import job_or_404
from sts_qa.rating.queries.access import (
    check_open,
    own_assignment_or_404,
    rating_membership_or_404,
    submitted_assignment_or_404,
)
from sts_qa.studies.models import Assignment, Membership, Study
from sts_qa.studies.queries.access import (
    coordinated_items_or_404,
    coordinated_study_or_404,
    overseen_items_or_404,
    overseen_study_or_404,
)


def visible_dataset(request: Request, dataset_id: int) -> Dataset:
    return dataset_or_404(request.user, dataset_id)


def coordinated_study(request: Request, study_id: UUID) -> Study:
    study, _own = coordinated_study_or_404(request.user, study_id)
    return study


def coordinated_items(request: Request, study_id: UUID) -> Study:
    """Return a study whose items may be told to the coordinator."""
    study, _own = coordinated_items_or_404(request.user, study_id)
    return study


def overseeing(request: Request, study_id: UUID) -> Membership:
    """Return the account's own membership as coordinator or observer, with the study."""
    _study, own = overseen_study_or_404(request.user, study_id)
    return own


def overseen_items(request: Request, study_id: UUID) -> Study:
    """Return a study whose items may be told to the coordinator or observer."""
    study, _own = overseen_items_or_404(request.user, study_id)
    return study


def rating_membership(request: Request, study_id: UUID) -> Membership:
    """Return the rater's membership, also when withdrawn."""
    return rating_membership_or_404(request.user, study_id)


def own_assignment(request: Request, assignment_token: str) -> Assignment:
    """Return the rater's own assignment, also when withdrawn."""
    return own_assignment_or_404(request.user, assignment_token)


def active_assignment(request: Request, assignment_token: str) -> Assignment:
    """Return the own assignment of a rater who still takes part."""
    assignment = own_assignment_or_404(request.user, assignment_token)
    if not assignment.membership.is_active:
        check_open(assignment.membership)
    return assignment


def submitted_assignment(request: Request, assignment_token: str) -> Assignment:
    """Return the rater's own assignment as submitting takes it."""
    return submitted_assignment_or_404(request.user, assignment_token)


def own_job(request: Request, job_id: UUID) -> Job:
    return job_or_404(request.user, job_id)
