"""Handing out units of items, and putting together what several processes measured of one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sts_qa.science.metrics.files import Measured, MetricUnit, join_measured
from sts_qa.science.metrics.slabs import Slab

# Of as many items units are handed out in turn: where stores of volumes are still to be built,
# each process builds another one instead of waiting for the first
SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Gathered:
    """What the result of a unit has made complete.

    Parameters
    ----------
    found : dict, optional
        Values to be stored, without those of metrics that failed; None when the unit failed, or
        slabs of its volume are still missing.
    is_last : bool
        Whether the item is done.
    errors : dict
        What of the item could not be measured up to now, and why.
    """

    found: Measured | None
    is_last: bool
    errors: dict[str, str]


@dataclass
class _Item:
    """An item that is being measured; its slabs lie side by side until the last is there."""

    waiting: deque[MetricUnit]
    slab_count: int
    handed_out: int = 0
    slabs: dict[tuple[int, int], Slab] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def drop_slabs(self) -> None:
        """Leave out what is no longer of use once a slab has failed."""
        self.waiting = deque(unit for unit in self.waiting if unit.slab is None)
        self.slabs.clear()


class Gathering:
    """Units of items on their way to other processes and back.

    Parameters
    ----------
    items
        The units of one item after the other, at least one of each.
    """

    def __init__(self, items: Iterable[list[MetricUnit]]) -> None:
        self._coming = iter(items)
        self._items: dict[int, _Item] = {}

    def units(self) -> Iterator[MetricUnit]:
        """Yield every unit; `add` must be told what has become of it."""
        turns: deque[_Item] = deque()
        while True:
            while len(turns) < SIDE_BY_SIDE and (units := next(self._coming, None)):
                turns.append(self._opened(units))
            if not turns:
                return
            item = turns.popleft()
            if item.waiting:
                item.handed_out += 1
                turns.append(item)
                yield item.waiting.popleft()

    def add(self, unit: MetricUnit, result: Any, error: str | None) -> Gathered:
        """Take the result of a unit, or its error."""
        item = self._items[unit.item_version]
        item.handed_out -= 1
        if error is not None:
            item.errors[unit.name] = error
            if unit.slab is not None:
                item.drop_slabs()
        found = None if error is not None else self._complete(item, unit, result)
        if found is not None:
            item.errors |= {f"{unit.name}: {n}": v.error for n, v in found.items() if v.error}
            found = {name: value for name, value in found.items() if not value.error}
        is_last = not item.waiting and not item.handed_out
        if is_last:
            del self._items[unit.item_version]
        return Gathered(found, is_last, item.errors)

    def _opened(self, units: list[MetricUnit]) -> _Item:
        item = _Item(deque(units), sum(unit.slab is not None for unit in units))
        self._items[units[0].item_version] = item
        return item

    def _complete(self, item: _Item, unit: MetricUnit, result: Any) -> Measured | None:
        if unit.slab is None:
            return result
        item.slabs[unit.slab] = result
        if len(item.slabs) < item.slab_count:
            return None
        return join_measured([item.slabs[slab] for slab in sorted(item.slabs)])
