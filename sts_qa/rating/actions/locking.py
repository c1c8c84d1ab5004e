"""The order in which rows are locked, the same for every act, so that none wait in a circle:
study, membership, assignment; the event log comes last.
"""

from __future__ import annotations

from sts_qa.studies.models import Assignment, Membership, Study


def locked_study(study_id: int, *, no_key: bool = True) -> Study:
    """Lock the study, so that its state, people and items do not change within the act.

    `no_key=False` is for acts that call one of `studies.actions` which locks it that way.
    """
    return (
        Study.objects.select_for_update(no_key=no_key, of=("self",))
        .select_related("protocol_version")
        .get(pk=study_id)
    )


def locked_membership(membership_id: int, study: Study | None = None) -> Membership:
    membership = Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
    if study is not None:
        membership.study = study
    return membership


def locked_assignment(assignment_id: int, membership: Membership) -> Assignment:
    assignment = (
        Assignment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("sampled_item")
        .get(pk=assignment_id)
    )
    assignment.membership = membership
    return assignment
