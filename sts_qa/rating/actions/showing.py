"""Showing an item, and putting one off."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from sts_qa.audit.actions import record, study_chain
from sts_qa.rating.actions.locking import locked_assignment, locked_membership
from sts_qa.rating.queries.access import check_open, check_shown
from sts_qa.rating.queries.queue import (
    counter_of,
    is_far_enough,
    keeps_distance,
    main_numbers,
    next_assignments,
    open_assignments,
    practice_of,
    progress_of,
    waits_for_decision,
)
from sts_qa.studies.models import Assignment, Membership

MOST_SKIPS = 32_767


def mark_shown(*, assignment: Assignment, acting_user) -> dict[str, int]:
    """Note that the item is on the rater's screen; return its counter. Again changes nothing."""
    with transaction.atomic():
        membership = locked_membership(assignment.membership_id, assignment.membership.study)
        assignment = locked_assignment(assignment.pk, membership)
        check_open(membership)
        check_shown(assignment)
        if not assignment.is_rated:
            number_showing(assignment, acting_user)
        _touch(membership)
        return counter_of(assignment, practice_of(membership))


def number_showing(assignment: Assignment, acting_user) -> bool:
    """Give the assignment its number as `Numbering.number` does, and store it. Locked rows only."""
    numbering = Numbering(assignment.membership, [assignment])
    counts = numbering.number(assignment)
    numbering.store(acting_user)
    return counts


class Numbering:
    """Gives assignments their numbers among one rater's showings, in memory until stored.

    Practice items have numbers of their own. What decides is read once; rows must be locked.
    """

    def __init__(self, membership: Membership, assignments: Sequence[Assignment]) -> None:
        self.membership = membership
        self.now = timezone.now()
        self.numbered: list[Assignment] = []
        self.dropped: list[Assignment] = []
        has_practice = any(row.kind == Assignment.Kind.PRACTICE for row in assignments)
        self._practice_shown = practice_of(membership).shown if has_practice else 0
        self._main_numbers = dict(main_numbers(membership, assignments))

    def number(self, assignment: Assignment) -> bool:
        """Give the assignment its number unless it has one; return whether the showing counts.

        A repeat that came up too early, because the browser went on over skipped items by itself,
        or because a program did not keep to the order, is dropped instead.
        """
        if assignment.dropped_at is not None:
            return False
        if not assignment.is_rated and not is_far_enough(assignment, self._main_numbers):
            assignment.dropped_at = self.now
            self.dropped.append(assignment)
            return False
        if assignment.showing is None:
            assignment.showing = self._next_number(assignment)
            assignment.first_shown_at = assignment.first_shown_at or self.now
            self.numbered.append(assignment)
        return True

    def _next_number(self, assignment: Assignment) -> int:
        if assignment.kind == Assignment.Kind.PRACTICE:
            self._practice_shown += 1
            return self._practice_shown
        self.membership.shown_count += 1
        if assignment.kind == Assignment.Kind.MAIN:
            self._main_numbers[assignment.sampled_item_id] = self.membership.shown_count
        return self.membership.shown_count

    def store(self, acting_user, *, rated: Sequence[Assignment] = ()) -> None:
        """Write the numbers; and, when some of the rows are `rated` in this act, the progress."""
        if self.dropped:
            _drop_repeats(self.membership, self.dropped, acting_user)
        if rated:
            self.membership.last_seen_at = self.now
            self.membership.save(update_fields=["shown_count", "rated_count", "last_seen_at"])
        elif self.numbered:
            self.membership.save(update_fields=["shown_count"])
        changed = {row.pk: row for row in (*self.numbered, *rated)}
        if changed:
            update_rows(list(changed.values()), ["showing", "first_shown_at", "is_rated"])


