"""The values of a dataset as a file, on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import transaction

from sts_qa.audit import actions as audit
from sts_qa.catalogue.models import Dataset
from sts_qa.measurements.export_sheets import sheets_of
from sts_qa.measurements.export_tables import SHAPES, ExportedTable
from sts_qa.science.tables.spreadsheet import MEDIA_TYPE, write_spreadsheet
from sts_qa.science.tables.writers import BYTE_ORDER_MARK, CSV_LINE_END, csv_comment, csv_line

BLOCK_BYTES = 1 << 16


def csv_blocks(dataset: Dataset, table: ExportedTable) -> Iterator[bytes]:
    """Yield the table line by line, its notes as comments at the end."""
    yield (BYTE_ORDER_MARK + csv_line(table.heads) + CSV_LINE_END).encode()
    for row in table.rows:
        yield (csv_line(row) + CSV_LINE_END).encode()
    for note in table.notes:
        yield (csv_comment(note) + CSV_LINE_END).encode()


def xlsx_blocks(dataset: Dataset, table: ExportedTable) -> Iterator[bytes]:
    """Write the whole spreadsheet, which cannot be sent before its end, and return it by parts."""
    with ExitStack() as opened:
        file = opened.enter_context(TemporaryFile())
        write_spreadsheet(file, sheets_of(dataset, table))
        file.seek(0)
        return _blocks(file, opened.pop_all())


def _blocks(file: IO[bytes], opened: ExitStack) -> Iterator[bytes]:
    with opened:
        while block := file.read(BLOCK_BYTES):
            yield block


@dataclass(frozen=True)
class Format:
    """A file format: its media type, and the function that makes the bytes."""

    media_type: str
    write: Callable[[Dataset, ExportedTable], Iterator[bytes]]


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", csv_blocks),
    "xlsx": Format(MEDIA_TYPE, xlsx_blocks),
}


def export_metrics(
    *, dataset: Dataset, shape: str, file_format: str, acting_user: Any
) -> Iterator[bytes]:
    """Record the export, and return all values in one of SHAPES and FORMATS."""
    with transaction.atomic():
        audit.record(
            chain=audit.dataset_chain(dataset.pk),
            action="metrics.exported",
            acting_user=acting_user,
            subject=dataset,
            details={"format": file_format, "shape": shape},
        )
    return FORMATS[file_format].write(dataset, SHAPES[shape](dataset))
