"""Who may be handed a study's reports by command; pages ask `overseen_items_or_404`."""

from __future__ import annotations

from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.access import membership_of, rates_openly


def may_read_reports(user, study: Study) -> bool:
    """Say whether a command may hand the study's reports to `user`; superusers need no role."""
    if rates_openly(user, study.dataset_id):
        return False
    membership = membership_of(user, study)
    if membership is None:
        return bool(user.is_superuser)
    return membership.role != Membership.Role.RATER
