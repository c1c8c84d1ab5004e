"""CSV and its relatives as rows of text cells."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from sts_qa.science.ratings_file.limits import MOST_CELLS, MOST_COLUMNS, MOST_ROWS
from sts_qa.science.ratings_file.model import SourceRow, SourceTable, UnreadableTable

DELIMITERS = (",", ";", "\t", "|")
ROWS_LOOKED_AT = 60
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In this order: what is no valid text in one of them is tried in the next
ENCODINGS = ("utf-8", "gb2312", "cp1252", "gb18030")
COMMENT = "# "


def read_text_table(data: bytes, *, encoding: str = "", delimiter: str = "") -> SourceTable:
    """Read a text file of cells.

    Parameters
    ----------
    data : bytes
        The whole file.
    encoding : str
        Default: by byte order mark, else the first of `ENCODINGS` that it is valid in.
    delimiter : str
        One character. Default: the one that gives the most regular rows.

    Returns
    -------
    SourceTable
        Rows numbered by the line on which they begin, without empty rows and comment lines.

    Raises
    ------
    UnreadableTable
        When it is no text in the encoding, or no table.
    """
    text, encoding = _decoded(data, encoding)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnreadableTable(
            f"Line {line} holds a zero byte, so this is no text file. Save it as CSV or XLSX."
        )
    delimiter = delimiter or _delimiter_of(text)
    if len(delimiter) != 1 or delimiter in '\r\n" ':
        raise UnreadableTable("The separator must be one character, such as ; or a tab.")
    rows: list[SourceRow] = []
    cells = 0
    for number, record in _records(text, delimiter):
        if not any(cell.strip() for cell in record) or record[0].startswith(COMMENT):
            continue
        cells += len(record)
        if len(record) > MOST_COLUMNS:
            raise UnreadableTable(
                f"Line {number} has {len(record):,} columns; at most {MOST_COLUMNS:,} are read."
            )
        if len(rows) >= MOST_ROWS or cells > MOST_CELLS:
            raise UnreadableTable(
                f"The file has more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells. Split it."
            )
        rows.append(SourceRow(number, tuple(record)))
    return SourceTable(tuple(rows), encoding=encoding, delimiter=delimiter)


def _decoded(data: bytes, encoding: str) -> tuple[str, str]:
    marked = [name for mark, name in MARKS if data.startswith(mark)]
    for name in [encoding] if encoding else marked[:1] or ENCODINGS:
        try:
            return data.decode(name).removeprefix("\ufeff"), name
        except UnicodeError:
            continue
        except (LookupError, ValueError):
            raise UnreadableTable(
                f"The encoding {name} is not known. Try utf-8 or gb18030."
            ) from None
    raise UnreadableTable("The file is no text in a known encoding. Save it as CSV in UTF-8.")


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each record begins, and its cells."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableTable(
            f"Line {line} cannot be read as cells ({error}). Look at the quotation marks there."
        ) from None


def _delimiter_of(text: str) -> str:
    return max(DELIMITERS, key=lambda delimiter: _regularity(text, delimiter))


def _regularity(text: str, delimiter: str) -> tuple[float, int]:
    """Return the share of the first rows that have the commonest width, and that width."""
    widths: Counter[int] = Counter()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for record in reader:
            if record and not record[0].startswith(COMMENT):
                widths[len(record)] += 1
            if sum(widths.values()) == ROWS_LOOKED_AT:
                break
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
    return (count / sum(widths.values()), width) if width > 1 else (0.0, 0)
