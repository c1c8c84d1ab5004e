"""An empty installation in a temporary folder, for benchmarks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def temporary_installation(database_url: str = "") -> Iterator[tuple[Path, Any]]:
    """Set Django up on an empty database, SQLite without an URL; yield the folder and a superuser.

    To be entered once in a process, before anything of Django is imported.
    """
    with tempfile.TemporaryDirectory(prefix="sts-qa-benchmark-") as folder:
        os.environ["STS_QA_DATA"] = str(Path(folder) / "data")
        os.environ["DATABASE_URL"] = database_url
        os.environ["DJANGO_SETTINGS_MODULE"] = "sts_qa.settings"
        import django

        django.setup()
        from django.core.management import call_command

        from sts_qa.accounts.models import User

        call_command("migrate", verbosity=0)
        yield Path(folder), User.objects.create_superuser("benchmark")
