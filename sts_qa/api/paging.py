"""Long lists: page by page from where the last one ended, or streamed whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.problems import Problem, invalid

STREAMED_AT_ONCE = 500


class Source(Protocol):
    """Rows that are neither of one table nor in memory, but can be found from a place on."""

    def behind(self, after: list[Any] | None, size: int) -> list[Any]:
        """Return at most `size` rows behind the one with these values of the order."""


@dataclass(frozen=True)
class Listing:
    """A list to be paged or streamed.

    `order` are fields that together name a row, none of them null, "-" before those in falling
    order; dotted or `__` names as in a query. Those of a list in memory are numbers and texts, and
    it is brought into that order. `each` turns some rows at once into what the schema describes, so
    that it can read what all of them need in one query.
    """

    rows: QuerySet[Any] | Sequence[Any] | Source
    order: tuple[str, ...]
    each: Callable[[list[Any]], Sequence[Any]] = list


@dataclass(frozen=True)
class Part:
    """Some rows, and where the next ones begin; `cursor` is empty at the end of the list."""

    rows: Sequence[Any]
    cursor: str


def part_of(listing: Listing, *, cursor: str, limit: int, place: str) -> Part:
    """Return at most `limit` rows behind `cursor`; a cursor holds for the list at `place` only."""
    after = _read(cursor, len(listing.order), place) if cursor else None
    found = _rows_behind(listing, after, limit + 1)
    more, found = len(found) > limit, found[:limit]
    following = _write(_values(listing, found[-1]), place) if more else ""
    return Part(listing.each(found), following)


def all_parts(listing: Listing) -> Iterator[Sequence[Any]]:
    """Yield the whole list in parts of a few hundred rows."""
    after = None
    while found := _rows_behind(listing, after, STREAMED_AT_ONCE):
        yield listing.each(found)
        if len(found) < STREAMED_AT_ONCE:
            return
        after = _values(listing, found[-1])


def next_address(request: Request, cursor: str) -> str | None:
    """Return the address of the page that begins at `cursor`, with the same filters."""
    if not cursor:
        return None
    query = request.query_params.copy()
    query["cursor"] = cursor
    return f"{request.path}?{query.urlencode()}"


def _rows_behind(listing: Listing, after: list[Any] | None, size: int) -> list[Any]:
    rows = listing.rows
    if isinstance(rows, QuerySet):
        try:
            chosen = rows if after is None else rows.filter(_behind(listing.order, after))
            return list(chosen.order_by(*listing.order)[:size])
        except (ValidationError, ValueError, TypeError):
            raise _wrong_cursor() from None
    if not isinstance(rows, Sequence):
        return rows.behind(after, size)
    try:
        return _behind_in_memory(listing, rows, after)[:size]
    except TypeError:
        raise _wrong_cursor() from None


def _behind_in_memory(listing: Listing, rows: Sequence[Any], after: list[Any] | None) -> list[Any]:
    """Return the rows behind the place `after`, whether or not its own row is still there."""
    keyed = [(_values(listing, row), row) for row in rows]
    # Databases sort texts by rules of their own: only one order for both can be gone on with
    for column, name in reversed(list(enumerate(listing.order))):
        keyed.sort(key=partial(_value_at, column), reverse=name.startswith("-"))
    return [row for key, row in keyed if after is None or _is_behind(listing.order, key, after)]


def _value_at(column: int, keyed: tuple[list[Any], Any]) -> Any:
    return keyed[0][column]


def _is_behind(order: tuple[str, ...], key: list[Any], after: list[Any]) -> bool:
    for name, value, last in zip(order, key, after, strict=True):
        if value != last:
            return value < last if name.startswith("-") else value > last
    return False


def _behind(order: tuple[str, ...], after: list[Any]) -> Q:
    condition = Q()
    same = Q()
    for name, value in zip(order, after, strict=True):
        field = name.removeprefix("-")
        side = "lt" if name.startswith("-") else "gt"
        condition |= same & Q(**{f"{field}__{side}": value})
        same &= Q(**{field: value})
    return condition


def _values(listing: Listing, row: Any) -> list[Any]:
    found = []
    for name in listing.order:
        value = row
        for step in name.removeprefix("-").replace(".", "__").split("__"):
            value = value[step] if isinstance(value, dict) else getattr(value, step)
        found.append(value)
    return found


def _plain(values: list[Any]) -> list[Any]:
    return json.loads(json.dumps(values, cls=_Exact))


class _Exact(DjangoJSONEncoder):
    """Times to the microsecond, or rows within one millisecond would come twice."""

    def default(self, value: Any) -> Any:
        return value.isoformat() if hasattr(value, "isoformat") else super().default(value)


def _signer(place: str) -> Signer:
    return Signer(salt=f"sts_qa.api.cursor:{place}")


def _write(values: list[Any], place: str) -> str:
    return _signer(place).sign_object(_plain(values), compress=True)


def _read(cursor: str, length: int, place: str) -> list[Any]:
    try:
        values = _signer(place).unsign_object(cursor)
    except (BadSignature, ValueError):
        raise _wrong_cursor() from None
    if not isinstance(values, list) or len(values) != length:
        raise _wrong_cursor()
    return values


def _wrong_cursor() -> Problem:
    return invalid("cursor", _("This cursor is not of this list. Start at its first page."))
