"""The order in which one rater sees the units, with repeats and subjects kept apart."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sts_qa.science.statistics.random_stream import RawStream

KINDS = ("radiograph", "volume", "slice")
POLICIES = ("radiographs_first", "mixed")
# After so many random slots without success, all slots are looked through instead.
RANDOM_TRIES = 30


@dataclass(frozen=True)
class Unit:
    """One showing: a unit of the sample, or the repeat of one.

    Attributes
    ----------
    id : str
        Name of the showing, the same on every machine (not a database number).
    kind : str
        'radiograph', 'volume' or 'slice'.
    subject : str, optional
        Units of one subject are kept apart. For slices of a volume without known subject, give
        the volume's key.
    repeat_of : str, optional
        The id of the unit that is shown again. A unit has at most one repeat.
    """

    id: str
    kind: str
    subject: str | None = None
    repeat_of: str | None = None


@dataclass(frozen=True)
class ClosePair:
    """Two showings of one subject that could not be kept apart; `gap` in positions."""

    earlier: str
    later: str
    gap: int


@dataclass(frozen=True)
class RaterOrder:
    """A rater's order, the repeats dropped, and the pairs of one subject that are too close."""

    order: tuple[str, ...]
    dropped_repeats: tuple[str, ...]
    close_pairs: tuple[ClosePair, ...]


def order_seed(study_seed: int, rater: str) -> int:
    """Return a rater's own seed, 0 to 2**63 - 1, from the study's seed and the rater's name."""
    return RawStream(study_seed, f"order\0{rater}").numbers(1)[0] >> 1


def rater_order(
    units: Iterable[Unit], *, seed: int, policy: str = "radiographs_first", distance: int = 1
) -> RaterOrder:
    """Put the units of one rater in order.

    Parameters
    ----------
    units : iterable of Unit
        In any order; the result does not depend on it.
    seed : int
        The rater's own seed, see `order_seed`.
    policy : str
        'radiographs_first': radiographs, then volumes, then slices, random within each;
        'mixed': all in one random order.
    distance : int
        Least number of positions between a unit and its repeat (always kept: a repeat that
        cannot keep it is dropped) and between units of one subject (kept where possible).

    Returns
    -------
    RaterOrder
        What could not be kept stands in `dropped_repeats` and `close_pairs`.

    Notes
    -----
    Units are ranked by random numbers. At each position the first unit in rank whose subject is
    far enough away is taken, unless the subjects with the most units left would then run out of
    room; in that case one of these is. A unit with a repeat that would come too late is exchanged
    with a random unit that comes early enough. Then each repeat goes to a slot chosen with equal
    probability among those far enough from the unit and, where possible, from its subject.
    """
    by_id = _checked(units, policy, distance)
    stream = RawStream(seed, "order")
    ids = sorted(by_id, key=lambda unit_id: unit_id.encode("utf-8"))
    numbers = dict(zip(ids, stream.numbers(len(ids)), strict=True))
    ranked = [by_id[unit_id] for unit_id in sorted(ids, key=lambda unit_id: numbers[unit_id])]
    order: list[str] = []
    dropped: list[str] = []
    for block in _blocks(ranked, policy):
        repeats = [unit for unit in block if unit.repeat_of is not None]
        firsts = [unit for unit in block if unit.repeat_of is None]
        _bring_repeated_forward(firsts, repeats, distance, stream)
        order += _keep_subjects_apart(firsts, order, by_id, distance)
        dropped += _insert_repeats(order, repeats, by_id, distance, stream)
    return RaterOrder(tuple(order), tuple(dropped), _close_pairs(order, by_id, distance))


def _checked(units: Iterable[Unit], policy: str, distance: int) -> dict[str, Unit]:
    if policy not in POLICIES:
        raise ValueError(f"Unknown order {policy!r}; known are {', '.join(POLICIES)}.")
    if distance < 1:
        raise ValueError(f"The least distance must be at least 1, not {distance}.")
    by_id: dict[str, Unit] = {}
    for unit in units:
        if unit.id in by_id:
            raise ValueError(f"The unit {unit.id!r} is listed twice.")
        if unit.kind not in KINDS:
            raise ValueError(f"Unit {unit.id!r}: unknown kind {unit.kind!r}.")
        by_id[unit.id] = unit
    repeats = [unit for unit in by_id.values() if unit.repeat_of is not None]
    repeated = {unit.repeat_of for unit in repeats}
    if len(repeated) != len(repeats):
        raise ValueError("A unit has more than one repeat.")
    for unit in repeats:
        first = by_id.get(unit.repeat_of or "")
        if first is None or first.repeat_of is not None:
            raise ValueError(f"Repeat {unit.id!r}: there is no unit {unit.repeat_of!r}.")
        if (first.kind, first.subject) != (unit.kind, unit.subject):
            raise ValueError(f"Repeat {unit.id!r}: kind or subject differ from {first.id!r}.")
    return by_id


def _blocks(ranked: Sequence[Unit], policy: str) -> list[list[Unit]]:
    if policy == "mixed":
        return [list(ranked)]
    return [[unit for unit in ranked if unit.kind == kind] for kind in KINDS]


