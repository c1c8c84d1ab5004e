"""Sheets of rows as one XLSX file, written row by row so that long tables take little memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, groupby, islice
from typing import IO, Any

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
# Spreadsheets keep numbers as doubles
LARGEST_INTEGER = 2**53
LONGEST_NAME = 31
NARROWEST, WIDEST = 8, 60
# Of every file, so that the same table is the same file
MADE = datetime(2000, 1, 1, tzinfo=UTC)
# Text stays text, whatever it looks like
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Cell = str | int | float | None


@dataclass(frozen=True)
class SheetColumn:
    """A column: its head, the head that neighbours share, how numbers look, width in letters.

    `wraps`: long text takes several lines instead of reaching over the next cell.
    """

    head: str
    upper_head: str = ""
    number_format: str = "General"
    width: int | None = None
    wraps: bool = False


@dataclass(frozen=True)
class Sheet:
    """A sheet of one table; `rows` are read once. None and "" are empty cells."""

    name: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Cell]]
    frozen_columns: int = 0


def write_spreadsheet(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write the sheets one after the other; their heads stay in sight when rows are scrolled.

    A sheet with more rows than spreadsheets hold goes on in further ones, named "… (2)" and so on.
    Integers beyond 2**53 become text, so that no digit is lost; text longer than a cell holds is
    cut and ends with "…".
    """
    # Only where a workbook is written
    import xlsxwriter

    workbook = xlsxwriter.Workbook(file, OPTIONS)
    workbook.set_properties({"created": MADE})
    for sheet in sheets:
        heads = 1 + any(column.upper_head for column in sheet.columns)
        for number, rows in enumerate(_parts(sheet.rows, MOST_ROWS - heads), start=1):
            _write_sheet(workbook, sheet, number, rows)
    workbook.close()


def _parts(rows: Iterable[Sequence[Cell]], size: int) -> Iterator[Iterable[Sequence[Cell]]]:
    """Yield at least one part of the rows, each to be read before the next."""
    coming = iter(rows)
    yield islice(coming, size)
    for first in coming:
        yield chain([first], islice(coming, size - 1))


def _write_sheet(workbook: Any, sheet: Sheet, number: int, rows: Iterable[Sequence[Cell]]) -> None:
    worksheet = workbook.add_worksheet(_name(sheet.name, number))
    for index, column in enumerate(sheet.columns):
        look = workbook.add_format(
            {"num_format": column.number_format, "text_wrap": column.wraps, "valign": "top"}
        )
        worksheet.set_column(index, index, _width(column), look)
    heads = _write_heads(workbook, worksheet, sheet.columns)
    worksheet.freeze_panes(heads, sheet.frozen_columns)
    last = heads - 1
    for last, cells in enumerate(rows, start=heads):
        _write_row(worksheet, last, cells)
    if sheet.columns:
        worksheet.autofilter(heads - 1, 0, last, len(sheet.columns) - 1)


def _write_heads(workbook: Any, worksheet: Any, columns: Sequence[SheetColumn]) -> int:
    """Write the heads and return how many rows they take."""
    look = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    row = 0
    if any(column.upper_head for column in columns):
        centred = workbook.add_format({"bold": True, "align": "center"})
        first = 0
        for text, shared in groupby(column.upper_head for column in columns):
            last = first + len(list(shared)) - 1
            if text and last > first:
                worksheet.merge_range(row, first, row, last, "", centred)
            if text:
                worksheet.write_string(row, first, _text(text), centred)
            first = last + 1
        row += 1
    for index, column in enumerate(columns):
        worksheet.write_string(row, index, _text(column.head), look)
    return row + 1


def _write_row(worksheet: Any, row: int, cells: Sequence[Cell]) -> None:
    for index, cell in enumerate(cells):
        if cell is None or cell == "":
            continue
        if isinstance(cell, int) and abs(cell) > LARGEST_INTEGER:
            cell = str(cell)
        if isinstance(cell, str):
            worksheet.write_string(row, index, _text(cell))
        else:
            worksheet.write_number(row, index, cell)


def _text(text: str) -> str:
    # The limit counts letters beyond the basic plane twice
    if len(text.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
        units = text.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - 1)]
        text = units.decode("utf-16-le", errors="ignore") + "…"
    # XlsxWriter would take this for formatting and write it as it is
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "
    return text


def _width(column: SheetColumn) -> int:
    return column.width or min(max(NARROWEST, len(column.head) + 3), WIDEST)


def _name(name: str, number: int) -> str:
    """Return a name of a sheet as spreadsheets allow it."""
    ending = f" ({number})" if number > 1 else ""
    allowed = "".join("_" if letter in "[]:*?/\\'" else letter for letter in name)
    return allowed[: LONGEST_NAME - len(ending)] + ending
