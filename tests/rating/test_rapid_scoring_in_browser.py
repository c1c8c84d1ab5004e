"""A protocol of one criterion in a browser: one digit scores, exactly once, and can be undone."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from sts_qa.protocols.queries import built_in_version
from sts_qa.rating.models import Rating
from tests.browser.rating_page import (
    current_values,
    fetched_ahead,
    open_study,
    saved,
    wait_for_image,
    wait_for_view,
)
from tests.browser.waiting import wait_until

# What an input method does that writes full-width digits: it composes each of them
COMPOSE = """(digit) => {
  const input = document.activeElement;
  const tell = (kind, more) => input.dispatchEvent(new kind(...more));
  tell(CompositionEvent, ['compositionstart', { bubbles: true }]);
  input.value += digit;
  const inputType = 'insertCompositionText';
  const composed = { data: digit, isComposing: true, inputType, bubbles: true };
  tell(InputEvent, ['input', composed]);
  tell(CompositionEvent, ['compositionend', { data: digit, bubbles: true }]);
  // Firefox and Safari send this one too
  tell(InputEvent, ['input', { ...composed, isComposing: false }]);
}"""


@pytest.fixture
def study(transactional_db, files_study):
    """Six radiographs for the scale from 0 to 4."""
    files_study.study.protocol_version = built_in_version("iqsc")
    files_study.study.save()
    for number in range(6):
        pixels = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
        files_study.radiograph(f"{number}.png", pixels)
    files_study.start()
    return files_study.study


@pytest.fixture
def rating_page(files_study, study, open_page) -> Page:
    page = open_page(files_study.rater.user, viewport={"width": 1280, "height": 720})
    open_study(page, study)
    return page


def at_item(page: Page, number: int) -> None:
    expect(page.locator("#counter")).to_have_text(f"{number} of 6")
    wait_for_image(page)


def test_each_digit_scores_and_goes_on(rating_page) -> None:
    for number, digit in enumerate((3, 0, 4), start=1):
        at_item(rating_page, number)
        rating_page.keyboard.press(str(digit))
        expect(rating_page.locator("#last-scores")).to_contain_text(str(digit))
    at_item(rating_page, 4)
    expect(rating_page.locator(".band-lit")).to_have_count(0)
    saved(rating_page)
    assert current_values() == [[3], [0], [4]]


def test_the_levels_stand_there_with_their_digits_and_can_be_pressed(rating_page) -> None:
    levels = rating_page.locator("[data-level]")
    assert levels.locator("kbd").all_inner_texts() == ["0", "1", "2", "3", "4"]
    expect(levels.nth(3)).to_contain_text("Acceptable")
    levels.nth(2).dblclick()
    at_item(rating_page, 2)
    expect(rating_page.locator("#score-iqsc")).to_be_focused()
    saved(rating_page)
    assert current_values() == [[2]]


def test_a_held_digit_scores_one_item(rating_page) -> None:
    for _ in range(6):
        rating_page.keyboard.down("3")
        rating_page.wait_for_timeout(60)
    rating_page.keyboard.up("3")
    at_item(rating_page, 2)
    rating_page.keyboard.press("3")
    at_item(rating_page, 3)
    saved(rating_page)
    assert current_values() == [[3], [3]]


# With Shift the key 2 of the keypad types its digit, as with the lock for numbers
@pytest.mark.parametrize("digit", ["Shift+Numpad2", "Digit2"])
def test_digits_of_both_parts_of_the_keyboard_count(rating_page, digit) -> None:
    rating_page.keyboard.press(digit)
    at_item(rating_page, 2)
    saved(rating_page)
    assert current_values() == [[2]]


def test_full_width_digits_count_once(rating_page) -> None:
    rating_page.keyboard.insert_text("３")
    at_item(rating_page, 2)
    rating_page.evaluate(COMPOSE, "４")
    at_item(rating_page, 3)
    saved(rating_page)
    assert current_values() == [[3], [4]]


@pytest.mark.parametrize("typed", ["5", "９", "q3", "w"])
def test_what_is_no_level_explains_itself(rating_page, typed) -> None:
    rating_page.keyboard.insert_text(typed)
    expect(rating_page.locator("#score-iqsc-error")).to_contain_text("0 to 4")
    expect(rating_page.locator("#score-iqsc")).to_have_value("")
    rating_page.keyboard.press("1")
    at_item(rating_page, 2)
    saved(rating_page)
    assert current_values() == [[1]]


def test_a_digit_before_the_image_is_there_scores_nothing(files_study, study, open_page) -> None:
    page = open_page(files_study.rater.user)
    held, is_open = [], []
    page.route(
        re.compile("/pixels/"),
        lambda route: route.continue_() if is_open else held.append(route),
    )
    page.goto(f"/rating/{study.public_id}/")
    expect(page.locator("#score-iqsc")).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("#notices")).to_contain_text("not on screen yet")
    expect(page.locator("#counter")).to_have_text("1 of 6")
    is_open.append(True)
    for route in held:
        route.continue_()
    wait_for_image(page)
    expect(page.locator(".band-lit")).to_have_count(0)
    page.keyboard.press("4")
    at_item(page, 2)
    saved(page)
    assert current_values() == [[4]]


def test_backspace_goes_back_and_the_rating_stays_until_a_digit_replaces_it(rating_page) -> None:
    rating_page.keyboard.press("1")
    at_item(rating_page, 2)
    rating_page.keyboard.press("2")
    at_item(rating_page, 3)
    saved(rating_page)
    rating_page.keyboard.press("Backspace")
    at_item(rating_page, 2)
    expect(rating_page.locator(".band-lit kbd")).to_have_text("2")
    assert current_values() == [[1], [2]]
    rating_page.keyboard.press("Enter")
    at_item(rating_page, 3)
    assert current_values() == [[1], [2]]
    for number in (2, 1):
        rating_page.keyboard.press("Backspace")
        at_item(rating_page, number)
    rating_page.keyboard.press("4")
    at_item(rating_page, 3)
    saved(rating_page)
    assert current_values() == [[4], [2]]
    assert Rating.objects.count() == 3


def test_backspace_goes_back_after_the_last_item_with_letters_off_too(rating_page) -> None:
    rating_page.evaluate("localStorage.setItem('sts-qa:letters-off', 'true')")
    rating_page.reload()
    for number in range(1, 7):
        at_item(rating_page, number)
        rating_page.keyboard.press("2")
    expect(rating_page.locator("#stage-message")).to_contain_text("All done")
    rating_page.keyboard.press("Enter")
    rating_page.keyboard.press("Backspace")
    at_item(rating_page, 6)
    expect(rating_page.locator(".band-lit kbd")).to_have_text("2")
    rating_page.keyboard.press("4")
    expect(rating_page.locator("#stage-message")).to_contain_text("All done")
    saved(rating_page)
    assert current_values() == [[2]] * 5 + [[4]]


def test_backspace_reaches_a_rating_that_is_not_yet_sent(rating_page, browser_errors) -> None:
    fetched_ahead(rating_page, 6)
    rating_page.context.set_offline(True)
    rating_page.keyboard.press("1")
    at_item(rating_page, 2)
    rating_page.keyboard.press("Backspace")
    at_item(rating_page, 1)
    expect(rating_page.locator(".band-lit kbd")).to_have_text("1")
    rating_page.keyboard.press("3")
    at_item(rating_page, 2)
    rating_page.keyboard.press("0")
    at_item(rating_page, 3)
    rating_page.context.set_offline(False)
    saved(rating_page)
    assert current_values() == [[3], [0]]
    assert Rating.objects.count() == 3
    browser_errors.clear()


def test_a_digit_typed_while_an_item_is_fetched_back_scores_neither(rating_page) -> None:
    rating_page.keyboard.press("1")
    at_item(rating_page, 2)
    saved(rating_page)
    held = []
    rating_page.route(re.compile("/assignments/[^/]+/$"), lambda route: held.append(route))
    rating_page.keyboard.press("Backspace")
    wait_until(rating_page, lambda: held)
    rating_page.keyboard.press("4")
    expect(rating_page.locator("#notices")).to_contain_text("not on screen yet")
    held[0].continue_()
    at_item(rating_page, 1)
    expect(rating_page.locator(".band-lit kbd")).to_have_text("1")
    saved(rating_page)
    assert current_values() == [[1]]


def test_cannot_judge_takes_a_reason_and_goes_on(rating_page) -> None:
    rating_page.keyboard.press("x")
    rating_page.keyboard.press("3")
    at_item(rating_page, 2)
    rating_page.keyboard.press("x")
    rating_page.keyboard.press("4")
    rating_page.keyboard.type("Cropped at 3 sides")
    rating_page.keyboard.press("Enter")
    at_item(rating_page, 3)
    saved(rating_page)
    scores = [rating.scores.get() for rating in Rating.objects.order_by("assignment__turn")]
    assert [(score.value, score.reason, score.reason_text) for score in scores] == [
        (None, "field", ""),
        (None, "other", "Cropped at 3 sides"),
    ]


def test_the_help_names_the_way_back_only_here(rating_page) -> None:
    rating_page.keyboard.press("?")
    expect(rating_page.locator("#shortcuts")).to_contain_text("Backspace")


def test_few_slices_seen_are_said_before_a_volume_is_scored(
    transactional_db, files_study, open_page
) -> None:
    files_study.study.protocol_version = built_in_version("iqsc")
    files_study.study.save()
    for number in range(2):
        values = files_study.random.integers(-1000, 3000, (30, 20, 12), dtype=np.int16)
        files_study.volume(f"{number}.nii", values)
    files_study.start()
    page = open_page(files_study.rater.user)
    open_study(page, files_study.study)
    page.keyboard.down("3")
    for _ in range(4):
        page.keyboard.down("3")
    page.keyboard.up("3")
    expect(page.locator("#notices")).to_contain_text("You have seen 1 of 12 slices")
    expect(page.locator("#counter")).to_have_text("1 of 2")
    page.keyboard.press("2")
    expect(page.locator("#counter")).to_have_text("2 of 2")
    wait_for_image(page)
    for _ in range(6):
        page.keyboard.press("PageUp")
        wait_for_view(page)
    page.keyboard.press("1")
    expect(page.locator("#stage-message")).to_contain_text("All done")
    assert current_values() == [[2], [1]]
