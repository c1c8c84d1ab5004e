"""Waiting for what no page shows: rows of the database, requests that a route holds."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.fixtures import LONGEST_WAIT_MS


def wait_until(page: Page, holds: Callable[[], object]) -> None:
    """Let the browser go on until `holds()` is true; fail when that takes too long."""
    end = time.monotonic() + LONGEST_WAIT_MS / 1000
    while not holds():
        assert time.monotonic() < end, "what was waited for has not come"
        page.wait_for_timeout(50)