def _bring_repeated_forward(
    firsts: list[Unit], repeats: Sequence[Unit], distance: int, stream: RawStream
) -> None:
    """Exchange units whose repeat would find no room behind them, in place."""
    repeated = {unit.repeat_of for unit in repeats}
    last_good = len(firsts) - distance
    partners = [i for i, unit in enumerate(firsts) if i <= last_good and unit.id not in repeated]
    for late in range(max(last_good + 1, 0), len(firsts)):
        if firsts[late].id in repeated and partners:
            early = partners.pop(stream.below(len(partners)))
            firsts[early], firsts[late] = firsts[late], firsts[early]


def _keep_subjects_apart(
    firsts: Sequence[Unit], shown: Sequence[str], by_id: dict[str, Unit], distance: int
) -> list[str]:
    """Return the ids in an order that keeps units of one subject `distance` apart if it can."""
    queues: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for rank in range(len(firsts) - 1, -1, -1):
        queues[_group(firsts[rank])].append(rank)
    free_from = {
        _group(by_id[unit_id]): position + distance for position, unit_id in enumerate(shown)
    }
    start = len(shown)
    # Both heaps may hold outdated lines; a line counts only while its rank heads its queue.
    available: list[tuple[int, tuple[str, ...]]] = []
    largest: list[tuple[int, int, tuple[str, ...]]] = []
    blocked = [(free_from.get(group, start), queue[-1], group) for group, queue in queues.items()]
    heapq.heapify(blocked)
    waiting = set(queues)
    sizes = Counter(len(queue) for queue in queues.values())
    arranged: list[str] = []
    for position in range(start, start + len(firsts)):
        while blocked and blocked[0][0] <= position:
            _, rank, group = heapq.heappop(blocked)
            waiting.discard(group)
            heapq.heappush(available, (rank, group))
            heapq.heappush(largest, (-len(queues[group]), rank, group))
        _drop_outdated(available, largest, queues, waiting)
        if not available:
            group = heapq.heappop(blocked)[2]
        elif _must_take_largest(sizes, start + len(firsts) - position, distance):
            group = largest[0][2]
        else:
            group = available[0][1]
        sizes.subtract((len(queues[group]),))
        arranged.append(firsts[queues[group].pop()].id)
        sizes.update((len(queues[group]),))
        waiting.add(group)
        if queues[group]:
            heapq.heappush(blocked, (position + distance, queues[group][-1], group))
    return arranged


def _must_take_largest(sizes: Counter[int], left: int, distance: int) -> bool:
    """Tell whether taking one of the smaller subjects now would leave too little room.

    The subjects with the most units open, `count` of them with `size` units each, need
    (size - 1) * distance + count of the positions left.
    """
    size = max(size for size, count in sizes.items() if count)
    return (size - 1) * distance + sizes[size] > left - 1


def _drop_outdated(
    available: list[tuple[int, tuple[str, ...]]],
    largest: list[tuple[int, int, tuple[str, ...]]],
    queues: dict[tuple[str, ...], list[int]],
    waiting: set[tuple[str, ...]],
) -> None:
    def outdated(rank: int, group: tuple[str, ...]) -> bool:
        return group in waiting or queues[group][-1] != rank

    while available and outdated(*available[0]):
        heapq.heappop(available)
    while largest and outdated(*largest[0][1:]):
        heapq.heappop(largest)


def _group(unit: Unit) -> tuple[str, ...]:
    return ("unit", unit.id) if unit.subject is None else ("subject", unit.subject)


def _insert_repeats(
    order: list[str],
    repeats: Sequence[Unit],
    by_id: dict[str, Unit],
    distance: int,
    stream: RawStream,
) -> list[str]:
    """Insert repeats into `order` in place; return the ids for which there was no room.

    Inserting never brings two showings nearer to each other, so what was kept stays kept.
    """
    open_repeats = list(repeats)
    while open_repeats:
        without_room = []
        for repeat in open_repeats:
            lowest = order.index(repeat.repeat_of or "") + distance
            if lowest > len(order):
                without_room.append(repeat)
            else:
                slot = _choose_slot(order, repeat, by_id, lowest, distance, stream)
                order.insert(slot, repeat.id)
        # Those inserted may have made room at the end for the others.
        if len(without_room) == len(open_repeats):
            break
        open_repeats = without_room
    return [repeat.id for repeat in open_repeats]


def _choose_slot(
    order: Sequence[str],
    repeat: Unit,
    by_id: dict[str, Unit],
    lowest: int,
    distance: int,
    stream: RawStream,
) -> int:
    def is_free(slot: int) -> bool:
        near = order[max(0, slot - distance + 1) : slot + distance - 1]
        return all(by_id[unit_id].subject != repeat.subject for unit_id in near)

    slots = len(order) + 1 - lowest
    slot = lowest + stream.below(slots)
    if repeat.subject is None:
        return slot
    for _ in range(RANDOM_TRIES):
        if is_free(slot):
            return slot
        slot = lowest + stream.below(slots)
    free = [candidate for candidate in range(lowest, len(order) + 1) if is_free(candidate)]
    return free[stream.below(len(free))] if free else slot


def _close_pairs(
    order: Sequence[str], by_id: dict[str, Unit], distance: int
) -> tuple[ClosePair, ...]:
    positions: dict[str, list[int]] = defaultdict(list)
    for position, unit_id in enumerate(order):
        subject = by_id[unit_id].subject
        if subject is not None:
            positions[subject].append(position)
    pairs = [pair for places in positions.values() for pair in pairwise(places)]
    return tuple(
        ClosePair(order[earlier], order[later], later - earlier)
        for earlier, later in sorted(pairs)
        if later - earlier < distance
    )
