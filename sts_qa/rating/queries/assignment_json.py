"""An assignment as the rater's page gets it: nothing in it tells what item it is.

A repeat has exactly the form of a first showing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sts_qa.protocols.models import Criterion, ProtocolVersion
from sts_qa.rating.models import Draft, Rating
from sts_qa.rating.queries.criteria import asked_criteria, criteria_of
from sts_qa.rating.queries.image import image_json, kind_of, mask_json
from sts_qa.rating.queries.queue import HandedOut, counter_of, practice_of
from sts_qa.rating.queries.ratings import (
    current_ratings,
    draft_json,
    drafts_of,
    rating_json,
    scores_are_sealed,
)
from sts_qa.studies.models import Assignment, Study
from sts_qa.studies.queries.viewing import viewing_of


def queue_json(
    handed_out: Sequence[HandedOut],
    study: Study,
    criteria: Sequence[Criterion],
) -> list[dict[str, Any]]:
    """Return the assignments handed out, with what each has of ratings and drafts."""
    assignments = [handed.assignment for handed in handed_out]
    version, viewing = study.protocol_version, viewing_of(study) if handed_out else {}
    ratings, drafts = current_ratings(assignments), drafts_of(assignments)
    return [
        _assignment_json(
            handed.assignment,
            {"number": handed.number, "total": handed.total},
            criteria,
            version,
            viewing,
            ratings.get(handed.assignment.pk),
            drafts.get(handed.assignment.pk),
        )
        for handed in handed_out
    ]


def one_assignment_json(assignment: Assignment) -> dict[str, Any]:
    """Return one assignment, as for opening it again."""
    study = assignment.membership.study
    version = study.protocol_version
    return _assignment_json(
        assignment,
        counter_of(assignment, practice_of(assignment.membership)),
        criteria_of(version),
        version,
        viewing_of(study),
        current_ratings([assignment]).get(assignment.pk),
        drafts_of([assignment]).get(assignment.pk),
    )


def open_assignments_json(assignments: Sequence[Assignment], study: Study) -> list[dict[str, Any]]:
    """Return what a program needs to choose among assignments that it was not handed out yet."""
    version = study.protocol_version
    criteria = criteria_of(version)
    found = []
    for assignment in assignments:
        applicable = asked_criteria(assignment.sampled_item, criteria, version)
        found.append(
            {
                "token": assignment.token,
                "practice": assignment.kind == Assignment.Kind.PRACTICE,
                "kind": kind_of(assignment.sampled_item),
                "criteria": [criterion.code for criterion in applicable.asked],
            }
        )
    return found


def _assignment_json(
    assignment: Assignment,
    counter: dict[str, int],
    criteria: Sequence[Criterion],
    version: ProtocolVersion,
    viewing: dict[str, Any],
    rating: Rating | None,
    draft: Draft | None,
) -> dict[str, Any]:
    applicable = asked_criteria(assignment.sampled_item, criteria, version)
    return {
        "token": assignment.token,
        "practice": assignment.kind == Assignment.Kind.PRACTICE,
        "counter": counter,
        "image": image_json(assignment, viewing),
        "mask": mask_json(assignment),
        "criteria": [criterion.code for criterion in applicable.asked],
        "not_applicable": [criterion.code for criterion in applicable.not_applicable],
        "rating": _rating_json(rating, assignment) if rating else None,
        "draft": draft_json(draft) if draft else None,
    }


def _rating_json(rating: Rating, assignment: Assignment) -> dict[str, Any]:
    return rating_json(rating, sealed=scores_are_sealed(assignment.membership))
