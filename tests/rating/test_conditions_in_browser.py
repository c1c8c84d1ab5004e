"""Room and screen, asked once for each log-in before the first image."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from sts_qa.rating.models import Rating, ReadingConditions
from sts_qa.studies.models import Assignment
from tests.browser.rater import state_conditions
from tests.browser.rating_page import current_values, idle, open_study, saved, wait_for_image
from tests.browser.waiting import wait_until

READ_PATCH = """(name) => {
  const canvas = document.querySelector(`canvas[data-patch=${name}]`);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return [...new Set(Array.from({ length: data.length / 4 }, (_, place) =>
    [...data.slice(4 * place, 4 * place + 4)].join()))].sort();
}"""
# The viewer is closed while the questions stand, and knows of no pixels
SHOWS_AN_IMAGE = """() => [...document.querySelectorAll('#viewer canvas')].some((canvas) => {
  const { width, height } = canvas;
  if (!width || !height || !canvas.checkVisibility()) return false;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  return data.some((value, place) => place % 4 !== 3 && value > 0);
})"""
HAS_PIXELS = """() => performance.getEntriesByType('resource')
  .some(({ name }) => name.includes('/pixels/'))"""


@pytest.fixture
def page(transactional_db, files_study, open_page) -> Page:
    """The rating page of somebody who has just logged in."""
    for number in range(3):
        values = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
        files_study.radiograph(f"{number}.png", values)
    files_study.start()
    page = open_page(files_study.rater.user, conditions=False)
    page.goto(f"/rating/{files_study.study.public_id}/")
    expect(page.locator("#conditions")).to_be_visible()
    return page


def rate(page: Page) -> None:
    page.keyboard.type("7")
    page.keyboard.press("Enter")


def test_they_are_asked_once_and_stored_with_the_ratings(page, files_study) -> None:
    state_conditions(page)
    wait_for_image(page)
    rate(page)
    saved(page)
    stated = Rating.objects.get().reading_conditions
    assert (stated.room, stated.monitor) == ("dim", "office")
    assert (stated.sees_dark_patch, stated.sees_bright_patch) == (True, False)
    page.reload()
    wait_for_image(page)
    expect(page.locator("#conditions")).to_be_hidden()
    assert ReadingConditions.objects.count() == 1


def test_a_new_log_in_begins_the_time_to_the_next_break_anew(page) -> None:
    page.evaluate("""() => {
      const key = `sts-qa:working:${document.querySelector("#rating").dataset.account}`;
      localStorage.setItem(key, JSON.stringify({ active: 44 * 60000, lastInput: Date.now() }));
    }""")
    state_conditions(page)
    wait_for_image(page)
    rate(page)
    saved(page)
    active = page.evaluate("""() => {
      const key = `sts-qa:working:${document.querySelector("#rating").dataset.account}`;
      return JSON.parse(localStorage.getItem(key)).active;
    }""")
    assert 0 < active < 60_000


def test_the_patches_are_exactly_5_and_95_percent_grey(page) -> None:
    # 0.05 * 255 = 12.75, 0.95 * 255 = 242.25
    assert page.evaluate(READ_PATCH, "dark") == ["0,0,0,255", "13,13,13,255"]
    assert page.evaluate(READ_PATCH, "bright") == ["242,242,242,255", "255,255,255,255"]


def test_no_image_is_shown_before(page) -> None:
    page.wait_for_function(HAS_PIXELS)
    idle(page)
    assert not page.evaluate(SHOWS_AN_IMAGE)
    # Nor has it been reported to the server as shown
    assert not Assignment.objects.filter(first_shown_at__isnull=False).exists()
    state_conditions(page)
    wait_for_image(page)
    assert page.evaluate(SHOWS_AN_IMAGE)
    wait_until(page, Assignment.objects.filter(first_shown_at__isnull=False).exists)


def test_no_digit_is_taken_before(page) -> None:
    page.keyboard.type("17")
    expect(page.locator("#conditions [data-part=early]")).to_be_visible()
    expect(page.locator("#conditions input:checked")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("#conditions [data-part=error]")).to_be_visible()
    state_conditions(page)
    wait_for_image(page)
    expect(page.locator("#criteria .score-input").first).to_have_value("")
    expect(page.locator("#criteria .score-input").first).to_be_focused()


def test_the_keyboard_is_enough(page) -> None:
    expect(page.locator("#conditions [name=room]").first).to_be_focused()
    for keys in (["ArrowDown"], ["Space"], ["Space"], ["ArrowDown"]):
        for key in keys:
            page.keyboard.press(key)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for_image(page)
    wait_until(page, ReadingConditions.objects.exists)
    stated = ReadingConditions.objects.get()
    assert (stated.room, stated.monitor) == ("bright", "diagnostic")
    assert (stated.sees_dark_patch, stated.sees_bright_patch) == (True, False)


def test_the_first_image_is_fetched_meanwhile(transactional_db, files_study, open_page) -> None:
    values = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
    files_study.radiograph("0.png", values)
    files_study.start()
    page = open_page(files_study.rater.user, conditions=False)
    with page.expect_response(re.compile("/pixels/")):
        page.goto(f"/rating/{files_study.study.public_id}/")
    expect(page.locator("#conditions")).to_be_visible()


def test_without_network_they_are_kept_and_named_in_the_ratings_later(page, browser_errors) -> None:
    page.wait_for_function(HAS_PIXELS)
    page.context.set_offline(True)
    state_conditions(page)
    wait_for_image(page)
    rate(page)
    expect(page.locator("#save-status")).to_contain_text("Waiting to be sent: 1")
    page.context.set_offline(False)
    saved(page)
    assert Rating.objects.get().reading_conditions == ReadingConditions.objects.get()
    browser_errors.clear()


def test_who_has_stated_them_is_not_asked_in_another_window(page, files_study) -> None:
    with page.expect_response(re.compile("/conditions/")):
        state_conditions(page)
    other = page.context.new_page()
    open_study(other, files_study.study)
    expect(other.locator("#conditions")).to_be_hidden()


def test_no_own_rating_is_opened_before(page, files_study, open_page) -> None:
    state_conditions(page)
    wait_for_image(page)
    rate(page)
    saved(page)
    later = open_page(files_study.rater.user, conditions=False)
    later.goto(f"/rating/{files_study.study.public_id}/")
    expect(later.locator("#conditions")).to_be_visible()
    later.keyboard.press("o")
    expect(later.locator("#panel-history")).to_be_hidden()
    later.locator("[data-command=history]").click()
    expect(later.locator("#panel-history")).to_be_hidden()
    state_conditions(later)
    wait_for_image(later)
    change_first(later)
    assert current_values() == [[9]]
    stated = ReadingConditions.objects.order_by("pk")[1]
    assert Rating.objects.get(is_current=True).reading_conditions == stated


def test_no_way_back_to_an_image_leads_past_them(
    page, files_study, open_page, browser_errors
) -> None:
    state_conditions(page)
    wait_for_image(page)
    rate(page)
    saved(page)
    wait_for_image(page)
    page.keyboard.press("o")
    expect(page.locator("#own-ratings button")).to_have_count(1)
    log_in_anew(page, open_page(files_study.rater.user, conditions=False))
    page.locator("#criteria .score-input").first.focus()
    rate(page)
    expect(page.locator("#conditions")).to_be_visible()
    saved(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    # The list was open before the form came
    page.locator("#own-ratings button").click()
    page.keyboard.press("b")
    rate(page)
    state_conditions(page)
    wait_for_image(page)
    assert not [address for address in asked if re.search("/assignments/[^/]+/$", address)]
    expect(page.locator("#change-mark")).to_be_hidden()
    assert current_values() == [[7], [7]]
    browser_errors.clear()


def test_who_changes_a_rating_after_a_new_log_in_states_them_first(
    page, files_study, open_page, browser_errors
) -> None:
    state_conditions(page)
    for number in (2, 3, None):
        wait_for_image(page)
        rate(page)
        if number:
            expect(page.locator("#counter")).to_have_text(f"{number} of 3")
    expect(page.locator("#stage-message")).to_contain_text("All done")
    saved(page)
    log_in_anew(page, open_page(files_study.rater.user, conditions=False))
    page.keyboard.press("b")
    expect(page.locator("#conditions")).to_be_visible()
    # The list, still empty, is asked for anew meanwhile
    with page.expect_request_finished(lambda request: "/queue/" in request.url):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    state_conditions(page)
    expect(page.locator("#stage-message")).to_contain_text("All done")
    change_first(page)
    assert Rating.objects.count() == 4
    stated = ReadingConditions.objects.order_by("pk")[1]
    assert Rating.objects.latest("pk").reading_conditions == stated
    browser_errors.clear()


def test_an_item_set_aside_for_them_comes_back(
    page, files_study, open_page, browser_errors
) -> None:
    state_conditions(page)
    wait_for_image(page)
    rate(page)
    saved(page)
    wait_for_image(page)
    page.keyboard.type("8")
    log_in_anew(page, open_page(files_study.rater.user, conditions=False))
    page.locator("#criteria .score-input").first.focus()
    page.keyboard.press("b")
    expect(page.locator("#conditions")).to_be_visible()
    state_conditions(page)
    wait_for_image(page)
    expect(page.locator("#counter")).to_have_text("2 of 3")
    expect(page.locator("#criteria .score-input").first).to_have_value("8")
    browser_errors.clear()


def test_the_form_closes_where_they_were_stated_in_another_window(page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#conditions")).to_be_visible()
    with page.expect_response(re.compile("/conditions/")):
        state_conditions(page)
    wait_for_image(page)
    other.evaluate("window.dispatchEvent(new Event('online'))")
    expect(other.locator("#conditions")).to_be_hidden()
    wait_for_image(other)
    rate(other)
    saved(other)
    assert Rating.objects.get().reading_conditions == ReadingConditions.objects.get()


def log_in_anew(page: Page, other: Page) -> None:
    """Log `page` out, and in again with the log-in of `other`."""
    notice = page.locator("#notices a")
    page.context.clear_cookies(name="sessionid")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(notice).to_be_visible()
    page.context.add_cookies([one for one in other.context.cookies() if one["name"] == "sessionid"])
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(notice).to_have_count(0)


def change_first(page: Page) -> None:
    """Open the first of the own ratings again and give another score."""
    page.keyboard.press("o")
    page.locator("#own-ratings button").first.click()
    expect(page.locator("#change-mark")).to_be_visible()
    wait_for_image(page)
    page.keyboard.press("Control+A")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    saved(page)
