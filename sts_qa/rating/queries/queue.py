"""What comes next for a rater: the stored order, with repeats kept at their distance.

Reads a few rows through the partial index `assignment_queue`, whatever the size of the study.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from sts_qa.catalogue.models import ImageKind
from sts_qa.studies.models import Assignment, Membership, SampledItem

HANDED_OUT = 10
VOLUMES_AHEAD = 1
CHUNK = 24


@dataclass(frozen=True)
class HandedOut:
    """One assignment with the number that the rater's counter will show."""

    assignment: Assignment
    number: int
    total: int


@dataclass(frozen=True)
class Practice:
    """The rater's practice items in numbers."""

    total: int
    shown: int
    left: int


@dataclass
class Queue:
    """The current assignment and those handed out ahead.

    `blocked` are the repeats passed over because their distance is not kept yet.
    """

    handed_out: list[HandedOut] = field(default_factory=list)
    blocked: list[Assignment] = field(default_factory=list)


def open_assignments(membership: Membership) -> QuerySet[Assignment]:
    return membership.assignments.filter(is_rated=False, dropped_at__isnull=True)


def practice_of(membership: Membership) -> Practice:
    """Count the rater's practice items; they stand at the first positions of the order."""
    rows = membership.assignments.filter(
        position__lte=membership.study.practice_items,
        kind=Assignment.Kind.PRACTICE,
        dropped_at__isnull=True,
        sampled_item__hidden_at__isnull=True,
    ).values_list("showing", "is_rated")
    shown = sum(showing is not None for showing, _ in rows)
    return Practice(len(rows), shown, sum(not is_rated for _, is_rated in rows))


def next_assignments(membership: Membership, practice: Practice | None = None) -> Queue:
    """Return the assignments handed out now, the current one first.

    A repeat comes only when at least the study's distance lies between its number and that of
    its main showing; until then it is passed over. Hidden and withdrawn items are left out.
    """
    practice = practice or practice_of(membership)
    queue = Queue()
    last_number, last_practice = membership.shown_count, practice.shown
    numbers: dict[int, int] = {}
    volumes = 0
    for assignment, main_number in _in_turn(membership):
        unit = assignment.sampled_item
        is_practice = assignment.kind == Assignment.Kind.PRACTICE
        number = assignment.showing or (last_practice if is_practice else last_number) + 1
        if assignment.kind == Assignment.Kind.REPEAT and assignment.showing is None:
            main_number = numbers.get(unit.pk, main_number)
            if not _is_far_enough(number, main_number, membership):
                queue.blocked.append(assignment)
                continue
        if queue.handed_out and _is_volume(unit):
            volumes += 1
            if volumes > VOLUMES_AHEAD:
                break
        if is_practice:
            last_practice = max(last_practice, number)
        else:
            last_number = max(last_number, number)
            numbers[unit.pk] = number
        total = practice.total if is_practice else membership.assigned_count
        queue.handed_out.append(HandedOut(assignment, number, total))
        if len(queue.handed_out) == HANDED_OUT:
            break
    return queue


def counter_of(assignment: Assignment, practice: Practice) -> dict[str, int]:
    """Return the counter of one assignment: its number once shown, else the next one."""
    membership = assignment.membership
    if assignment.kind == Assignment.Kind.PRACTICE:
        return {"number": assignment.showing or practice.shown + 1, "total": practice.total}
    return {
        "number": assignment.showing or membership.shown_count + 1,
        "total": membership.assigned_count,
    }


def progress_of(membership: Membership, practice: Practice | None = None) -> dict[str, int]:
    """Return the rater's own progress from the counts kept with each submission."""
    practice = practice or practice_of(membership)
    return {
        "rated": membership.rated_count,
        "total": membership.assigned_count,
        "shown": membership.shown_count,
        "practice_left": practice.left,
    }


def waits_for_decision(membership: Membership) -> bool:
    """Say whether an open item is hidden and may come back into the queue."""
    hidden = open_assignments(membership).filter(sampled_item__hidden_at__isnull=False)
    return hidden.exists()


def _is_far_enough(number: int, main_number: int | None, membership: Membership) -> bool:
    distance = max(membership.study.repeat_distance, 1)
    return main_number is not None and number - main_number >= distance


def _is_volume(unit: SampledItem) -> bool:
    return unit.slice_index is None and unit.item_version.item.kind == ImageKind.VOLUME


def _in_turn(membership: Membership) -> Iterator[tuple[Assignment, int | None]]:
    """Yield open assignments in turn, each with the number of its item's main showing."""
    rows = (
        open_assignments(membership)
        .filter(sampled_item__hidden_at__isnull=True, sampled_item__withdrawn_at__isnull=True)
        .select_related("sampled_item__item_version__item", "sampled_item__item_version__mask")
        .order_by("turn", "pk")
    )
    chunk = list(rows[:CHUNK])
    while chunk:
        mains = _main_numbers(membership, chunk)
        for assignment in chunk:
            yield assignment, mains.get(assignment.sampled_item_id)
        if len(chunk) < CHUNK:
            return
        last = chunk[-1]
        after = Q(turn__gt=last.turn) | Q(turn=last.turn, pk__gt=last.pk)
        chunk = list(rows.filter(after)[:CHUNK])


def _main_numbers(membership: Membership, chunk: list[Assignment]) -> dict[int, int | None]:
    repeated = [row.sampled_item_id for row in chunk if row.kind == Assignment.Kind.REPEAT]
    if not repeated:
        return {}
    mains = membership.assignments.filter(kind=Assignment.Kind.MAIN, sampled_item_id__in=repeated)
    return dict(mains.values_list("sampled_item_id", "showing"))
