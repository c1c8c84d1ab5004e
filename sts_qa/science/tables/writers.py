"""Report tables as files: one function per format, one line each in WRITERS."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from sts_qa.science.tables.model import (
    Block,
    Column,
    Missing,
    ReportTable,
    cell_value,
    coded_columns,
    missing_code,
)
from sts_qa.science.tables.spreadsheet import MEDIA_TYPE as XLSX_MEDIA_TYPE
from sts_qa.science.tables.xlsx import write_xlsx

BYTE_ORDER_MARK = "\ufeff"
CSV_LINE_END = "\r\n"
JSON_ROW_START = "\n" + 8 * " "
JSON_CELL_START = "\n" + 10 * " "
JSON_CELLS = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=("," + JSON_CELL_START, ": ")
)
FORMULA_START = re.compile(r"\s*[=+\-@\t\r]")
FORMULA_AFTER_SEPARATOR = re.compile(r"([,;\t]\s*)(?=[=+\-@])")


@dataclass(frozen=True)
class Writer:
    """A file format: its extension, media type and the function that writes the bytes."""

    extension: str
    media_type: str
    write: Callable[[ReportTable, IO[bytes]], None]


def write_csv(table: ReportTable, file: IO[bytes]) -> None:
    """Write a table as CSV, all blocks in one rectangle, notes and provenance as last lines.

    UTF-8 with byte order mark, text quoted, numbers with full precision, missing values empty
    with their codes in columns of their own at the right end. docs/methods/quality_scores.md
    tells how to read it.
    """
    file.write(BYTE_ORDER_MARK.encode())
    _write_blocks(file, ((line + CSV_LINE_END).encode() for line in _csv_lines(table)))


def _csv_lines(table: ReportTable) -> Iterator[str]:
    codes = list(dict.fromkeys(column.code for block in table.blocks for column in block.columns))
    with_codes = {column.code for block in table.blocks for column in coded_columns(block)}
    coded = [code for code in codes if code in with_codes]
    header = [*codes, *(f"{code}_missing" for code in coded)]
    several = len(table.blocks) > 1
    yield csv_line([*(["block"] if several else []), *header])
    for block in table.blocks:
        for values in _plain_rows(block):
            numbers = [_known(values.get(code)) for code in codes]
            reasons = [missing_code(values.get(code)) or None for code in coded]
            yield csv_line([*([block.slug] if several else []), *numbers, *reasons])
    titles = [f"{block.slug}: {block.title}" for block in table.blocks if several]
    about = [f"{label}: {text}" for label, text in table.provenance.items()]
    yield from map(csv_comment, [table.title, *titles, *table.notes, *about])


def json_blocks(table: ReportTable) -> Iterator[bytes]:
    """Yield a table as JSON, block by block."""
    return (text.encode() for text in _json_texts(table))


def write_json(table: ReportTable, file: IO[bytes]) -> None:
    """Write a table as JSON with full precision; missing values are null, their codes listed."""
    _write_blocks(file, json_blocks(table))


def _write_blocks(file: IO[bytes], blocks: Iterable[bytes]) -> None:
    # Not writelines: temporary files of Python leave memory for the disk only after its end
    for block in blocks:
        file.write(block)


WRITERS = {
    "csv": Writer("csv", "text/csv; charset=utf-8", write_csv),
    "xlsx": Writer("xlsx", XLSX_MEDIA_TYPE, write_xlsx),
    "json": Writer("json", "application/json", write_json),
}


def _plain_rows(block: Block) -> Iterator[dict[str, str | int | float | Missing]]:
    for row in block.rows:
        yield {column.code: cell_value(row, column) for column in block.columns}


def _json_texts(table: ReportTable) -> Iterator[str]:
    """Yield what `json.dumps` with an indent of 2 makes of the whole table, row by row."""
    head = _laid_out({"slug": table.slug, "title": table.title})
    yield head.removesuffix("\n}") + ',\n  "blocks": ['
    for number, block in enumerate(table.blocks):
        yield ",\n    " if number else "\n    "
        yield from _json_block(block)
    tail = _laid_out({"notes": list(table.notes), "provenance": dict(table.provenance)})
    yield "\n  ]," + tail.removeprefix("{") + "\n"


def _json_block(block: Block) -> Iterator[str]:
    columns = [_json_column(column) for column in block.columns]
    head = _laid_out({"slug": block.slug, "title": block.title, "columns": columns})
    yield head.removesuffix("\n}").replace("\n", "\n    ") + ',\n      "rows": '
    known = ({code: _known(value) for code, value in row.items()} for row in _plain_rows(block))
    yield from _json_rows(known)
    yield ',\n      "missing": '
    yield from _json_rows(_json_missing(block))
    yield "\n    }"


def _json_missing(block: Block) -> Iterator[dict[str, str | int]]:
    for number, row in enumerate(block.rows):
        for column in block.columns:
            if reason := missing_code(row.get(column.code)):
                yield {"row": number, "column": column.code, "code": reason}


def _json_rows(rows: Iterable[Mapping[str, str | int | float | None]]) -> Iterator[str]:
    start = "["
    for row in rows:
        cells = JSON_CELLS.encode(row)[1:-1]
        inside = JSON_CELL_START + cells + JSON_ROW_START if cells else ""
        yield start + JSON_ROW_START + "{" + inside + "}"
        start = ","
    yield "[]" if start == "[" else "\n      ]"


def _laid_out(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)


def _json_column(column: Column) -> dict[str, Any]:
    return {
        "code": column.code,
        "label": column.label,
        "unit": column.unit,
        "kind": column.kind,
        "decimals": column.decimals,
        "header": column.header,
    }


def _known(value: str | int | float | Missing | None) -> str | int | float | None:
    return None if isinstance(value, Missing) else value


def csv_line(values: Sequence[str | int | float | None]) -> str:
    """Return values as one line of CSV without its end: text quoted, None empty."""
    # The csv module of Python 3.11 cannot quote all text and leave missing values unquoted,
    # and an unquoted '#' would start a comment for readers.
    return ",".join(
        "" if value is None else _csv_text(value) if isinstance(value, str) else repr(value)
        for value in values
    )


def _csv_text(text: str) -> str:
    if text != "-" and FORMULA_START.match(text):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"'


def csv_comment(text: str) -> str:
    """Make a comment line that stays one line and in which no cell can start a formula."""
    one_line = " ".join(text.split()).replace('"', "'")
    return "# " + FORMULA_AFTER_SEPARATOR.sub(r"\1'", one_line)
