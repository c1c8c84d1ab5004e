"""XLSX files are read back with openpyxl, a program that did not write them."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest

from sts_qa.science.tables import spreadsheet
from sts_qa.science.tables.spreadsheet import Sheet, SheetColumn, write_spreadsheet

TEXT, NUMBER = SheetColumn("text"), SheetColumn("number", number_format="0.00")


def written(*sheets: Sheet) -> bytes:
    file = io.BytesIO()
    write_spreadsheet(file, sheets)
    return file.getvalue()


def read(*sheets: Sheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(written(*sheets)))


def cells_of(content: bytes, number: int = 1) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.read(f"xl/worksheets/sheet{number}.xml").decode()


def test_numbers_are_numbers_text_is_text_and_nothing_is_an_empty_cell():
    rows = [("0012", 1.5), ("", -3), (None, None), ("儿童", 0)]
    sheet = read(Sheet("values", [TEXT, NUMBER], rows))["values"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["text", "number"],
        ["0012", 1.5],
        [None, -3],
        [None, None],
        ["儿童", 0],
    ]
    assert [cell.data_type for cell in sheet["B"]] == ["s", "n", "n", "n", "n"]
    assert sheet["B2"].number_format == "0.00"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "{=1}",
        '=HYPERLINK("http://x.example","x")',
        "http://x.example/",
        "mailto:a@x.example",
        "1.5",
        "TRUE",
        "#N/A",
        "<r><t>x</t></r>",
        '</t></is></c><c r="C1"><f>1+1</f></c>',
        '<r></r></is></c><c r="C2"><f>1+1</f></c><c r="D2" t="inlineStr"><is><r></r>',
    ],
)
def test_text_stays_the_text_that_it_is(text):
    content = written(Sheet("values", [TEXT, NUMBER], [(text, 1)]))
    sheet = openpyxl.load_workbook(io.BytesIO(content))["values"]
    # Of rich text a blank is added, else the writer would take it for XML
    assert sheet["A2"].value.rstrip(" ") == text
    assert (sheet["A2"].data_type, sheet["A2"].hyperlink) == ("s", None)
    assert sheet.max_column == 2
    assert not re.search(r"<f[ >]|<hyperlink", cells_of(content))


def test_heads_are_bold_and_stay_in_sight():
    sheet = read(Sheet("values", [TEXT, NUMBER], [("a", 1)], frozen_columns=1))["values"]
    assert sheet.freeze_panes == "B2"
    assert (sheet["A1"].font.bold, sheet["A2"].font.bold) == (True, False)


def test_neighbouring_columns_share_an_upper_head():
    columns = [TEXT, SheetColumn("mean", "Sharpness"), SheetColumn("n", "Sharpness")]
    sheet = read(Sheet("values", columns, [("a", 1, 2)]))["values"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        [None, "Sharpness", None],
        ["text", "mean", "n"],
        ["a", 1, 2],
    ]
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["B1:C1"]
    assert sheet.freeze_panes == "A3"


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 3)
    rows = ((f"row {number}", number) for number in range(5))
    book = read(Sheet("values", [TEXT, NUMBER], rows), Sheet("about", [TEXT], []))
    assert book.sheetnames == ["values", "values (2)", "values (3)", "about"]
    got = [
        [cell.value for cell in book[name]["B"]] for name in ("values", "values (2)", "values (3)")
    ]
    assert got == [["number", 0, 1], ["number", 2, 3], ["number", 4]]


def test_rows_that_just_fill_a_sheet_make_no_empty_one(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 3)
    assert read(Sheet("values", [TEXT], [("a",), ("b",)])).sheetnames == ["values"]


def test_integers_beyond_what_a_double_holds_are_kept_as_text():
    sheet = read(Sheet("values", [NUMBER], [(2**53,), (2**53 + 1,), (-(2**64),)]))["values"]
    assert [cell.value for cell in sheet["A"][1:]] == [2**53, "9007199254740993", f"-{2**64}"]


@pytest.mark.parametrize("letter", ["a", "儿", "😀"])
def test_text_longer_than_a_cell_holds_is_cut_and_says_so(letter):
    sheet = read(Sheet("values", [TEXT], [(letter * 40_000,), (letter * 100,)]))["values"]
    cut = sheet["A2"].value
    # Spreadsheets count in units of UTF-16
    assert 32_766 <= len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert cut.endswith(f"{letter}…")
    assert sheet["A3"].value == letter * 100


@pytest.mark.parametrize("name", ["a" * 40, "1/2 [x]: *?\\", "'quoted'"])
def test_names_of_sheets_are_made_such_as_spreadsheets_allow(name):
    (got,) = read(Sheet(name, [TEXT], [])).sheetnames
    assert len(got) <= 31
    assert not set(got) & set("[]:*?/\\'")


def test_the_same_sheets_make_the_same_file():
    assert written(Sheet("values", [TEXT], [("a",)])) == written(Sheet("values", [TEXT], [("a",)]))
