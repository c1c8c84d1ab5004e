"""One rater, one browser, two studies: each knows what waits of it, and each sends for both."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from sts_qa.rating.models import Rating
from sts_qa.studies.models import Study
from tests.browser.rating_page import (
    close_window,
    current_values,
    idle,
    open_study,
    saved,
    wait_for_image,
)
from tests.browser.waiting import wait_until
from tests.rating.helpers import study_of_the_same_items

SUBMISSIONS = re.compile("/assignments/.*/ratings/$")
REFUSAL = {"problem": "invalid", "detail": "Too large.", "fields": {"contrast": "Only 0 to 20."}}
# As a page of an earlier version kept it
FORGET_STUDIES = """() => {
  let count = 0;
  for (const [key, written] of Object.entries(localStorage)) {
    if (!key.startsWith('sts-qa:queue:')) continue;
    const { study, ...entry } = JSON.parse(written);
    localStorage.setItem(key, JSON.stringify(entry));
    count += 1;
  }
  return count;
}"""


@pytest.fixture
def rater(transactional_db, files_study):
    for number in range(3):
        values = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
        files_study.radiograph(f"{number}.png", values)
    return files_study.start()


@pytest.fixture
def other_study(rater) -> Study:
    return study_of_the_same_items(rater)


@pytest.fixture
def page(rater, other_study, open_page) -> Page:
    page = open_page(rater.user)
    open_study(page, rater.study)
    idle(page)
    return page


def rate(page: Page, score: int) -> None:
    """Type the one score; the next item or a message follows."""
    before = page.locator("#counter").inner_text()
    wait_for_image(page)
    page.keyboard.press("Control+A")
    page.keyboard.type(str(score))
    page.keyboard.press("Enter")
    expect(page.locator("#counter")).not_to_have_text(before)


def waiting(page: Page, count: int) -> None:
    expect(page.locator("#save-status")).to_contain_text(f"Waiting to be sent: {count}")


def cut(page: Page) -> Callable[[], None]:
    """Let no rating of this browser through; the function returned ends that."""
    context = page.context
    context.route(SUBMISSIONS, lambda route: route.abort())
    return lambda: context.unroute(SUBMISSIONS)


def refuse_submissions(page: Page) -> None:
    page.context.route(SUBMISSIONS, lambda route: route.fulfill(status=422, json=REFUSAL))


def leave_waiting(page: Page, *scores: int) -> Callable[[], None]:
    """Rate without network and close the window."""
    restore = cut(page)
    for score in scores:
        rate(page, score)
    waiting(page, len(scores))
    return restore


def scores_in(study: Study) -> list[int]:
    ratings = Rating.objects.filter(assignment__membership__study=study).order_by("pk")
    return [int(rating.scores.get(criterion__code="contrast").value) for rating in ratings]


def test_the_ratings_of_one_study_are_not_counted_in_another(
    page, rater, other_study, browser_errors
) -> None:
    leave_waiting(page, 7, 8)
    other_study.state = Study.State.PAUSED
    other_study.save()
    other = page.context.new_page()
    other.goto(f"/rating/{other_study.public_id}/")
    expect(other.locator("#stage-message")).to_contain_text("paused")
    expect(other.locator("#counter")).to_have_text("0 of 3 rated")
    # All that waits in this browser is named, and how much of it is of other studies
    waiting(other, 2)
    expect(other.locator("#save-status")).to_contain_text("of other studies: 2")
    rater.study.state = Study.State.PAUSED
    rater.study.save()
    page.reload()
    expect(page.locator("#stage-message")).to_contain_text("paused")
    expect(page.locator("#counter")).to_have_text("2 of 3 rated")
    expect(page.locator("#save-status")).not_to_contain_text("other studies")
    page.context.close()
    browser_errors.clear()


def test_the_page_of_either_study_sends_what_waits_of_both(
    page, rater, other_study, browser_errors
) -> None:
    restore = leave_waiting(page, 7, 8)
    other = page.context.new_page()
    open_study(other, other_study)
    rate(other, 9)
    waiting(other, 3)
    close_window(page)
    restore()
    other.evaluate("window.dispatchEvent(new Event('online'))")
    saved(other)
    assert [scores_in(study) for study in (rater.study, other_study)] == [[7, 8], [9]]
    expect(other.locator("#counter")).to_have_text("2 of 3")
    browser_errors.clear()


def test_what_another_study_refused_is_opened_in_that_study(
    page, rater, other_study, browser_errors
) -> None:
    leave_waiting(page, 7)
    refuse_submissions(page)
    close_window(page)
    other = page.context.new_page()
    open_study(other, other_study)
    notice = other.locator("#notices .rating-notice")
    expect(notice).to_contain_text("Another of your studies")
    expect(notice).to_contain_text("Too large.")
    other.context.unroute(SUBMISSIONS)
    with other.context.expect_page() as opened:
        notice.get_by_role("link", name="Open it").click()
    look = opened.value
    wait_for_image(look)
    assert look.url.startswith(look.url.split("/rating/")[0] + f"/rating/{rater.study.public_id}/")
    expect(look.locator("#score-contrast")).to_have_value("7")
    expect(look.locator("#counter")).to_have_text("1 of 3")
    # The page of the other study stays at its own item
    expect(other.locator("#change-mark")).to_be_hidden()
    expect(other.locator("#score-contrast")).to_have_value("")
    look.bring_to_front()
    look.locator("#score-contrast").focus()
    look.keyboard.press("Control+A")
    look.keyboard.type("6")
    look.keyboard.press("Enter")
    saved(look)
    expect(notice).to_have_count(0)
    expect(other.locator("#save-status")).to_have_text("Saved")
    assert [scores_in(study) for study in (rater.study, other_study)] == [[6], []]
    browser_errors.clear()


def test_a_refused_rating_is_told_again_after_a_reload_with_its_scores(
    page, browser_errors
) -> None:
    refuse_submissions(page)
    rate(page, 7)
    expect(page.locator("#notices")).to_contain_text("Too large.")
    page.context.unroute(SUBMISSIONS)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    wait_for_image(page)
    expect(page.locator("#notices")).to_contain_text("Too large.")
    expect(page.locator("#counter")).to_have_text("1 of 3")
    expect(page.locator("#score-contrast")).to_have_value("7")
    rate(page, 6)
    saved(page)
    expect(page.locator("#notices .rating-notice")).to_have_count(0)
    assert current_values() == [[6]]
    browser_errors.clear()


def test_what_another_study_refused_does_not_keep_this_one_from_its_end(
    page, other_study, browser_errors
) -> None:
    leave_waiting(page, 7)
    refuse_submissions(page)
    close_window(page)
    other = page.context.new_page()
    open_study(other, other_study)
    expect(other.locator("#notices")).to_contain_text("Too large.")
    other.context.unroute(SUBMISSIONS)
    for score in (1, 2):
        rate(other, score)
    wait_for_image(other)
    other.keyboard.type("3")
    other.keyboard.press("Enter")
    expect(other.locator("#stage-message")).to_contain_text("All done")
    expect(other.locator("#counter")).to_have_text("3 of 3 rated")
    waiting(other, 1)
    browser_errors.clear()


def test_what_was_scored_in_another_browser_is_opened_in_its_study_as_typed_here(
    page, rater, other_study, open_page, browser_errors
) -> None:
    restore = leave_waiting(page, 7)
    elsewhere = open_page(rater.user)
    open_study(elsewhere, rater.study)
    rate(elsewhere, 11)
    saved(elsewhere)
    close_window(page)
    restore()
    other = page.context.new_page()
    open_study(other, other_study)
    notice = other.locator("#notices .rating-notice")
    expect(notice).to_contain_text("That rating counts: 11.")
    with other.context.expect_page() as opened:
        notice.get_by_role("link", name="Open it").click()
    look = opened.value
    wait_for_image(look)
    expect(look.locator("#change-mark")).to_be_visible()
    expect(look.locator("#score-contrast")).to_have_value("7")
    look.keyboard.press("Escape")
    assert current_values() == [[11]]
    browser_errors.clear()


def test_what_an_earlier_version_left_is_sent_from_any_study_and_counted_in_its_own(
    page, rater, other_study, browser_errors
) -> None:
    restore = leave_waiting(page, 7, 8)
    assert page.evaluate(FORGET_STUDIES) >= 2
    other_study.state = Study.State.PAUSED
    other_study.save()
    page.goto(f"/rating/{other_study.public_id}/")
    expect(page.locator("#stage-message")).to_contain_text("paused")
    expect(page.locator("#counter")).to_have_text("0 of 3 rated")
    waiting(page, 2)
    open_study(page, rater.study)
    expect(page.locator("#counter")).to_have_text("3 of 3")
    rate(page, 9)
    expect(page.locator("#counter")).to_have_text("3 of 3 rated")
    waiting(page, 3)
    restore()
    page.goto(f"/rating/{other_study.public_id}/")
    saved(page)
    assert [scores_in(study) for study in (rater.study, other_study)] == [[7, 8, 9], []]
    browser_errors.clear()


def test_what_an_earlier_version_left_and_is_refused_leads_to_its_study(
    page, rater, other_study, browser_errors
) -> None:
    leave_waiting(page, 7)
    page.evaluate(FORGET_STUDIES)
    refuse_submissions(page)
    close_window(page)
    other = page.context.new_page()
    open_study(other, other_study)
    expect(other.locator("#notices")).to_contain_text("Too large.")
    other.context.unroute(SUBMISSIONS)
    other.locator("#notices").get_by_role("button", name="Open it").click()
    # Only the server knows whose it is
    link = other.locator("#notices").get_by_role("link", name="Open it")
    with other.context.expect_page() as opened:
        link.click()
    look = opened.value
    wait_for_image(look)
    assert f"/rating/{rater.study.public_id}/" in look.url
    expect(look.locator("#score-contrast")).to_have_value("7")
    expect(other.locator("#change-mark")).to_be_hidden()
    browser_errors.clear()


def test_a_refusal_that_another_window_met_is_told_in_the_one_that_shows_the_study(
    page, rater, other_study, browser_errors
) -> None:
    leave_waiting(page, 7)
    other = page.context.new_page()
    # Only the window of the other study gets through, and is refused
    page.route(SUBMISSIONS, lambda route: route.abort())
    refuse_submissions(other)
    open_study(other, other_study)
    expect(other.locator("#notices")).to_contain_text("Too large.")
    expect(page.locator("#notices")).to_contain_text("Too large.")
    other.context.unroute(SUBMISSIONS)
    page.unroute(SUBMISSIONS)
    page.bring_to_front()
    page.locator("#notices").get_by_role("button", name="Open it").click()
    expect(page.locator("#score-contrast")).to_have_value("7")
    browser_errors.clear()


def test_a_change_begun_while_another_window_sends_the_rating_is_no_conflict(
    page, rater, browser_errors
) -> None:
    page.route(SUBMISSIONS, lambda route: route.abort())
    rate(page, 7)
    waiting(page, 1)
    page.keyboard.press("b")
    expect(page.locator("#change-mark")).to_be_visible()
    wait_for_image(page)
    second = page.context.new_page()
    open_study(second, rater.study)
    wait_until(second, Rating.objects.exists)
    saved(second)
    page.unroute(SUBMISSIONS)
    page.bring_to_front()
    page.keyboard.press("Control+A")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(page.locator("#change-mark")).to_be_hidden()
    saved(page)
    wait_until(page, lambda: Rating.objects.count() == 2)
    assert current_values() == [[9]]
    expect(page.locator("#notices .rating-notice")).to_have_count(0)
    browser_errors.clear()
