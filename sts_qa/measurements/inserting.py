"""Inserting very many measurements.

Of a radiograph there are some forty rows. Through model objects they take the database's process
longer than two processes take to measure the radiograph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from sts_qa.measurements.models import Measurement

COLUMNS = (
    "item_version_id",
    "mask_id",
    "metric",
    "metric_version",
    "value",
    "reason",
    "slice_values",
    "summary",
    "run_id",
)


def insert_measurements(rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows in one transaction; what is stored already stays as it is.

    Parameters
    ----------
    rows
        Each with a value for every one of COLUMNS.
    """
    names = [connection.ops.quote_name(name) for name in (*COLUMNS, "computed_at")]
    statement = (
        f"INSERT INTO {connection.ops.quote_name(Measurement._meta.db_table)} "
        f"({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))}) ON CONFLICT DO NOTHING"
    )
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(statement, [(*row, now) for row in rows])


def as_json(value: Any) -> Any:
    """A value of the columns `slice_values` and `summary` as the database takes it."""
    if value is None:
        return None
    return Measurement._meta.get_field("summary").get_db_prep_save(value, connection)
