"""One page of a long list, found by where the last one ended and not by its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class Page:
    """Some rows, and the ids from which the pages before and after them are found.

    An id is None where there is no such page.
    """

    rows: list[Any]
    before: int | None
    after: int | None


def page_of(
    rows: QuerySet[Any],
    order: Sequence[str],
    *,
    size: int,
    after: int | None = None,
    before: int | None = None,
    anchors: QuerySet[Any] | None = None,
    descending: bool = False,
) -> Page:
    """Return at most `size` rows behind the row with the id `after`, or ahead of that of `before`.

    Parameters
    ----------
    order
        Fields that together name a row, in rising order unless `descending`; none of them null.
    anchors
        The list before filters, in which the given id is looked up: a row may leave the filtered
        list between two pages. An id that is in neither gives the first page.
    """
    given = after if after is not None else before
    backward = after is None and before is not None
    anchor = _values(rows if anchors is None else anchors, given, order)
    if anchor is None:
        backward = False
        chosen = rows
    else:
        chosen = rows.filter(_beyond(order, anchor, backward != descending))
    direction = [f"-{name}" for name in order] if backward != descending else list(order)
    found = list(chosen.order_by(*direction)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    if not found:
        # Everything beyond the anchor is gone: start again rather than show an empty page
        if anchor is None:
            return Page([], None, None)
        return page_of(rows, order, size=size, descending=descending)
    has_before = more if backward else anchor is not None
    has_after = more if not backward else True
    return Page(
        found,
        before=found[0].pk if has_before else None,
        after=found[-1].pk if has_after else None,
    )


def _values(rows: QuerySet[Any], pk: int | None, order: Sequence[str]) -> tuple | None:
    if pk is None:
        return None
    return rows.filter(pk=pk).values_list(*order).first()


def _beyond(order: Sequence[str], anchor: Sequence[Any], falling: bool) -> Q:
    """Return the condition of rows that are greater than the anchor, or smaller."""
    side = "lt" if falling else "gt"
    condition = Q()
    same = Q()
    for name, value in zip(order, anchor, strict=True):
        condition |= same & Q(**{f"{name}__{side}": value})
        same &= Q(**{name: value})
    return condition
