from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from sts_qa.science.tables.model import (
    Block,
    Column,
    Missing,
    ReportTable,
    cell_value,
    shown_value,
)


def column(kind="number", **fields):
    return Column("x", "X", kind=kind, **fields)


def test_the_upper_header_spans_neighbouring_columns():
    columns = [
        Column("category", "Category"),
        Column("contrast_mean", "Mean", header="Contrast"),
        Column("contrast_n", "n", header="Contrast"),
        Column("total", "Total"),
    ]
    assert Block("scores", "Scores", columns, []).headers() == [("", 1), ("Contrast", 2), ("", 1)]
    assert Block("scores", "Scores", columns[:1], []).headers() == []


@pytest.mark.parametrize("value", [None, float("nan"), np.float64("nan"), Missing("")])
def test_values_that_are_not_there_are_missing(value):
    assert cell_value({"x": value}, column()) == Missing("")
    assert cell_value({}, column()) == Missing("")


def test_missing_values_keep_their_code():
    assert cell_value({"x": Missing("not_applicable")}, column()) == Missing("not_applicable")
    assert cell_value({"x": Missing("not_applicable")}, column("text")).code == "not_applicable"


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (np.float64(0.5), "number", 0.5),
        (np.int64(7), "integer", 7),
        (7.0, "integer", 7),
        (Fraction(3, 10), "share", 0.3),
        (Decimal("0.25"), "number", 0.25),
        ("A", "text", "A"),
        (5, "text", "5"),
    ],
)
def test_values_become_plain_text_and_numbers(value, kind, expected):
    got = cell_value({"x": value}, column(kind))
    assert got == expected
    assert type(got) in (int, float, str)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("18", "number"),
        (2.5, "integer"),
        (float("inf"), "number"),
        (True, "integer"),
        ([], "share"),
    ],
)
def test_values_of_another_kind_are_refused(value, kind):
    with pytest.raises(ValueError, match="is not a value of kind"):
        cell_value({"x": value}, column(kind))


@pytest.mark.parametrize(
    ("value", "fields", "expected"),
    [
        (18.2345, {}, "18.23"),
        (18.0, {"decimals": 1}, "18.0"),
        (1050, {"kind": "integer"}, "1,050"),
        (0.3, {"kind": "share", "decimals": 1}, "30.0%"),
        ("-", {"kind": "text"}, "-"),
        (None, {}, "-"),
        (0, {}, "0.00"),
    ],
)
def test_values_as_people_read_them(value, fields, expected):
    assert shown_value({"x": value}, column(**fields)) == expected


def test_tables_that_contradict_themselves_are_refused():
    with pytest.raises(ValueError, match="listed twice"):
        Block("b", "B", [column(), column()], [])
    with pytest.raises(ValueError, match="row 2: no column 'y'"):
        Block("b", "B", [column()], [{"x": 1}, {"y": 1}])
    with pytest.raises(ValueError, match="kind 'date'"):
        column("date")
    with pytest.raises(ValueError, match="own slug"):
        ReportTable("t", "T", [Block("b", "B", [], []), Block("b", "B", [], [])])
    with pytest.raises(ValueError, match="needs blocks"):
        ReportTable("t", "T", [])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2411.3331, "2,411"),
        (16205.3, "16,205"),
        (3.84701, "3.847"),
        (0.0020123, "0.002012"),
        (0, "0.00"),
    ],
)
def test_numbers_of_different_sizes_show_their_significant_digits(value, expected):
    assert shown_value({"x": value}, column(significant=4)) == expected


def test_people_read_words_where_files_keep_the_code():
    state = column("text", words={"drawn": "Drawn"})
    assert [shown_value({"x": code}, state) for code in ("drawn", "other")] == ["Drawn", "other"]
    assert cell_value({"x": "drawn"}, state) == "drawn"
