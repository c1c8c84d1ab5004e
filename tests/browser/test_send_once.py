"""A form is sent once however often its button is pressed, and says so while it takes long."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from sts_qa.api.models import Token
from sts_qa.studies.models import Study
from tests.browser.fixtures import OpenPage
from tests.factories import make_user

pytestmark = pytest.mark.browser
FILE = Path(__file__).resolve().parents[1] / "data" / "ratings" / "nflx_public_raw.csv"
# Pressed in the page, as a locator waits for the answer that is under way
THREE_PRESSES = """button => new Promise(tell => {
  for (const at of [0, 100, 200]) setTimeout(() => button.click(), at);
  setTimeout(() => {
    const working = button.form.querySelector("[role=status]");
    tell([working?.textContent ?? "", button.getAttribute("aria-disabled")]);
  }, 400);
})"""


@pytest.fixture
def page_of_coordinator(transactional_db: None, open_page: OpenPage) -> Page:
    return open_page(make_user("lin", coordinator=True))


def hold_posts(page: Page) -> list[Route]:
    """Keep what the page sends from the server; return the list of it, which grows."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.fallback()

    page.route("**/*", hold)
    return held


def test_a_second_press_while_the_file_is_imported_sends_nothing(
    page_of_coordinator: Page,
) -> None:
    page = page_of_coordinator
    page.goto("/rating/import/")
    page.get_by_label("Name of the new study").fill("Video 2016")
    page.get_by_label("File of ratings").set_input_files(FILE)
    page.get_by_role("button", name="Check the file").click()
    button = page.get_by_role("button", name="Import", exact=True)
    expect(button).to_be_visible()

    held = hold_posts(page)
    said, disabled = button.evaluate(THREE_PRESSES)
    assert said.startswith("Working.")
    assert disabled == "true"
    page.wait_for_timeout(500)
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_url("**/studies/*-*/")
    assert Study.objects.get().name == "Video 2016"


def test_loading_the_page_of_a_new_token_again_makes_no_other(page_of_coordinator: Page) -> None:
    page = page_of_coordinator
    page.goto("/account/tokens/new/")
    page.locator("[name=name]").fill("W" * 120)
    page.locator("[name=scopes][value=read]").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#token-secret")
    expect(secret).to_have_value(re.compile("^stsqa_"))
    # All of it is seen
    assert secret.evaluate("field => field.scrollWidth <= field.clientWidth")
    # Its script has run: nobody is as fast as to load the page again before that
    page.wait_for_url("**/account/tokens/")
    page.reload()
    expect(page.locator("h1")).to_have_text("API tokens")
    # A name without a space leaves the button within reach
    expect(page.locator("main td button")).to_be_in_viewport()
    page.get_by_role("link", name="What the API offers").click()
    page.wait_for_url("**/api/v1/docs/")
    page.go_back()
    expect(page.locator("h1")).to_have_text("API tokens")
    assert Token.objects.count() == 1
