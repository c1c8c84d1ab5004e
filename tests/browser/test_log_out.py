"""Logging out in a browser that still holds submissions."""

import re

import pytest
from playwright.sync_api import expect

from sts_qa.accounts.queries import account_key
from tests.factories import make_user

KEEP = "([key, value]) => localStorage.setItem(key, value)"


@pytest.fixture
def person(transactional_db):
    return make_user()


@pytest.fixture
def start(open_page, person):
    page = open_page(person)
    page.goto("/account/password/")
    return page


def press_log_out(page):
    if page.locator("details.menu").get_attribute("open") is None:
        page.locator("details.menu summary").click()
    page.locator("#log-out-form button").click()


def test_with_nothing_unsent_one_press_logs_out(start):
    press_log_out(start)
    start.wait_for_url("**/account/log-in/")


def test_with_unsent_submissions_their_number_is_named_first(start, person):
    for number in range(3):
        start.evaluate(KEEP, [f"sts-qa:queue:{account_key(person)}:{number}", "{}"])
    press_log_out(start)
    warning = start.locator("#log-out-form [role=alert]")
    expect(warning).to_contain_text("not yet sent to the server: 3.")
    expect(start).to_have_url(re.compile("/account/password/$"))

    press_log_out(start)
    start.wait_for_url("**/account/log-in/")
    # They wait for the next log-in of the same account
    assert start.evaluate("localStorage.length") == 3


def test_news_of_what_was_shown_is_nothing_to_lose(start, person):
    place = f"sts-qa:queue:{account_key(person)}:"
    for number, kind in enumerate(("shown", "skip", "rating")):
        start.evaluate(KEEP, [f"{place}{number}", f'{{"kind": "{kind}"}}'])
    press_log_out(start)
    warning = start.locator("#log-out-form [role=alert]")
    expect(warning).to_contain_text("not yet sent to the server: 1.")


def test_what_another_account_left_does_not_count(start):
    start.evaluate(KEEP, ["sts-qa:queue:0123456789abcdef:1", "{}"])
    press_log_out(start)
    start.wait_for_url("**/account/log-in/")
