"""What comes next for a rater: the stored order, with repeats kept at their distance.

Reads a few rows through the partial index `assignment_queue`, whatever the size of the study.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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


@dataclass
class Queue:
    """The current assignment and those handed out ahead.

    `blocked` are the repeats passed over because their distance is not kept yet.
    """

    handed_out: list[HandedOut] = field(default_factory=list)
    blocked: list[Assignment] = field(default_factory=list)


def open_assignments(membership: Membership) -> QuerySet[Assignment]:
    return membership.assignments.filter(is_rated=False, dropped_at__isnull=True)


def shown_open_assignments(membership: Membership) -> QuerySet[Assignment]:
    """Return those that can be shown, with what showing them needs."""
    return (
        open_assignments(membership)
        .filter(sampled_item__hidden_at__isnull=True, sampled_item__withdrawn_at__isnull=True)
        .select_related(
            "sampled_item__item_version__item",
            "sampled_item__item_version__mask",
            "sampled_item__stratum__category",
        )
    )


def practice_of(membership: Membership) -> Practice:
    """Count the rater's practice items; they stand at the first positions of the order."""
    rows = membership.assignments.filter(
        position__lte=membership.study.practice_items,
        kind=Assignment.Kind.PRACTICE,
        dropped_at__isnull=True,
        sampled_item__hidden_at__isnull=True,
    ).values_list("showing", flat=True)
    return Practice(len(rows), sum(showing is not None for showing in rows))


def next_assignments(membership: Membership, *, most: int = HANDED_OUT) -> Queue:
    """Return the assignments handed out now, at most `most`, the current one first.

    A repeat comes only when at least the study's distance lies between its number and that of
    its main showing; until then it is passed over. Hidden and withdrawn items are left out.
    """
    line = _Line(membership)
    handed_out: list[HandedOut] = []
    volumes = 0
    while len(handed_out) < most and (handed := line.next()) is not None:
        if handed_out and _is_volume(handed.assignment.sampled_item):
            volumes += 1
            if volumes > VOLUMES_AHEAD:
                break
        handed_out.append(handed)
    return Queue(handed_out, line.blocked)


class _Line:
    """Goes through a rater's open assignments as they will be shown, numbering the showings."""

    def __init__(self, membership: Membership) -> None:
        self.membership = membership
        self.practice = practice_of(membership)
        self.distance = least_distance(membership)
        self.last_number = membership.shown_count
        self.last_practice = self.practice.shown
        # Of the main showing of each item met
        self.numbers: dict[int, int | None] = {}
        self.blocked: list[Assignment] = []
        self.source = _in_turn(membership, self.numbers)

    def next(self) -> HandedOut | None:
        for assignment in self.blocked:
            if self._is_far_enough(assignment):
                self.blocked.remove(assignment)
                return self._numbered(assignment)
        for assignment in self.source:
            if self._is_far_enough(assignment):
                return self._numbered(assignment)
            self.blocked.append(assignment)
        return None

    def _is_far_enough(self, assignment: Assignment) -> bool:
        if assignment.kind != Assignment.Kind.REPEAT or assignment.showing is not None:
            return True
        main_number = self.numbers.get(assignment.sampled_item_id)
        return main_number is not None and self.last_number + 1 - main_number >= self.distance

    def _numbered(self, assignment: Assignment) -> HandedOut:
        if assignment.kind == Assignment.Kind.PRACTICE:
            number = assignment.showing or self.last_practice + 1
            self.last_practice = max(self.last_practice, number)
            return HandedOut(assignment, number, self.practice.total)
        number = assignment.showing or self.last_number + 1
        self.last_number = max(self.last_number, number)
        if assignment.kind == Assignment.Kind.MAIN:
            self.numbers[assignment.sampled_item_id] = number
        return HandedOut(assignment, number, total_for(number, self.membership))


def keeps_distance(assignment: Assignment) -> bool:
    """Say whether a repeat may be shown with its own number, or the next one if it has none.

    Its main showing must have come before, at least the study's distance away.
    """
    numbers = dict(main_numbers(assignment.membership, [assignment]))
    return is_far_enough(assignment, numbers)


def is_far_enough(assignment: Assignment, numbers: Mapping[int, int | None]) -> bool:
    """Say the same, given the number of the main showing of each sampled item."""
    if assignment.kind != Assignment.Kind.REPEAT:
        return True
    membership = assignment.membership
    main_number = numbers.get(assignment.sampled_item_id)
    number = assignment.showing or membership.shown_count + 1
    return main_number is not None and number - main_number >= least_distance(membership)


def least_distance(membership: Membership) -> int:
    """Return how many showings must at least lie from an item to its repeat."""
    return max(membership.study.repeat_distance, 1)


def total_for(number: int, membership: Membership) -> int:
    """Return the end of the counter, of which items withdrawn after their showing are no part."""
    return max(number, membership.assigned_count)


def counter_of(assignment: Assignment, practice: Practice) -> dict[str, int]:
    """Return the counter of one assignment: its number once shown, else the next one."""
    membership = assignment.membership
    if assignment.kind == Assignment.Kind.PRACTICE:
        return {"number": assignment.showing or practice.shown + 1, "total": practice.total}
    number = assignment.showing or membership.shown_count + 1
    return {"number": number, "total": total_for(number, membership)}


def progress_of(membership: Membership) -> dict[str, int]:
    """Return the rater's own progress from the counts kept with each submission."""
    return {
        "rated": membership.rated_count,
        "total": membership.assigned_count,
        "shown": membership.shown_count,
    }


def waits_for_decision(membership: Membership) -> bool:
    """Say whether an open item is hidden and may come back into the queue."""
    hidden = open_assignments(membership).filter(sampled_item__hidden_at__isnull=False)
    return hidden.exists()


def _is_volume(unit: SampledItem) -> bool:
    return unit.slice_index is None and unit.item_version.item.kind == ImageKind.VOLUME


def _in_turn(membership: Membership, numbers: dict[int, int | None]) -> Iterator[Assignment]:
    """Yield open assignments in turn; note in `numbers` where a repeat's item was shown first."""
    rows = shown_open_assignments(membership).order_by("turn", "pk")
    chunk = list(rows[:CHUNK])
    while chunk:
        last = chunk[-1]
        # What is on the screen stays first, also when a repeat has just become due
        chunk.sort(key=lambda row: row.showing is None)
        for unit_id, number in main_numbers(membership, chunk):
            numbers.setdefault(unit_id, number)
        yield from chunk
        if len(chunk) < CHUNK:
            return
        after = Q(turn__gt=last.turn) | Q(turn=last.turn, pk__gt=last.pk)
        chunk = list(rows.filter(after)[:CHUNK])


def main_numbers(
    membership: Membership, chunk: Iterable[Assignment]
) -> list[tuple[int, int | None]]:
    """Return the number of the main showing of each item that a repeat in `chunk` is of."""
    repeated = [row.sampled_item_id for row in chunk if row.kind == Assignment.Kind.REPEAT]
    if not repeated:
        return []
    mains = membership.assignments.filter(kind=Assignment.Kind.MAIN, sampled_item_id__in=repeated)
    return list(mains.values_list("sampled_item_id", "showing"))
