"""A small rated study in which everything that can be missing is missing somewhere."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sts_qa.studies.models import Assignment, Membership, SampledItem, Study
from tests.factories import (
    make_assignment,
    make_dataset,
    make_item,
    make_membership,
    make_protocol_version,
    make_rating,
    make_sampled_item,
    make_study,
    make_user,
)

CRITERIA = (
    ("contrast", "image"),
    ("sharpness", "image"),
    ("pixel_accuracy", "annotation"),
)
NO_MASK = "not_applicable"

# rater number -> item name -> contrast, sharpness, pixel accuracy
SCORES = {
    1: {"a": (18, 17, 16), "b": (12, 13, NO_MASK), "c": (9, 20, NO_MASK), "v": (15, 15, 15)},
    2: {"a": (20, 19, 14), "b": (10, "cannot_judge", NO_MASK), "c": (11, 18, NO_MASK)},
    3: {"a": (16, 15, "cannot_judge"), "b": (14, 11, NO_MASK), "v": (17, 13, 11)},
}


class RatedStudy:
    """The study and its parts, so that tests can change one thing."""

    def __init__(self) -> None:
        self.coordinator = make_user("coordinator", coordinator=True)
        dataset = make_dataset(owner=self.coordinator, name="Small")
        self.study = make_study(
            name="Rated",
            dataset=dataset,
            protocol_version=make_protocol_version(criteria=CRITERIA),
            coordinator=self.coordinator,
            state=Study.State.CLOSED,
            drawn_at=timezone.now(),
            started_at=timezone.now(),
            closed_at=timezone.now(),
            frame_hash="f" * 64,
            algorithm_version="1",
        )
        items = {
            "a": make_item(dataset, "A-PXI/a.png", labelled=True),
            "b": make_item(dataset, "A-PXI/b.png"),
            "c": make_item(dataset, "A-PXI/c.png"),
            "v": make_item(
                dataset, "v.nii.gz", category="STS-3D-Tooth", group="", labelled=True,
                kind="volume", shape=(8, 8, 8),
            ),
            "practice": make_item(dataset, "A-PXI/p.png"),
        }  # fmt: skip
        # Unlabelled items were drawn with probability 1/2, labelled ones with certainty
        self.units = {
            name: make_sampled_item(
                self.study,
                item,
                probability_denominator=1 if item.labelled else 2,
                kind="practice" if name == "practice" else "main",
            )
            for name, item in items.items()
        }
        self.raters = {
            number: make_membership(self.study, make_user(f"rater{number}"), pseudonym=number)
            for number in SCORES
        }
        self.assignments: dict[tuple[int, str], Assignment] = {}
        for number, member in self.raters.items():
            for name, unit in self.units.items():
                kind = "practice" if name == "practice" else "main"
                assignment = make_assignment(member, unit, kind=kind)
                self.assignments[number, name] = assignment
                if name in SCORES[number]:
                    make_rating(assignment, scores(*SCORES[number][name]))
            make_rating(self.assignments[number, "practice"], scores(1, 1, NO_MASK))
            Membership.objects.filter(pk=member.pk).update(
                assigned_count=4, rated_count=len(SCORES[number])
            )

    def withdraw(self, name: str) -> None:
        SampledItem.objects.filter(pk=self.units[name].pk).update(withdrawn_at=timezone.now())


def scores(contrast, sharpness, pixel_accuracy) -> dict:
    return {"contrast": contrast, "sharpness": sharpness, "pixel_accuracy": pixel_accuracy}


@pytest.fixture
def rated(db) -> RatedStudy:
    return RatedStudy()
