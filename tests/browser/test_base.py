"""The frame of every page, in a browser, under a host name that is not localhost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_missing_page_is_shown_whole(page: Page, browser_errors: list[str]) -> None:
    answer = page.goto("/no-such-page/")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("h1").inner_text()
    assert page.evaluate("!window.isSecureContext"), "the host must count as an ordinary network"
    # The 404 itself is the only complaint: styles, scripts and fonts came from this server
    assert all("404" in error for error in browser_errors)
    browser_errors.clear()


def test_a_page_that_fails_is_noticed(page: Page, browser_errors: list[str]) -> None:
    page.goto("/no-such-page/")
    browser_errors.clear()
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('broken script'); })")
    assert any("broken script" in error for error in browser_errors)
    browser_errors.clear()
