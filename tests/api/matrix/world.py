"""Two running studies of two datasets, and people in every role."""

from __future__ import annotations

from typing import Any

from sts_qa.jobs.models import Job
from sts_qa.studies.models import Membership, Study
from tests.factories import make_dataset, make_membership, make_user
from tests.rating.helpers import add_rater, running_study

OPTIONAL = ("allows_program_ratings",)


class World:
    """`study` is what is asked about; `other` is the one that the last token is limited to.

    Both have the same coordinator and rater; `arguments` fill the addresses.
    """

    def __init__(self) -> None:
        self.study = running_study(3, labelled=1)
        self.coordinator = self.study.memberships.get(role="coordinator").user
        self.rater_membership = add_rater(self.study, "rater")
        self.rater = self.rater_membership.user
        self.observer = make_user("observer")
        make_membership(self.study, self.observer, role=Membership.Role.OBSERVER)
        self.other = running_study(1)
        self.stranger = add_rater(self.other, "stranger").user
        make_membership(self.other, self.rater)
        role = Membership.Role.COORDINATOR
        make_membership(self.other, self.coordinator, role=role)
        self.dataset = self.study.dataset
        self.empty_dataset = make_dataset(owner=self.coordinator, name="Empty")
        self.item = self.dataset.items.order_by("pk").first()
        self.assignment = self.rater_membership.assignments.order_by("position").first()
        self.job = Job.objects.create(
            kind="compute_metrics",
            subject_type="dataset",
            subject_id=self.dataset.pk,
            created_by=self.coordinator,
        )
        for name in OPTIONAL:
            if hasattr(Study, name):
                Study.objects.update(**{name: True})
        self.study.refresh_from_db()
        version = self.study.protocol_version
        self.arguments: dict[str, Any] = {
            "dataset_id": self.dataset.pk,
            "item_id": self.item.pk,
            "study_id": self.study.public_id,
            "assignment_token": self.assignment.token,
            "job_id": self.job.public_id,
            "slug": version.protocol.slug,
            "number": version.number,
        }
