"""What the processes of an installation have not loaded: each megabyte of it would stay."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

# Packages that rare pages and single jobs need, which import them then
FOR_RARE_PAGES_AND_JOBS = (
    "dask",
    "distributed",
    "openpyxl",
    "pandas",
    "plotly",
    "pydicom",
    "scipy.ndimage",
    "scipy.sparse",
    "scipy.spatial",
    "scipy.stats",
    "xlsxwriter",
)
FOR_PAGES = ("drf_spectacular.generators", "rest_framework.views", "sts_qa.urls", "xlsxwriter")
FOR_ANY_WORK = ("django.db.models", "numpy", "sts_qa.accounts.models", "sts_qa.jobs.models")

WEB_SERVER = "import sts_qa.wsgi"
# With nothing to do; its database need not be there
WORKER = """
import django
django.setup()
from django.core.management import execute_from_command_line
from sts_qa.jobs.worker import Worker
Worker.work = lambda *_, **__: 0
execute_from_command_line(["manage.py", "run_worker", "--until-empty"])
"""
OVERSEER = """
from django.conf import settings
from sts_qa.cli import processes
processes.server_command()
"""


def loaded_by(start: str) -> set[str]:
    answer = subprocess.run(
        [sys.executable, "-c", f"{start}\nimport sys; print('loaded:', *sys.modules)"],
        cwd=settings.BASE_FOLDER,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "sts_qa.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return set(answer.stdout.rpartition("loaded:")[2].split())


@pytest.mark.parametrize(
    ("start", "needed", "not_needed"),
    [
        (WEB_SERVER, ("sts_qa.rating.views.pixels", "blosc2"), FOR_RARE_PAGES_AND_JOBS),
        (
            WORKER,
            ("sts_qa.cli.management.commands.run_worker",),
            (*FOR_RARE_PAGES_AND_JOBS, *FOR_PAGES),
        ),
        (OVERSEER, ("sts_qa.cli.processes",), (*FOR_PAGES, *FOR_ANY_WORK)),
    ],
    ids=["web server", "worker", "overseer"],
)
def test_a_process_starts_without_what_others_need(
    start: str, needed: tuple[str, ...], not_needed: tuple[str, ...]
) -> None:
    loaded = loaded_by(start)
    assert set(needed) <= loaded
    assert not loaded.intersection(not_needed)
