"""From the bytes of a file to the ratings in it."""

import zipfile
from io import BytesIO

from sts_qa.science.ratings_file.forms import MATRIX, header_of, read_matrix, read_table
from sts_qa.science.ratings_file.gathering import Gathered
from sts_qa.science.ratings_file.limits import MOST_BYTES
from sts_qa.science.ratings_file.model import (
    FileError,
    RatingsFile,
    ReadingOptions,
    SourceTable,
    UnreadableTable,
)
from sts_qa.science.ratings_file.text_table import read_text_table
from sts_qa.science.ratings_file.workbook import OLD_START, ZIP_START, read_workbook


def read_ratings(data: bytes, options: ReadingOptions | None = None) -> RatingsFile:
    """Read ratings from the bytes of a CSV or XLSX file, whatever its name.

    Parameters
    ----------
    data : bytes
        The whole file.
    options : ReadingOptions, optional
        What the file itself does not say.

    Returns
    -------
    RatingsFile
        Faults are in its `errors`; nothing of the file is believed until there are none.

    Notes
    -----
    An empty cell, or one with a usual word for nothing (NA, nan, -), means that it was not rated.
    """
    options = options or ReadingOptions()
    found = Gathered(SourceTable(()))
    form, unread = "", []
    try:
        table = _table(data, options)
        found = Gathered(table)
        if options.form == MATRIX:
            form = MATRIX
            read_matrix(table.rows, options, found)
        else:
            header = header_of(table.rows, options)
            form, unread = header.form, header.unread()
            read_table(table.rows, header, options, found)
        if not found.ratings and not found.errors:
            raise UnreadableTable("The file holds no ratings below the names of its columns.")
    except UnreadableTable as error:
        found.errors.insert(0, FileError(0, "", str(error)))
        found.error_count += 1
    return found.file(form, unread)


def _table(data: bytes, options: ReadingOptions) -> SourceTable:
    if len(data) > MOST_BYTES:
        raise UnreadableTable(
            f"The file has {len(data):,} bytes; at most {MOST_BYTES:,} are read. Split it."
        )
    if data.startswith(OLD_START):
        raise UnreadableTable(
            "This is an old or a password-protected workbook. Save it as XLSX without a password."
        )
    if data.startswith(ZIP_START) or zipfile.is_zipfile(BytesIO(data)):
        table = read_workbook(data, sheet=options.sheet)
    else:
        table = read_text_table(data, encoding=options.encoding, delimiter=options.delimiter)
    if not table.rows:
        raise UnreadableTable("The file is empty.")
    return table
