"""Paging: every row once, in both directions, also when the list changes meanwhile."""

from __future__ import annotations

import pytest

from sts_qa.catalogue.models import Item
from sts_qa.catalogue.queries.pages import page_of
from tests.factories import make_dataset, make_item

pytestmark = pytest.mark.django_db
SIZE = 4


@pytest.fixture
def rows():
    """11 items, ordered by label and then key, which mixes their ids."""
    dataset = make_dataset()
    for number in [5, 3, 9, 1, 7, 10, 2, 8, 4, 6, 0]:
        make_item(dataset, f"A/{number:02}.png", labelled=number % 3 == 0)
    return dataset.items.all()


ORDER = ("labelled", "key")


def keys(page) -> list[str]:
    return [row.key for row in page.rows]


def test_going_forward_and_back_meets_every_row_once(rows):
    whole = [item.key for item in rows.order_by(*ORDER)]
    pages = [page_of(rows, ORDER, size=SIZE)]
    assert pages[0].before is None
    while pages[-1].after is not None:
        pages.append(page_of(rows, ORDER, size=SIZE, after=pages[-1].after))
    assert [key for page in pages for key in keys(page)] == whole
    assert [len(page.rows) for page in pages] == [4, 4, 3]

    back = [pages[-1]]
    while back[-1].before is not None:
        back.append(page_of(rows, ORDER, size=SIZE, before=back[-1].before))
    assert [keys(page) for page in reversed(back)] == [keys(page) for page in pages]
    assert back[-1].after is not None


def test_the_newest_first_works_the_same(rows):
    whole = [item.key for item in rows.order_by("-key")]
    first = page_of(rows, ["key"], size=SIZE, descending=True)
    second = page_of(rows, ["key"], size=SIZE, after=first.after, descending=True)
    assert keys(first) + keys(second) == whole[: 2 * SIZE]
    back = page_of(rows, ["key"], size=SIZE, before=second.before, descending=True)
    assert (keys(back), back.before) == (keys(first), None)


def test_a_list_that_fills_pages_exactly_has_no_empty_last_page(rows):
    rows.filter(pk__in=rows.order_by("-key").values("pk")[:3]).update(dataset=make_dataset())
    first = page_of(rows.all(), ORDER, size=SIZE)
    assert page_of(rows.all(), ORDER, size=SIZE, after=first.after).after is None


def test_a_row_that_left_the_filter_still_says_where_to_go_on(rows):
    labelled = rows.filter(labelled=True)
    first = page_of(labelled, ("key",), size=2)
    Item.objects.filter(pk=first.after).update(labelled=False)
    second = page_of(labelled.all(), ("key",), size=2, after=first.after, anchors=rows)
    assert keys(second) == ["A/06.png", "A/09.png"]


def test_an_unknown_row_gives_the_first_page(rows):
    assert keys(page_of(rows, ORDER, size=SIZE, after=10**9)) == keys(
        page_of(rows, ORDER, size=SIZE)
    )


def test_an_empty_list_has_neither_rows_nor_neighbours(rows):
    page = page_of(rows.none(), ORDER, size=SIZE)
    assert (page.rows, page.before, page.after) == ([], None, None)
