"""A sheet of an XLSX workbook as rows of text cells; formulas count by their stored values."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from sts_qa.science.ratings_file.limits import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_UNPACKED_BYTES,
)
from sts_qa.science.ratings_file.model import (
    MOST_ERRORS,
    FileError,
    SourceRow,
    SourceTable,
    UnreadableTable,
)

ZIP_START = b"PK\x03\x04"
OLD_START = b"\xd0\xcf\x11\xe0"
WIDEST_SHEET = 16_384
PIECE = 1 << 20
ENCRYPTED = 0x1
FORMULA = b"<f"
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


def read_workbook(data: bytes, *, sheet: str = "") -> SourceTable:
    """Read one sheet of a workbook.

    Parameters
    ----------
    data : bytes
        The whole file.
    sheet : str
        Name of the sheet. Default: the first one.

    Returns
    -------
    SourceTable
        Rows numbered as in the sheet, without empty rows. Each formula without a stored value is
        an error, because an empty cell would count as not rated.

    Raises
    ------
    UnreadableTable
        When it is no sound workbook, or larger than what is read.
    """
    has_formulas = _checked(data)
    values = _open(data, stored_values=True)
    name = _sheet_name(values, sheet)
    errors = _unstored_formulas(data, name) if has_formulas else ()
    rows = tuple(SourceRow(number, cells) for number, cells in _rows(values[name]) if any(cells))
    return SourceTable(rows, sheet=name, errors=tuple(errors))


def _checked(data: bytes) -> bool:
    """Refuse what is no plain workbook before anything of it is unpacked; look for formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or size > MOST_UNPACKED_BYTES:
                raise UnreadableTable(
                    f"The workbook unpacks to {size:,} bytes in {len(parts):,} parts, more than "
                    "is read. Save the sheet with the ratings alone, or as CSV."
                )
            if any(part.flag_bits & ENCRYPTED for part in parts):
                raise UnreadableTable("The workbook is encrypted. Save it without a password.")
            # Every part is looked into: one that is not plain is refused wherever it lies
            found = [_look_into(archive, part) for part in parts]
            return any(found)
    except UnreadableTable:
        raise
    # A damaged archive fails in many ways, all of which mean the same to the person
    except Exception as error:
        raise _damaged(error) from error


def _look_into(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Say whether a part holds a formula; refuse one that declares what it is made of."""
    found, before = False, b""
    with archive.open(part) as stream:
        while piece := stream.read(PIECE):
            window = before + piece
            if any(mark in window for mark in DECLARATIONS):
                raise UnreadableTable(
                    "The workbook holds a document type declaration, which no spreadsheet program "
                    "writes. Save it anew from a spreadsheet program."
                )
            found = found or FORMULA in window
            before = piece[-16:]
    return found and part.filename.startswith("xl/worksheets/")


def _open(data: bytes, *, stored_values: bool) -> Any:
    # Only where a workbook is read
    from openpyxl import load_workbook

    try:
        return load_workbook(
            io.BytesIO(data), read_only=True, data_only=stored_values, keep_links=False
        )
    except Exception as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> UnreadableTable:
    return UnreadableTable(
        f"The workbook cannot be read ({type(error).__name__}). Open it in a spreadsheet program "
        "and save it as XLSX or CSV."
    )


def _sheet_name(workbook: Any, wanted: str) -> str:
    names = [worksheet.title for worksheet in workbook.worksheets]
    if wanted and wanted not in names:
        raise UnreadableTable(
            f"The workbook has no sheet named {wanted}; there are: {', '.join(names)}."
        )
    if not names:
        raise UnreadableTable("The workbook has no sheet with cells. Save the ratings as a sheet.")
    return wanted or str(names[0])


def _cells(worksheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield row number and cells; never trusts what the sheet says of its own size."""
    worksheet.reset_dimensions()
    seen = 0
    try:
        for number, row in enumerate(worksheet.iter_rows(min_row=1, min_col=1), start=1):
            seen += len(row)
            if number > MOST_ROWS or seen > 4 * MOST_CELLS or len(row) > WIDEST_SHEET:
                raise UnreadableTable(
                    f"The sheet reaches beyond {MOST_ROWS:,} rows or {4 * MOST_CELLS:,} cells. "
                    "Delete what lies outside the ratings, or split it."
                )
            yield number, row
    except UnreadableTable:
        raise
    except Exception as error:
        raise _damaged(error) from error


def _rows(worksheet: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    cells = 0
    for number, row in _cells(worksheet):
        texts = [_text(cell.value) for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        cells += len(texts)
        if len(texts) > MOST_COLUMNS or cells > MOST_CELLS:
            raise UnreadableTable(
                f"The sheet has more than {MOST_COLUMNS:,} columns or {MOST_CELLS:,} cells. "
                "Delete what lies outside the ratings, or split it."
            )
        yield number, tuple(texts)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)


def _unstored_formulas(data: bytes, name: str) -> list[FileError]:
    """Return an error for every formula whose value was not stored with it."""
    errors: list[FileError] = []
    formulas = _open(data, stored_values=False)
    values = _open(data, stored_values=True)
    pairs = zip(_cells(formulas[name]), _cells(values[name]), strict=False)
    for (number, row), (_number, stored) in pairs:
        if len(errors) >= MOST_ERRORS:
            break
        for column, (cell, value) in enumerate(zip(row, stored, strict=False), start=1):
            if getattr(cell, "data_type", "") == "f" and value.value is None:
                errors.append(
                    FileError(
                        number,
                        str(column),
                        "The cell holds a formula whose value was not stored. Open the file in a "
                        "spreadsheet program, save it, and import again.",
                    )
                )
    return errors
