"""Rows of a long table, kept in a temporary file instead of in memory."""

import pickle
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import overload

from sts_qa.science.tables.model import Row

ROWS_TOGETHER = 500
# Short tables make no file
MOST_BYTES_IN_MEMORY = 1 << 20


class StoredRows(Sequence[Row]):
    """Rows that are made once, one after the other, and read any number of times.

    Rows handed out are copies, and parts of them go forward. The file has no name and goes with
    this object.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._starts: list[int] = []
        self._length = 0
        with ExitStack() as opened:
            self._file = opened.enter_context(SpooledTemporaryFile(max_size=MOST_BYTES_IN_MEMORY))
            self._store(iter(rows))
            weakref.finalize(self, opened.pop_all().close)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Row]:
        return chain.from_iterable(map(self._read, range(len(self._starts))))

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return list(islice(self, *index.indices(self._length)))
        number, place = divmod(range(self._length)[index], ROWS_TOGETHER)
        return self._read(number)[place]

    def _store(self, coming: Iterator[Row]) -> None:
        while together := list(islice(coming, ROWS_TOGETHER)):
            self._starts.append(self._file.tell())
            # Together, because names of columns and shared values are then stored once
            pickle.dump(together, self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._length += len(together)

    def _read(self, number: int) -> list[Row]:
        # Several readers may be under way at once
        self._file.seek(self._starts[number])
        rows: list[Row] = pickle.load(self._file)
        return rows
