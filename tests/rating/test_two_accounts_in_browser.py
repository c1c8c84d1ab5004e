"""Two raters one after the other at the computer of a reading room, in one browser."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from sts_qa.accounts.models import User
from sts_qa.rating.models import Acknowledgement, Rating, ReadingConditions
from tests.browser.fixtures import session_of
from tests.browser.rater import state_conditions
from tests.browser.rating_page import close_window, idle, open_study, saved, wait_for_image
from tests.browser.waiting import wait_until
from tests.rating.helpers import add_clarification, add_rater

CONDITIONS = re.compile(r"/conditions/(\?.*)?$")
SUBMISSIONS = re.compile("/assignments/.*/ratings/$")


@pytest.fixture
def ana(transactional_db, files_study):
    for number in range(3):
        values = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
        files_study.radiograph(f"{number}.png", values)
    return files_study.start()


@pytest.fixture
def ben(ana, files_study):
    return add_rater(files_study.study, "ben")


@pytest.fixture
def page(ana, ben, open_page) -> Page:
    page = open_page(ana.user)
    open_study(page, ana.study)
    idle(page)
    return page


def log_in_as(page: Page, user: User, **options: bool) -> None:
    """In this browser somebody else logs in, as in another window."""
    context = page.context
    context.clear_cookies(name="sessionid")
    address = "/".join(page.url.split("/")[:3])
    cookie = {"name": "sessionid", "value": session_of(user, **options), "url": address}
    context.add_cookies([cookie])


def rate(page: Page, score: int) -> None:
    before = page.locator("#counter").inner_text()
    wait_for_image(page)
    page.keyboard.type(str(score))
    page.keyboard.press("Enter")
    expect(page.locator("#counter")).not_to_have_text(before)


def try_again(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('online'))")


def scores_of(membership) -> list[int]:
    ratings = Rating.objects.filter(assignment__membership=membership).order_by("pk")
    return [int(rating.scores.get(criterion__code="contrast").value) for rating in ratings]


def test_the_second_neither_sees_nor_sends_what_the_first_left(
    page, ana, ben, browser_errors
) -> None:
    context = page.context
    context.route(SUBMISSIONS, lambda route: route.abort())
    rate(page, 7)
    expect(page.locator("#save-status")).to_contain_text("Waiting to be sent: 1")
    wait_for_image(page)
    page.keyboard.type("1")
    close_window(page)
    context.unroute(SUBMISSIONS)

    second = context.new_page()
    second.goto("/")
    log_in_as(second, ben.user)
    open_study(second, ben.study)
    expect(second.locator("#counter")).to_have_text("1 of 3")
    expect(second.locator("#score-contrast")).to_have_value("")
    expect(second.locator("#save-status")).to_have_text("Saved")
    rate(second, 5)
    rate(second, 4)
    saved(second)
    assert (scores_of(ana), scores_of(ben)) == ([], [5, 4])

    log_in_as(second, ana.user)
    open_study(second, ana.study)
    saved(second)
    expect(second.locator("#counter")).to_have_text("2 of 3")
    expect(second.locator("#score-contrast")).to_have_value("1")
    assert (scores_of(ana), scores_of(ben)) == ([7], [5, 4])
    browser_errors.clear()


def test_what_the_first_reads_in_a_window_left_open_is_not_noted_for_the_second(
    page, ana, ben, browser_errors
) -> None:
    add_clarification(ana.study, 1)
    page.reload()
    wait_for_image(page)
    idle(page)
    log_in_as(page, ben.user)
    page.keyboard.press("a")
    expect(page.locator("#notices")).to_contain_text("logged in as someone else")
    assert not Acknowledgement.objects.exists()
    log_in_as(page, ana.user)
    try_again(page)
    wait_until(page, Acknowledgement.objects.exists)
    assert Acknowledgement.objects.get().membership == ana
    browser_errors.clear()


def test_the_room_of_the_first_is_not_stated_for_the_second(page, ana, ben, browser_errors) -> None:
    log_in_as(page, ana.user, conditions=False)
    page.reload()
    expect(page.locator("#conditions")).to_be_visible()
    idle(page)
    log_in_as(page, ben.user, conditions=False)
    state_conditions(page)
    expect(page.locator("#notices")).to_contain_text("logged in as someone else")
    stated = ReadingConditions.objects.filter(monitor="office")
    assert not stated.exists()
    second = page.context.new_page()
    second.goto(f"/rating/{ben.study.public_id}/")
    expect(second.locator("#conditions")).to_be_visible()
    second.close()
    log_in_as(page, ana.user, conditions=False)
    try_again(page)
    wait_until(page, stated.exists)
    assert stated.get().user == ana.user
    browser_errors.clear()


def test_the_room_of_an_earlier_log_in_is_not_that_of_the_next(page, ana, browser_errors) -> None:
    log_in_as(page, ana.user, conditions=False)
    page.reload()
    expect(page.locator("#conditions")).to_be_visible()
    idle(page)
    page.context.route(CONDITIONS, lambda route: route.abort())
    page.context.route(SUBMISSIONS, lambda route: route.abort())
    state_conditions(page)
    rate(page, 7)
    expect(page.locator("#save-status")).to_contain_text("Waiting to be sent: 1")
    close_window(page)

    later = page.context.new_page()
    later.goto("/")
    log_in_as(later, ana.user, conditions=False)
    later.context.unroute(CONDITIONS)
    later.context.unroute(SUBMISSIONS)
    later.goto(f"/rating/{ana.study.public_id}/")
    expect(later.locator("#conditions")).to_be_visible()
    expect(later.locator("#save-status")).to_have_text("Saved")
    wait_until(later, Rating.objects.exists)
    assert Rating.objects.get().reading_conditions.monitor == "office"
    later.reload()
    expect(later.locator("#conditions")).to_be_visible()
    browser_errors.clear()


def test_a_window_left_open_does_not_show_the_second_ones_ratings_as_the_firsts(
    page, ana, ben, browser_errors
) -> None:
    log_in_as(page, ben.user)
    second = page.context.new_page()
    open_study(second, ben.study)
    rate(second, 13)
    saved(second)
    page.bring_to_front()
    page.keyboard.press("o")
    expect(page.locator("#own-ratings")).to_contain_text("logged in as someone else")
    expect(page.locator("#own-ratings")).not_to_contain_text("13")
    browser_errors.clear()


def test_keys_that_the_first_switched_off_work_for_the_second(page, ana, ben) -> None:
    page.keyboard.press("?")
    page.locator("#letters-off").check()
    page.reload()
    wait_for_image(page)
    expect(page.locator("#letters-off")).to_be_checked()
    log_in_as(page, ben.user)
    open_study(page, ben.study)
    expect(page.locator("#letters-off")).not_to_be_checked()
    page.keyboard.press("p")
    expect(page.locator("#pause")).to_have_attribute("aria-pressed", "true")
