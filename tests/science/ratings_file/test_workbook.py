"""Workbooks, and archives that only say that they are one."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from sts_qa.science.ratings_file import RatingsFile, ReadingOptions, read_ratings
from sts_qa.science.ratings_file.limits import MOST_UNPACKED_BYTES

SHEET = "xl/worksheets/sheet1.xml"


def workbook(rows: list[list[object]], *, second: list[list[object]] | None = None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if second is not None:
        sheet = book.create_sheet("More")
        for row in second:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def changed(data: bytes, name: str, change) -> bytes:
    """Return the archive with one part changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as archive:
        for part in source.namelist():
            content = source.read(part)
            archive.writestr(part, change(content) if part == name else content)
    return target.getvalue()


def numbers(file: RatingsFile) -> dict[tuple[str, str], float]:
    return {
        (rating.rater, rating.item): float(score.value)
        for rating in file.ratings
        for score in rating.scores.values()
        if score.value is not None
    }


ROWS: list[list[object]] = [["item", "rater 1", "rater 2"], ["x", 3, 4.5], [None, None, None],
                            ["y", None, 2]]  # fmt: skip


def test_a_sheet_is_read_like_a_text_file() -> None:
    file = read_ratings(workbook(ROWS))
    assert (file.errors, file.form, file.sheet) == ((), "wide_raters", "Sheet")
    expected = {("rater 1", "x"): 3, ("rater 2", "x"): 4.5, ("rater 2", "y"): 2}
    assert numbers(file) == expected
    assert (file.missing_cells, file.items["y"].row) == (1, 4)


def test_another_sheet_is_read_by_its_name() -> None:
    data = workbook([["notes"]], second=ROWS)
    assert len(read_ratings(data, ReadingOptions(sheet="More")).items) == 2
    [error] = read_ratings(data, ReadingOptions(sheet="Other")).errors
    assert error.message == "The workbook has no sheet named Other; there are: Sheet, More."


def test_a_formula_counts_by_its_stored_value() -> None:
    stored = changed(
        workbook([["item", "rater 1"], ["x", "=1+2"]]),
        SHEET,
        lambda xml: xml.replace(b"<v></v>", b"<v>3</v>").replace(b"<v />", b"<v>3</v>"),
    )
    assert numbers(read_ratings(stored)) == {("rater 1", "x"): 3}


def test_a_formula_without_a_stored_value_is_an_error() -> None:
    file = read_ratings(workbook([["item", "rater 1"], ["x", 1], ["y", "=B2+1"]]))
    [error] = file.errors
    assert (error.row, error.column) == (3, "2")
    assert "formula whose value was not stored" in error.message


def test_dates_and_errors_are_no_scores() -> None:
    file = read_ratings(
        workbook([["item", "rater 1"], ["x", datetime(2020, 1, 1)], ["y", 1], ["z", "#DIV/0!"]])
    )
    assert [(error.row, error.column) for error in file.errors] == [(2, "rater 1"), (4, "rater 1")]


def test_a_sheet_is_not_believed_what_it_says_of_its_size() -> None:
    lying = changed(
        workbook(ROWS),
        SHEET,
        lambda xml: xml.replace(b'ref="A1:C4"', b'ref="A1:XFD1048576"'),
    )
    assert lying != workbook(ROWS)
    assert len(read_ratings(lying).items) == 2


@pytest.mark.parametrize(
    "change",
    [
        # A row, or a cell, far outside
        lambda xml: xml.replace(b'<row r="4"', b'<row r="999999999999"'),
        lambda xml: xml.replace(b'<c r="C4"', b'<c r="XFD4"'),
        lambda xml: xml[:-40],
        lambda xml: b"",
        lambda xml: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + xml,
        lambda xml: b"\0" * 100,
    ],
)
def test_a_damaged_or_monstrous_sheet_is_refused(change) -> None:
    damaged = changed(workbook(ROWS), SHEET, change)
    assert damaged != workbook(ROWS)
    file = read_ratings(damaged)
    assert file.error_count == 1
    assert file.errors[0].message.endswith(".")


def test_an_archive_that_would_unpack_without_end_is_refused() -> None:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(MOST_UNPACKED_BYTES // (1 << 20) + 1):
            part.write(b"\0" * (1 << 20))
    [error] = read_ratings(target.getvalue()).errors
    assert "unpacks to" in error.message


@pytest.mark.parametrize("name", ["a.txt", "../../etc/passwd", "xl/workbook.xml"])
def test_another_archive_is_no_workbook(name: str) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, "item,rater,value\nx,R1,3\n")
    [error] = read_ratings(target.getvalue()).errors
    assert error.message.startswith("The workbook cannot be read")


def test_hostile_archives_are_refused_in_words(sample_data) -> None:
    files = [file for file in (sample_data / "hostile" / "zip").rglob("*.zip") if file.is_file()]
    assert files
    for file in files:
        read = read_ratings(file.read_bytes())
        assert read.error_count >= 1, file.name


def test_an_old_workbook_is_named() -> None:
    [error] = read_ratings(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600).errors
    assert "Save it as XLSX" in error.message
