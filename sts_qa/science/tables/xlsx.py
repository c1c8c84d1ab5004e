"""Report tables as XLSX: for people, where CSV and JSON are for programs."""

from collections.abc import Iterator, Sequence
from typing import IO

from sts_qa.science.tables.model import (
    Block,
    Column,
    Missing,
    ReportTable,
    cell_value,
    coded_columns,
    missing_code,
)
from sts_qa.science.tables.spreadsheet import Cell, Sheet, SheetColumn, write_spreadsheet

WIDTH_OF_TEXT, WIDTH_OF_SENTENCES = 18, 100


def write_xlsx(table: ReportTable, file: IO[bytes]) -> None:
    """Write a table as XLSX: a sheet for each block, then the sheets "columns" and "about".

    Heads are what people read. Numbers are numbers, shown with the column's decimals; missing
    values are empty cells, with their codes in columns of their own at the right end. "columns"
    tells code and unit of every column; "about" holds titles, notes and provenance.
    """
    blocks = [_block_sheet(block) for block in table.blocks]
    write_spreadsheet(file, [*blocks, _columns_sheet(table), _about_sheet(table)])


def _block_sheet(block: Block) -> Sheet:
    coded = coded_columns(block)
    columns = [
        SheetColumn(
            column.label,
            upper_head=column.header,
            number_format=_number_format(column),
            width=WIDTH_OF_TEXT if column.kind == "text" else None,
        )
        for column in block.columns
    ]
    reasons = [SheetColumn(f"{column.code}_missing") for column in coded]
    return Sheet(block.slug, [*columns, *reasons], _rows(block, coded))


def _rows(block: Block, coded: Sequence[Column]) -> Iterator[list[Cell]]:
    for row in block.rows:
        values = [cell_value(row, column) for column in block.columns]
        cells = [None if isinstance(value, Missing) else value for value in values]
        yield [*cells, *(missing_code(row.get(column.code)) or None for column in coded)]


def _number_format(column: Column) -> str:
    if column.kind == "text" or (column.kind == "number" and column.significant is not None):
        return "General"
    decimals = "." + "0" * column.decimals if column.decimals else ""
    return {"integer": "#,##0", "share": f"0{decimals}%", "number": f"#,##0{decimals}"}[column.kind]


def _columns_sheet(table: ReportTable) -> Sheet:
    heads = ("sheet", "upper_header", "column", "code", "unit", "kind")
    rows = [
        (block.slug, column.header, column.label, column.code, column.unit, column.kind)
        for block in table.blocks
        for column in block.columns
    ]
    return Sheet("columns", [SheetColumn(head, width=WIDTH_OF_TEXT) for head in heads], rows)


def _about_sheet(table: ReportTable) -> Sheet:
    columns = [
        SheetColumn("about", width=WIDTH_OF_TEXT),
        SheetColumn("text", width=WIDTH_OF_SENTENCES, wraps=True),
    ]
    blocks = [(block.slug, block.title) for block in table.blocks]
    notes = [("note", note) for note in table.notes]
    rows = [("title", table.title), *blocks, *notes, *table.provenance.items()]
    return Sheet("about", columns, rows)
