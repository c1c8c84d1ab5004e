import gc
import warnings

import pytest

from sts_qa.science.tables.model import Missing
from sts_qa.science.tables.stored_rows import ROWS_TOGETHER, StoredRows

ROWS = [
    {"n": number, "text": f"儿童 {number}", "gap": Missing("unknown"), "none": None, "share": 0.1}
    for number in range(2 * ROWS_TOGETHER + 7)
]


def test_rows_come_back_as_they_were_any_number_of_times():
    stored = StoredRows(dict(row) for row in ROWS)
    assert len(stored) == len(ROWS)
    assert list(stored) == ROWS
    assert list(stored) == ROWS


def test_several_readers_do_not_disturb_each_other():
    stored = StoredRows(ROWS)
    assert list(zip(stored, stored, strict=True)) == list(zip(ROWS, ROWS, strict=True))


@pytest.mark.parametrize(
    "part", [slice(200), slice(0), slice(498, 502), slice(-5, None), slice(None, None, 100)]
)
def test_parts_are_those_of_a_list(part):
    assert StoredRows(ROWS)[part] == ROWS[part]
    assert StoredRows(ROWS[:3])[part] == ROWS[:3][part]


@pytest.mark.parametrize("index", [0, ROWS_TOGETHER - 1, ROWS_TOGETHER, len(ROWS) - 1, -1])
def test_single_rows_are_those_of_a_list(index):
    assert StoredRows(ROWS)[index] == ROWS[index]


@pytest.mark.parametrize("index", [len(ROWS), -len(ROWS) - 1])
def test_rows_that_there_are_not_are_refused(index):
    with pytest.raises(IndexError):
        StoredRows(ROWS)[index]


def test_no_rows_are_no_rows():
    stored = StoredRows(iter([]))
    assert (len(stored), list(stored), stored[:5], bool(stored)) == (0, [], [], False)


def test_what_fails_while_rows_are_made_is_told():
    def failing():
        yield from ROWS
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        StoredRows(failing())


def test_the_file_is_closed_with_the_rows():
    stored = StoredRows({"text": "x" * 5000} for _ in range(1000))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        file = stored._file
        del stored
        gc.collect()
    assert file.closed
