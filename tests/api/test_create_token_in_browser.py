"""A new token in the browser: it can be copied, and nothing keeps it afterwards."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from sts_qa.api.models import Token
from tests.browser.fixtures import OpenPage
from tests.browser.test_accessibility import LOOKS, violations
from tests.factories import make_user

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_making_copying_and_revoking_a_token(
    transactional_db: None, open_page: OpenPage, theme: str, language: str
) -> None:
    page = open_page(make_user("mei", theme=theme, language=language, coordinator=True))
    page.goto("/account/tokens/")
    assert violations(page) == []
    page.locator("main a[href='/account/tokens/new/']").click()
    page.wait_for_url("**/account/tokens/new/")
    assert violations(page) == []
    page.locator("[name=name]").fill("Nightly import")
    page.locator("[name=scopes][value=read]").check()
    page.keyboard.press("Enter")
    secret = page.locator("#token-secret")
    expect(secret).to_have_value(re.compile("^stsqa_"))
    assert violations(page) == []
    page.locator("#copy-secret").click()
    # Over plain HTTP there is no clipboard: the token is selected for the keyboard
    expect(page.locator("#copy-outcome")).not_to_be_empty()
    assert page.evaluate("getSelection().toString()") in (secret.input_value(), "")
    start, end = secret.evaluate("field => [field.selectionStart, field.selectionEnd]")
    assert (start, end) == (0, len(secret.input_value()))
    page.locator("main a.button-primary").click()
    page.wait_for_url("**/account/tokens/")
    assert violations(page) == []
    page.locator("main td button").click()
    expect(page.locator("main td button")).to_have_count(0)
    assert Token.objects.get().revoked_at is not None


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_the_reference_is_whole_without_anything_from_elsewhere(
    transactional_db: None, open_page: OpenPage, theme: str, language: str
) -> None:
    page = open_page(make_user(theme=theme, language=language))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/v1/docs/")
    page.locator("summary", has_text=re.compile("Parameters|参数")).first.click()
    assert violations(page) == []
    origin = page.evaluate("location.origin")
    assert [address for address in asked if not address.startswith(origin)] == []
    page.goto("/api/v1/problems/invalid/")
    assert violations(page) == []
