"""Report tables as files: one function per format, one line each in WRITERS."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import Any

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
FORMULA_START = re.compile(r"\s*[=+\-@\t\r]")
FORMULA_AFTER_SEPARATOR = re.compile(r"([,;\t]\s*)(?=[=+\-@])")


@dataclass(frozen=True)
class Writer:
    """A file format: its extension, media type and the function that makes the bytes."""

    extension: str
    media_type: str
    write: Callable[[ReportTable], bytes]


def write_csv(table: ReportTable) -> bytes:
    """Write a table as CSV, all blocks in one rectangle, notes and provenance as last lines.

    UTF-8 with byte order mark, text quoted, numbers with full precision, missing values empty
    with their codes in columns of their own at the right end. docs/methods/quality_scores.md
    tells how to read it.
    """
    codes = list(dict.fromkeys(column.code for block in table.blocks for column in block.columns))
    with_codes = {column.code for block in table.blocks for column in coded_columns(block)}
    coded = [code for code in codes if code in with_codes]
    header = [*codes, *(f"{code}_missing" for code in coded)]
    several = len(table.blocks) > 1
    lines = [csv_line([*(["block"] if several else []), *header])]
    for block in table.blocks:
        for values in _plain_rows(block):
            numbers = [_known(values.get(code)) for code in codes]
            reasons = [missing_code(values.get(code)) or None for code in coded]
            lines.append(csv_line([*([block.slug] if several else []), *numbers, *reasons]))
    lines += [csv_comment(table.title)]
    lines += [csv_comment(f"{block.slug}: {block.title}") for block in table.blocks if several]
    lines += [csv_comment(note) for note in table.notes]
    lines += [csv_comment(f"{label}: {text}") for label, text in table.provenance.items()]
    return (BYTE_ORDER_MARK + CSV_LINE_END.join(lines) + CSV_LINE_END).encode("utf-8")


def write_json(table: ReportTable) -> bytes:
    """Write a table as JSON with full precision; missing values are null, their codes listed."""
    document = {
        "slug": table.slug,
        "title": table.title,
        "blocks": [_json_block(block) for block in table.blocks],
        "notes": list(table.notes),
        "provenance": dict(table.provenance),
    }
    # A piece at a time: all pieces of a long table at once take several times its own memory
    content = BytesIO()
    text = TextIOWrapper(content, encoding="utf-8", newline="")
    json.dump(document, text, ensure_ascii=False, indent=2, allow_nan=False)
    text.write("\n")
    text.flush()
    return content.getvalue()


WRITERS = {
    "csv": Writer("csv", "text/csv; charset=utf-8", write_csv),
    "xlsx": Writer("xlsx", XLSX_MEDIA_TYPE, write_xlsx),
    "json": Writer("json", "application/json", write_json),
}


def _plain_rows(block: Block) -> Iterator[dict[str, str | int | float | Missing]]:
    for row in block.rows:
        yield {column.code: cell_value(row, column) for column in block.columns}


def _json_block(block: Block) -> dict[str, Any]:
    rows: list[dict[str, str | int | float | None]] = []
    missing: list[dict[str, Any]] = []
    for number, row in enumerate(_plain_rows(block)):
        for code, value in row.items():
            if reason := missing_code(value):
                missing.append({"row": number, "column": code, "code": reason})
        rows.append({code: _known(value) for code, value in row.items()})
    return {
        "slug": block.slug,
        "title": block.title,
        "columns": [_json_column(column) for column in block.columns],
        "rows": rows,
        "missing": missing,
    }


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