def update_rows(assignments: Sequence[Assignment], fields: Sequence[str]) -> None:
    """Write the fields of assignments that exist and are locked.

    One statement whatever their number, many times faster than a CASE for each row.
    """
    if len(assignments) == 1:
        (only,) = assignments
        values = {name: getattr(only, name) for name in fields}
        Assignment.objects.filter(pk=only.pk).update(**values)
        return
    Assignment.objects.bulk_create(
        assignments, update_conflicts=True, unique_fields=["pk"], update_fields=fields
    )


def skip_assignment(*, assignment: Assignment, acting_user) -> dict[str, int]:
    """Put the item off to the end of the rater's queue; its repeat waits for it.

    The number goes to the next item, so that the counter ends at its total. A practice item goes
    to the end of the practice items. Skipping what is rated already changes nothing.
    """
    with transaction.atomic():
        membership = locked_membership(assignment.membership_id, assignment.membership.study)
        assignment = locked_assignment(assignment.pk, membership)
        check_open(membership)
        if not assignment.is_rated and assignment.dropped_at is None:
            # Who skips has seen it: a repeat that came up too early cannot come a third time
            if keeps_distance(assignment):
                _put_off(assignment)
            else:
                _drop_repeats(membership, [assignment], acting_user)
        _touch(membership)
        return progress_of(membership)


def _put_off(assignment: Assignment) -> None:
    _take_number_back(assignment)
    if assignment.kind == Assignment.Kind.PRACTICE:
        _rotate_practice(assignment)
    else:
        behind = open_assignments(assignment.membership).order_by("-turn").values_list("turn")
        assignment.turn = behind[0][0] + 1
    assignment.save(update_fields=["turn", "showing"])
    counted = Least(F("skips") + 1, MOST_SKIPS)
    Assignment.objects.filter(pk=assignment.pk).update(skips=counted)


def _take_number_back(assignment: Assignment) -> None:
    membership = assignment.membership
    is_practice = assignment.kind == Assignment.Kind.PRACTICE
    if not is_practice and assignment.showing == membership.shown_count:
        membership.shown_count -= 1
        membership.save(update_fields=["shown_count"])
    assignment.showing = None


def _rotate_practice(assignment: Assignment) -> None:
    """Move a practice item behind the other open ones within the turns that practice has."""
    membership = assignment.membership
    behind = list(
        open_assignments(membership)
        .filter(
            kind=Assignment.Kind.PRACTICE,
            position__lte=membership.study.practice_items,
            turn__gt=assignment.turn,
        )
        .order_by("turn")
    )
    free = assignment.turn
    for other in behind:
        other.turn, free = free, other.turn
        other.save(update_fields=["turn"])
    assignment.turn = free


def drop_blocked_repeats(*, membership: Membership, acting_user) -> int:
    """Drop the repeats that are all that is left and can no longer keep their distance.

    They are counted, and the rater's total goes down with them. Returns how many were dropped;
    none while an item is hidden, since it may come back and make the distance.
    """
    with transaction.atomic():
        membership = locked_membership(membership.pk, membership.study)
        queue = next_assignments(membership)
        if queue.handed_out or not queue.blocked or waits_for_decision(membership):
            return 0
        return _drop_repeats(membership, queue.blocked, acting_user)


def _drop_repeats(membership: Membership, repeats: list[Assignment], acting_user) -> int:
    """Take repeats out of the rater's queue and total, on record; return how many."""
    now, reason = timezone.now(), "repeat_distance"
    count = Assignment.objects.filter(
        pk__in=[repeat.pk for repeat in repeats], dropped_at__isnull=True
    ).update(dropped_at=now, drop_reason=reason)
    for repeat in repeats:
        repeat.dropped_at, repeat.drop_reason = now, reason
    Membership.objects.filter(pk=membership.pk).update(assigned_count=F("assigned_count") - count)
    membership.assigned_count -= count
    record(
        chain=study_chain(membership.study_id),
        action="repeats.dropped",
        acting_user=acting_user,
        subject=membership,
        details={"count": count, "reason": reason},
    )
    return count


def _touch(membership: Membership) -> None:
    Membership.objects.filter(pk=membership.pk).update(last_seen_at=timezone.now())
