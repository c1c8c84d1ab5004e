"""The client's example runs a whole study against a live server, and prints the page's Table 5."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

from django.test import Client

from sts_qa.rating.models import Rating
from sts_qa.studies.models import Study
from tests.api.live import Installation
from tests.browser.marked_images import write_dataset

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLE = PROJECT / "clients" / "python" / "examples" / "whole_study.py"
LONGEST_SECONDS = 240


def run_example(installation: Installation, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), str(folder)],
        env={
            **os.environ,
            "PYTHONPATH": str(EXAMPLE.parents[1]),
            "STS_QA_ADDRESS": installation.address,
            "STS_QA_TOKEN": installation.secret,
        },
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class TableReader(HTMLParser):
    """Reads the tables of a page as rows of texts, by the id of their caption."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "caption":
            self._rows = self.tables.setdefault(str(dict(attributes)["id"]), [])
        if tag == "tr":
            self._rows.append([])
        if tag in ("td", "th"):
            self._in_cell = True
            self._rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self._rows[-1][-1] = f"{self._rows[-1][-1]} {data}".strip()


def table_on_the_page(address: str, user: object) -> list[list[str]]:
    """Return the block of means as the page shows it with programs as raters."""
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(user)
    page = browser.get(f"{address}?models=panel")
    assert page.status_code == 200
    reader = TableReader()
    reader.feed(page.content.decode())
    return reader.tables["block-means"]


def printed_table(output: str) -> list[list[str]]:
    return [line.split(" | ") for line in output.splitlines() if line.count(" | ") > 3]


def test_the_example_prints_the_table_that_the_page_shows(installation, tmp_path):
    images = write_dataset(tmp_path / "images")
    output = run_example(installation, tmp_path / "images")

    study = Study.objects.get()
    assert study.state == Study.State.CLOSED
    assert "Before closing: 403 sealed" in output
    ratings = Rating.objects.filter(is_current=True)
    assert ratings.count() == 5 * len(images)
    assert set(ratings.values_list("channel", flat=True)) == {Rating.Channel.API}

    printed = printed_table(output)
    place = f"/reports/{study.public_id}/quality-scores/"
    shown = table_on_the_page(place, installation.coordinator)
    heads, rows = shown[1], shown[2:]
    assert len(rows) == 3
    assert printed[1:] == rows
    assert len(printed[0]) == len(heads)
    assert all(shown.startswith(told) for told, shown in zip(printed[0], heads, strict=True))
    numbers = [float(cell) for row in rows for cell in row if re.fullmatch(r"\d+\.\d\d", cell)]
    # Eight scores and sums of each category that are not all alike
    assert len(numbers) >= 3 * 8
    assert len(set(numbers)) > 10
