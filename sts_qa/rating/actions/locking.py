"""The order in which rows are locked, the same for every act, so that none wait in a circle:
study, membership, assignment; the event log comes last.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from sts_qa.studies.models import Assignment, Membership, Study

LOCKED_AT_ONCE = 1000


def locked_study(study_id: int, *, no_key: bool = True) -> Study:
    """Lock the study, so that its state, people and items do not change within the act.

    `no_key=False` is for acts that call one of `studies.actions` which locks it that way.
    """
    return (
        Study.objects.select_for_update(no_key=no_key, of=("self",))
        .select_related("protocol_version")
        .get(pk=study_id)
    )


def held_study(study_id: int) -> Study:
    """Keep the study as it is within the act, while others may hold it in the same way.

    For what raters do all the time: they wait for acts that change the study, not for each other.
    """
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(Study._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR SHARE", [study_id])
    return _HELD.get(pk=study_id)


# What decides on a submission. The protocol's content is long to read, and what is needed of it is
# kept; naming it in `defer` instead takes longer than reading it
_HELD = Study.objects.select_related("protocol_version").only(
    *("state", "imported", "simulated", "gate_skips_rest", "allows_program_ratings"),
    *("repeat_share", "repeat_distance", "protocol_version"),
    *(f"protocol_version__{name}" for name in ("checksum", "number", "frozen_at")),
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


def locked_assignments(membership: Membership, tokens: Collection[str]) -> dict[str, Assignment]:
    """Lock the membership's assignments that have these tokens; return them by token."""
    wanted = list(tokens)
    found: dict[str, Assignment] = {}
    for start in range(0, len(wanted), LOCKED_AT_ONCE):
        rows = (
            membership.assignments.select_for_update(no_key=True, of=("self",))
            .select_related("sampled_item")
            .filter(token__in=wanted[start : start + LOCKED_AT_ONCE])
        )
        found |= {row.token: row for row in rows}
    for row in found.values():
        row.membership = membership
    return found
