"""What every test may ask for: the sample data, and people at browsers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from tests.browser.fixtures import (  # noqa: F401
    browser_errors,
    chromium,
    collected_files,
    live_address,
    open_page,
    page,
    served_files,
)

PROJECT = Path(__file__).resolve().parent.parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Chromium, so that it can be left out or run alone."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(autouse=True)
def first_language() -> Iterator[None]:
    """Begin each test in the installation's language: a request leaves its own to its thread."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder of real sample images; tests that need it are skipped where it is missing."""
    folder = Path(os.environ.get("STS_QA_SAMPLE_DATA") or PROJECT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no sample data: set STS_QA_SAMPLE_DATA to its folder")
    return folder
