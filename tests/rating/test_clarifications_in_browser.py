"""Questions of raters and clarifications for all of them, as the rating page shows them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from sts_qa.rating.models import Acknowledgement, Clarification, Question, Rating
from tests.browser.rating_page import idle, open_study, saved, wait_for_image
from tests.browser.waiting import wait_until
from tests.rating.helpers import add_clarification, study_of_the_same_items

ACKNOWLEDGED = re.compile("/acknowledged/$")
STAGE = "() => JSON.stringify(document.querySelector('#viewer').getBoundingClientRect())"


@pytest.fixture
def rater(transactional_db, files_study):
    for number in range(4):
        values = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
        files_study.radiograph(f"{number}.png", values)
    return files_study.start()


@pytest.fixture
def page(rater, open_page) -> Page:
    page = open_page(rater.user)
    open_study(page, rater.study)
    return page


def clarify(rater, number: int, text: str) -> None:
    Clarification.objects.create(
        study=rater.study,
        number=number,
        texts={"en": text},
        ratings_before=0,
        published_by=rater.user,
    )


def rate(page: Page) -> None:
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    wait_for_image(page)


def refresh(page: Page) -> None:
    """The page asks for the state of the study when the network is back."""
    with page.expect_request_finished(lambda request: "/queue/" in request.url):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_timeout(200)


def test_a_question_reaches_the_coordinators_and_leaves_the_item_alone(page, rater) -> None:
    page.keyboard.press("q")
    page.keyboard.type("Do implants count? 12")
    page.get_by_role("button", name="Send the question").click()
    expect(page.locator("#notices")).to_contain_text("on its way")
    saved(page)
    question = Question.objects.get()
    assert question.text == "Do implants count? 12"
    assert question.assignment == rater.assignments.get(turn=1)
    expect(page.locator("#criteria .score-input").first).to_be_focused()
    expect(page.locator("#criteria .score-input").first).to_have_value("")


def test_a_question_without_network_arrives_once(page, browser_errors) -> None:
    idle(page)
    page.context.set_offline(True)
    page.keyboard.press("q")
    page.keyboard.type("Why?")
    page.get_by_role("button", name="Send the question").click()
    expect(page.locator("#save-status")).to_contain_text("Waiting to be sent: 1")
    page.context.set_offline(False)
    saved(page)
    assert Question.objects.count() == 1
    browser_errors.clear()


def test_a_clarification_comes_with_the_next_item_and_stays_until_it_is_read(page, rater) -> None:
    # What the page asked before would not tell of it
    idle(page)
    clarify(rater, 1, "Implants do not count.")
    refresh(page)
    strip = page.locator("#clarifications")
    expect(strip).to_be_hidden()
    rate(page)
    expect(strip).to_contain_text("Clarification 1")
    expect(strip).to_contain_text("Implants do not count.")
    # Enter still scores, and what is unread stays
    rate(page)
    expect(strip).to_contain_text("Implants do not count.")
    before = page.evaluate(STAGE)
    page.keyboard.press("a")
    expect(strip.locator("li")).to_be_hidden()
    assert page.evaluate(STAGE) == before
    rate(page)
    expect(strip).to_be_hidden()
    saved(page)
    seen = Rating.objects.order_by("assignment__turn").values_list("clarification_seen", flat=True)
    assert list(seen) == [0, 0, 1]
    assert Acknowledgement.objects.count() == 1


def test_the_first_item_of_a_visit_shows_all_that_are_unread(rater, open_page) -> None:
    clarify(rater, 1, "Implants do not count.")
    clarify(rater, 2, "Crowns do.")
    page = open_page(rater.user)
    open_study(page, rater.study)
    strip = page.locator("#clarifications")
    expect(strip.locator("li")).to_have_count(2)
    canvas = page.locator("#viewer .pane canvas").first.bounding_box()
    shown = strip.bounding_box()
    assert shown["y"] + shown["height"] <= canvas["y"]
    # By button, as where single-letter keys are switched off
    strip.get_by_role("button").click()
    expect(page.locator("#criteria .score-input").first).to_be_focused()
    rate(page)
    saved(page)
    assert Rating.objects.get().clarification_seen == 2
    page.reload()
    wait_for_image(page)
    expect(strip).to_be_hidden()


def test_each_study_has_its_own_though_they_wait_in_one_browser(
    rater, open_page, browser_errors
) -> None:
    other = study_of_the_same_items(rater)
    add_clarification(rater.study, 1, {"en": "Of the first study."})
    add_clarification(other, 1, {"en": "Of the other study."})
    page = open_page(rater.user)
    open_study(page, rater.study)
    refused = []
    page.route(ACKNOWLEDGED, lambda route: (refused.append(route), route.abort()))
    page.keyboard.press("a")
    wait_until(page, lambda: refused)
    second = page.context.new_page()
    open_study(second, other)
    strip = second.locator("#clarifications")
    expect(strip).to_contain_text("Of the other study.")
    # The page of the other study sends what waits of the first
    wait_until(second, Acknowledgement.objects.exists)
    rate(second)
    saved(second)
    assert Acknowledgement.objects.get().membership == rater
    assert Rating.objects.get().clarification_seen == 0
    expect(strip).to_contain_text("Of the other study.")
    second.keyboard.press("a")
    rate(second)
    saved(second)
    seen = Rating.objects.order_by("pk").values_list("clarification_seen", flat=True)
    assert list(seen) == [0, 1]
    assert Acknowledgement.objects.filter(membership__study=other).count() == 1
    page.close()
    browser_errors.clear()


def test_one_that_comes_after_the_last_item_is_shown_there(page, rater) -> None:
    for _ in range(3):
        rate(page)
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator("#stage-message")).to_contain_text("All done")
    saved(page)
    strip = page.locator("#clarifications")
    expect(strip).to_be_hidden()
    add_clarification(rater.study, 1, {"en": "Implants do not count."})
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(strip).to_contain_text("Implants do not count.")
    page.keyboard.press("a")
    expect(strip.locator("li")).to_be_hidden()
    wait_until(page, Acknowledgement.objects.exists)
    page.reload()
    expect(page.locator("#stage-message")).to_contain_text("All done")
    expect(strip).to_be_hidden()


def test_who_comes_back_after_the_last_item_finds_what_is_unread(page, rater) -> None:
    for _ in range(3):
        rate(page)
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    saved(page)
    add_clarification(rater.study, 1, {"en": "Implants do not count."})
    page.reload()
    expect(page.locator("#stage-message")).to_contain_text("All done")
    page.locator("#clarifications").get_by_role("button").click()
    wait_until(page, Acknowledgement.objects.exists)
    # A change made now knows of it
    page.keyboard.press("o")
    page.locator("#own-ratings button").first.click()
    wait_for_image(page)
    page.keyboard.press("Control+A")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    saved(page)
    assert Rating.objects.latest("pk").clarification_seen == 1
