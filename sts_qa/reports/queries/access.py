"""Who may read a study's reports, on pages and by command alike."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.access import membership_of, overseen_study_or_404, rates_openly


def readable_study_or_404(user, public_id) -> tuple[Study, Membership]:
    """Return the study to its coordinators and observers.

    Raises
    ------
    Http404
        When the study does not exist or the person has nothing to do with it.
    PermissionDenied
        When the person rates in it, or in another open study of its dataset.
    """
    study, membership = overseen_study_or_404(user, public_id)
    if rates_openly(user, study.dataset_id):
        raise PermissionDenied
    return study, membership


def may_read_reports(user, study: Study) -> bool:
    """Say whether a command may hand the study's reports to `user`; superusers need no role."""
    if rates_openly(user, study.dataset_id):
        return False
    membership = membership_of(user, study)
    if membership is None:
        return bool(user.is_superuser)
    return membership.role != Membership.Role.RATER
