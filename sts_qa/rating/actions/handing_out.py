"""What comes next for a rater, as page and API tell it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sts_qa.protocols.queries import rubric
from sts_qa.protocols.rubric import KINDS
from sts_qa.rating.actions.readiness import up_to_unready
from sts_qa.rating.actions.showing import drop_blocked_repeats
from sts_qa.rating.queries.access import closed_door
from sts_qa.rating.queries.assignment_json import queue_json
from sts_qa.rating.queries.clarifications import clarifications_json
from sts_qa.rating.queries.criteria import criteria_of, is_rapid, study_gate
from sts_qa.rating.queries.queue import HANDED_OUT, HandedOut, next_assignments, progress_of
from sts_qa.studies.models import Membership


def hand_out(
    *, membership: Membership, acting_user: Any, most: int = HANDED_OUT
) -> Sequence[HandedOut]:
    """Return the assignments that the rater can go on with at once, the current one first.

    Repeats that are all that is left and can no longer keep their distance are dropped.
    """
    if closed_door(membership):
        return []
    queue = next_assignments(membership, most=most)
    if (
        queue.blocked
        and not queue.handed_out
        and drop_blocked_repeats(membership=membership, acting_user=acting_user)
    ):
        membership.refresh_from_db(fields=["assigned_count"])
    return up_to_unready(queue.handed_out)


def rater_queue(*, membership: Membership, language: str, acting_user: Any) -> dict[str, Any]:
    """Return study, progress, rubrics, clarifications and the assignments handed out, as JSON."""
    handed_out = hand_out(membership=membership, acting_user=acting_user)
    study = membership.study
    version = study.protocol_version
    criteria = criteria_of(version)
    gate = study_gate(study, version)
    return {
        "study": {**_study_json(membership), "rapid": is_rapid(criteria)},
        "progress": progress_of(membership),
        "rubrics": {kind: rubric(version, language, kind).as_json() for kind in KINDS},
        "gate": gate.as_json() if gate else None,
        "clarifications": clarifications_json(membership, language),
        "assignments": queue_json(handed_out, study, criteria),
    }


def _study_json(membership: Membership) -> dict[str, Any]:
    study = membership.study
    return {
        "state": closed_door(membership) or study.state,
        "name": study.name,
        "simulated": study.simulated,
        "view_policy": study.view_policy,
        "carries_window": study.carries_window,
    }
