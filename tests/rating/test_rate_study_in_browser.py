"""The rating page in a browser: what is on screen, what keys do, and that no score is lost."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from sts_qa.protocols.queries import built_in_version
from sts_qa.rating.models import Rating
from sts_qa.studies.models import SampledItem
from tests.browser.rating_page import (
    canvas_greys,
    current_values,
    fetched_ahead,
    idle,
    open_fields,
    open_study,
    saved,
    wait_for_image,
    wait_for_view,
)
from tests.browser.waiting import wait_until


@pytest.fixture
def radiographs(transactional_db, files_study):
    """Six radiographs of 40 x 50, the first two with masks, and their pixels."""
    files_study.study.protocol_version = built_in_version("sts-evaluation")
    files_study.study.save()
    pixels = [files_study.random.integers(0, 256, (40, 50), dtype=np.uint8) for _ in range(6)]
    for number, values in enumerate(pixels):
        mask = np.zeros((40, 50), np.uint8) if number < 2 else None
        if mask is not None:
            mask[10:20, 15:30] = 255
        files_study.radiograph(f"{number}.png", values, mask=mask)
    files_study.start()
    return pixels


@pytest.fixture
def rating_page(files_study, radiographs, open_page) -> Page:
    page = open_page(files_study.rater.user, viewport={"width": 1280, "height": 720})
    open_study(page, files_study.study)
    return page


def rate(page: Page, score: int) -> None:
    """Type the score into every open field, with Enter after each."""
    before = page.locator("#counter").inner_text()
    for _ in range(open_fields(page).count()):
        page.keyboard.type(str(score))
        # Annotations are not taken before their mask was on screen
        wait_for_view(page)
        page.keyboard.press("Enter")
    expect(page.locator("#counter")).not_to_have_text(before)
    wait_for_image(page)


def test_the_canvas_shows_the_pixels_of_the_file(rating_page, radiographs) -> None:
    for values in radiographs[:3]:
        rating_page.keyboard.press("z")
        assert (canvas_greys(rating_page, 40, 50) == values).all()
        rate(rating_page, 9)


def test_the_item_before_is_off_the_screen_while_the_next_one_loads(
    files_study, radiographs, open_page
) -> None:
    page = open_page(files_study.rater.user)
    held, is_open = [], []
    page.route(
        re.compile("/pixels/(?!.*/mask)"),
        lambda route: route.continue_() if is_open else held.append(route),
    )
    page.goto(f"/rating/{files_study.study.public_id}/")
    wait_until(page, lambda: held)
    held[0].continue_()
    wait_for_image(page)
    for _ in range(open_fields(page).count()):
        page.keyboard.type("9")
        wait_for_view(page)
        page.keyboard.press("Enter")
    expect(page.locator("#counter")).to_have_text("2 of 6")
    assert not canvas_greys(page, 40, 50).any()
    is_open.append(True)
    for route in held[1:]:
        route.continue_()
    wait_for_image(page)
    assert canvas_greys(page, 40, 50).any()


def test_the_standard_view_is_the_same_whatever_was_done_to_the_item_before(rating_page) -> None:
    standard = rating_page.locator("#viewer-controls").inner_text()
    for key in ("w", "e", "i", "+", "m"):
        rating_page.keyboard.press(key)
    assert rating_page.locator("[data-control=invert]").get_attribute("aria-pressed") == "true"
    rate(rating_page, 9)
    assert rating_page.locator("#viewer-controls").inner_text() == standard
    assert rating_page.locator("[data-control=invert]").get_attribute("aria-pressed") == "false"
    assert rating_page.locator("[data-control=mask]").get_attribute("aria-pressed") == "false"


def test_showing_the_mask_moves_nothing_and_draws_its_edge_only(rating_page, radiographs) -> None:
    rating_page.keyboard.press("z")
    without = canvas_greys(rating_page, 40, 50)
    rating_page.keyboard.press("m")
    wait_for_view(rating_page)
    changed = canvas_greys(rating_page, 40, 50) != without
    edge = np.zeros((40, 50), bool)
    edge[10:20, 15:30] = True
    edge[11:19, 16:29] = False
    # A pixel may happen to have the grey value of the outline's colour
    assert changed[edge].mean() > 0.9
    assert not changed[~edge].any()


def test_a_volume_shows_its_slices_through_its_window(
    transactional_db, files_study, open_page
) -> None:
    values = files_study.random.integers(-1000, 3000, (30, 20, 9), dtype=np.int16)
    # Axes run as on screen: right to left, front to back; one voxel is as wide as high
    unit = files_study.volume("v.nii", values, affine=np.diag([-0.3, -0.3, 0.3, 1.0]))
    unit.item_version.spacing = [0.3, 0.3, 0.3]
    unit.item_version.save()
    files_study.start()
    page = open_page(files_study.rater.user)
    open_study(page, files_study.study)
    page.keyboard.press("z")
    page.locator("[data-control=levels]").click()
    for control, typed in (("window-centre", "1000"), ("window-width", "2000")):
        page.locator(f"#{control}").fill(typed)
        page.keyboard.press("Enter")
    for key, slice_number in (("", 4), ("PageUp", 5), ("End", 8), ("Home", 0)):
        if key:
            page.keyboard.press("Escape")
            page.keyboard.press(key)
        caption = page.locator("[data-part=caption]").first
        expect(caption).to_contain_text(f"{slice_number + 1} of 9")
        wait_for_view(page)
        shown = values[:, :, slice_number].T.astype(np.float64)
        # floor(255 (v - (c - w / 2)) / w + 0.5) with c = 1000, w = 2000
        expected = np.clip(np.floor(255 * shown / 2000 + 0.5), 0, 255)
        assert (canvas_greys(page, 20, 30) == expected).all()


def test_enter_goes_through_the_fields_and_on_to_the_next_item(rating_page) -> None:
    expect(rating_page.locator("#counter")).to_have_text("1 of 6")
    assert [field.input_value() for field in open_fields(rating_page).all()] == [""] * 5
    for score in (18, 17, 16, 15, 14):
        rating_page.keyboard.type(str(score))
        expect(rating_page.locator(".criterion-active .band-lit")).to_contain_text(
            "16–20" if score > 15 else "11–15"
        )
        rating_page.keyboard.press("Enter")
    expect(rating_page.locator("#counter")).to_have_text("2 of 6")
    expect(rating_page.locator("#last-scores")).to_have_text("18 · 17 · 16 · 15 · 14")
    saved(rating_page)
    assert current_values() == [[18, 17, 16, 15, 14]]


def test_a_held_enter_and_a_double_click_submit_once(rating_page) -> None:
    rate(rating_page, 5)
    rate(rating_page, 6)
    for _ in range(3):
        rating_page.keyboard.type("7")
        rating_page.keyboard.down("Enter")
        rating_page.keyboard.down("Enter")
        rating_page.keyboard.down("Enter")
        rating_page.keyboard.up("Enter")
    expect(rating_page.locator("#counter")).to_have_text("4 of 6")
    wait_for_image(rating_page)
    for _ in range(3):
        rating_page.keyboard.type("8")
        rating_page.keyboard.press("ArrowDown")
    rating_page.locator(".submit").dblclick()
    expect(rating_page.locator("#counter")).to_have_text("5 of 6")
    expect(rating_page.locator(".rating-notice, .criterion-error:visible")).to_have_count(0)
    saved(rating_page)
    assert current_values() == [[5] * 5, [6] * 5, [7] * 3, [8] * 3]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("21", "Only 0 to 20."),
        ("7.5", "Only whole numbers from 0 to 20."),
        ("", "Type a score from 0 to 20."),
    ],
)
def test_what_is_no_score_is_refused_at_its_field(rating_page, typed, message) -> None:
    rating_page.keyboard.type(typed)
    rating_page.keyboard.press("Enter")
    field = rating_page.locator("#score-contrast")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(rating_page.locator("#score-contrast-error")).to_have_text(message)
    described = field.get_attribute("aria-describedby")
    assert "score-contrast-error" in described.split()


def test_full_width_digits_are_digits(rating_page) -> None:
    rating_page.keyboard.insert_text("１７")
    expect(rating_page.locator("#score-contrast")).to_have_value("17")


def test_cannot_judge_is_given_by_keys_with_a_reason(rating_page) -> None:
    rating_page.keyboard.press("x")
    rating_page.keyboard.press("Enter")
    expect(rating_page.locator("#score-contrast-error")).to_contain_text("Choose a reason")
    rating_page.keyboard.press("3")
    rating_page.keyboard.press("Enter")
    for _ in range(4):
        rating_page.keyboard.type("12")
        rating_page.keyboard.press("Enter")
    expect(rating_page.locator("#counter")).to_have_text("2 of 6")
    saved(rating_page)
    score = Rating.objects.get().scores.get(criterion__code="contrast")
    assert (score.value, score.code, score.reason) == (None, "cannot_judge", "field")


def test_items_without_a_mask_say_so_in_place_of_their_fields(rating_page) -> None:
    rate(rating_page, 5)
    rate(rating_page, 5)
    closed = rating_page.locator(".criterion-closed")
    expect(closed).to_have_count(2)
    expect(closed.first).to_contain_text("no mask")
    assert open_fields(rating_page).count() == 3


def test_no_key_acts_inside_a_comment(rating_page) -> None:
    rating_page.keyboard.press("c")
    everything = "abcdefghijklmnopqrstuvwxyz 0123456789 +-[]?"
    rating_page.keyboard.type(everything)
    expect(rating_page.locator("#comment")).to_have_value(everything)
    expect(rating_page.locator(".panel:visible")).to_have_count(0)
    expect(rating_page.locator("#counter")).to_have_text("1 of 6")
    rating_page.keyboard.press("Enter")
    expect(rating_page.locator("#score-contrast")).to_be_focused()
    rate(rating_page, 4)
    saved(rating_page)
    assert Rating.objects.get().comment == everything


def test_escape_closes_a_comment_left_empty_and_keeps_a_written_one_open(rating_page) -> None:
    comment = rating_page.locator("#comment")
    rating_page.keyboard.press("c")
    expect(comment).to_be_focused()
    rating_page.keyboard.press("Escape")
    expect(comment).to_be_hidden()
    expect(rating_page.locator("#score-contrast")).to_be_focused()
    rating_page.keyboard.press("c")
    rating_page.keyboard.type("blurred")
    rating_page.keyboard.press("Escape")
    expect(comment).to_be_visible()
    expect(comment).to_have_value("blurred")


def test_a_reload_keeps_what_was_typed_and_the_place(rating_page) -> None:
    rate(rating_page, 5)
    saved(rating_page)
    rating_page.keyboard.type("13")
    rating_page.keyboard.press("Enter")
    rating_page.keyboard.type("4")
    rating_page.reload()
    wait_for_image(rating_page)
    expect(rating_page.locator("#counter")).to_have_text("2 of 6")
    expect(rating_page.locator("#score-contrast")).to_have_value("13")
    expect(rating_page.locator("#score-sharpness")).to_have_value("4")


def test_another_browser_takes_up_the_draft(rating_page, files_study, open_page) -> None:
    with rating_page.expect_response(re.compile("/draft/$")):
        rating_page.keyboard.insert_text("13")
    other = open_page(files_study.rater.user)
    open_study(other, files_study.study)
    expect(other.locator("#score-contrast")).to_have_value("13")


def test_without_network_rating_goes_on_and_nothing_is_lost_or_doubled(
    rating_page, browser_errors
) -> None:
    rate(rating_page, 1)
    saved(rating_page)
    fetched_ahead(rating_page, 6)
    rating_page.context.set_offline(True)
    rate(rating_page, 2)
    rate(rating_page, 3)
    expect(rating_page.locator("#save-status")).to_contain_text("Waiting to be sent: 2")
    rating_page.keyboard.press("b")
    expect(rating_page.locator("#change-mark")).to_be_visible()
    wait_for_image(rating_page)
    for _ in range(3):
        rating_page.keyboard.type("9")
        rating_page.keyboard.press("Enter")
    expect(rating_page.locator("#save-status")).to_contain_text("Waiting to be sent: 3")
    assert current_values() == [[1] * 5]
    rating_page.context.set_offline(False)
    saved(rating_page)
    assert current_values() == [[1] * 5, [2] * 5, [9] * 3]
    assert Rating.objects.count() == 4
    assert browser_errors, "the network was not off"
    browser_errors.clear()


def test_logged_out_in_between_nothing_is_lost(
    rating_page, files_study, open_page, browser_errors
) -> None:
    fetched_ahead(rating_page, 6)
    cookies = rating_page.context.cookies()
    rating_page.context.clear_cookies(name="sessionid")
    rate(rating_page, 7)
    expect(rating_page.locator("#notices")).to_contain_text("You are logged out")
    assert Rating.objects.count() == 0
    rating_page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "sessionid"])
    saved(rating_page)
    assert current_values() == [[7] * 5]
    browser_errors.clear()


def test_two_windows_give_one_current_rating_and_the_slower_is_told(
    rating_page, files_study, browser_errors
) -> None:
    other = rating_page.context.new_page()
    open_study(other, files_study.study)
    fetched_ahead(other, 6)
    rate(rating_page, 11)
    saved(rating_page)
    other.bring_to_front()
    other.locator("#score-contrast").focus()
    rate(other, 12)
    expect(other.locator("#notices")).to_contain_text("11 · 11 · 11 · 11 · 11")
    assert current_values() == [[11] * 5]
    browser_errors.clear()


def test_the_last_rating_can_be_changed_and_the_old_one_is_kept(rating_page) -> None:
    rate(rating_page, 3)
    saved(rating_page)
    rating_page.keyboard.type("8")
    rating_page.keyboard.press("b")
    expect(rating_page.locator("#change-mark")).to_be_visible()
    expect(rating_page.locator("#score-contrast")).to_have_value("3")
    wait_for_image(rating_page)
    for _ in range(5):
        rating_page.keyboard.type("4")
        rating_page.keyboard.press("Enter")
    expect(rating_page.locator("#change-mark")).to_be_hidden()
    expect(rating_page.locator("#score-contrast")).to_have_value("8")
    saved(rating_page)
    assert current_values() == [[4] * 5]
    assert Rating.objects.count() == 2


def test_escape_leaves_a_reopened_rating_as_it_was(rating_page) -> None:
    rate(rating_page, 3)
    saved(rating_page)
    rating_page.keyboard.press("b")
    expect(rating_page.locator("#change-mark")).to_be_visible()
    rating_page.keyboard.type("9")
    rating_page.keyboard.press("Escape")
    expect(rating_page.locator("#change-mark")).to_be_hidden()
    assert current_values() == [[3] * 5]


def test_a_skipped_item_comes_back_at_the_end(rating_page, radiographs) -> None:
    rating_page.keyboard.press("Shift+N")
    for _ in range(5):
        wait_for_image(rating_page)
        for _ in range(open_fields(rating_page).count()):
            rating_page.keyboard.type("5")
            rating_page.keyboard.press("Enter")
    saved(rating_page)
    wait_for_image(rating_page)
    rating_page.keyboard.press("z")
    assert (canvas_greys(rating_page, 40, 50) == radiographs[0]).all()


def test_a_pause_blanks_the_image_and_stops_the_clock(rating_page) -> None:
    rating_page.keyboard.press("z")
    assert canvas_greys(rating_page, 40, 50).any()
    rating_page.keyboard.press("p")
    assert not canvas_greys(rating_page, 40, 50).any()
    rating_page.wait_for_timeout(1500)
    rating_page.keyboard.press("p")
    assert canvas_greys(rating_page, 40, 50).any()
    rate(rating_page, 5)
    saved(rating_page)
    rating = Rating.objects.get()
    assert rating.wall_ms - rating.active_ms - rating.waiting_ms >= 1400


def test_a_study_that_stops_and_goes_on_ends_a_pause(rating_page, files_study) -> None:
    # What the page asked before the study's state changed would be no answer
    idle(rating_page)
    rating_page.keyboard.press("z")
    rating_page.keyboard.press("p")
    assert not canvas_greys(rating_page, 40, 50).any()
    pause = rating_page.locator("#pause")
    for state, is_shown in (("paused", False), ("running", True)):
        files_study.study.state = state
        files_study.study.save()
        # The page asks for the study's state when the network is back
        rating_page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(rating_page.locator("#score-part")).to_be_visible(visible=is_shown)
        expect(pause).to_have_attribute("aria-pressed", "false")
    wait_for_image(rating_page)
    rate(rating_page, 5)
    saved(rating_page)
    assert not Rating.objects.get().is_late


def test_how_it_was_looked_at_goes_with_the_rating(rating_page) -> None:
    rating_page.keyboard.press("m")
    rating_page.keyboard.press("w")
    rate(rating_page, 5)
    saved(rating_page)
    state = Rating.objects.get().viewer_state
    assert state["overlay_used"]
    assert state["window_changed"]
    assert state["slices_seen_share"] == 1
    assert state["viewport"] == [1280, 720]


def test_all_done_is_said_once_everything_has_arrived(rating_page) -> None:
    for score in range(5):
        rate(rating_page, score)
    for _ in range(3):
        rating_page.keyboard.type("6")
        rating_page.keyboard.press("Enter")
    expect(rating_page.locator("#stage-message")).to_contain_text("All done")
    assert len(current_values()) == 6


def test_without_network_those_that_wait_are_counted_at_the_end(
    rating_page, browser_errors
) -> None:
    rate(rating_page, 1)
    saved(rating_page)
    fetched_ahead(rating_page, 6)
    rating_page.context.set_offline(True)
    for score in range(4):
        rate(rating_page, score)
    for _ in range(3):
        rating_page.keyboard.type("6")
        rating_page.keyboard.press("Enter")
    expect(rating_page.locator("#stage-message")).to_contain_text("Waiting for the server")
    expect(rating_page.locator("#counter")).to_have_text("6 of 6 rated")
    rating_page.context.set_offline(False)
    saved(rating_page)
    expect(rating_page.locator("#stage-message")).to_contain_text("All done")
    expect(rating_page.locator("#counter")).to_have_text("6 of 6 rated")
    assert browser_errors, "the network was not off"
    browser_errors.clear()


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_a_study_that_stops_says_so_and_keeps_what_is_late(
    rating_page, files_study, browser_errors, state
) -> None:
    # What the page asks for at first may not tell it of the new state
    idle(rating_page)
    files_study.study.state = state
    files_study.study.save()
    for _ in range(5):
        rating_page.keyboard.type("6")
        rating_page.keyboard.press("Enter")
    expect(rating_page.locator("#stage-message")).to_contain_text(state)
    saved(rating_page)
    assert Rating.objects.get().is_late
    # What was asked for ahead is refused by now, and the browser says so
    rating_page.close()
    browser_errors.clear()


def test_a_problem_is_reported_without_leaving_the_item(rating_page, files_study) -> None:
    rating_page.keyboard.press("Shift+R")
    rating_page.get_by_label("It cannot be read").check()
    rating_page.get_by_label("More about it").fill("Only noise")
    rating_page.get_by_role("button", name="Send the report").click()
    saved(rating_page)
    report = files_study.rater.assignments.get(turn=1).problem_reports.get()
    assert (report.kind, report.text) == ("unreadable", "Only noise")
    expect(rating_page.locator("#score-contrast")).to_be_focused()


def test_an_item_hidden_meanwhile_leaves_the_screen(rating_page, files_study):
    page = rating_page
    # What the page asks of the item at first would be refused
    idle(page)
    first = files_study.rater.assignments.order_by("position").first()
    SampledItem.objects.filter(pk=first.sampled_item_id).update(hidden_at=timezone.now())
    expect(page.get_by_text("This item was taken out of the study")).to_be_visible()
    wait_for_image(page)
    second = files_study.rater.assignments.order_by("position")[1]

    def was_shown() -> bool:
        second.refresh_from_db()
        return second.first_shown_at is not None

    wait_until(page, was_shown)
    assert not Rating.objects.exists()


def test_an_item_hidden_in_a_pause_leaves_it_paused_and_no_pause_counts(rating_page, files_study):
    page = rating_page
    idle(page)
    first, second = files_study.rater.assignments.order_by("position")[:2]
    page.keyboard.press("p")
    SampledItem.objects.filter(pk=first.sampled_item_id).update(hidden_at=timezone.now())
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_text("This item was taken out of the study")).to_be_visible()
    # The list is asked for anew meanwhile
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_timeout(2000)
    expect(page.locator("#stage-message")).to_contain_text("Paused")
    expect(page.locator("#pause")).to_have_attribute("aria-pressed", "true")
    second.refresh_from_db()
    assert second.first_shown_at is None
    resumed = time.monotonic()
    page.keyboard.press("p")
    wait_for_image(page)
    page.keyboard.press("z")
    wait_for_view(page)
    assert canvas_greys(page, 40, 50).any()
    rate(page, 5)
    lasted = time.monotonic() - resumed
    saved(page)
    rating = Rating.objects.get()
    assert rating.assignment == second
    assert 0 < rating.active_ms <= rating.wall_ms <= lasted * 1000


def test_a_reopened_item_is_not_left_in_a_pause(rating_page) -> None:
    rate(rating_page, 5)
    saved(rating_page)
    rating_page.keyboard.press("b")
    expect(rating_page.locator("#change-mark")).to_be_visible()
    wait_for_image(rating_page)
    rating_page.keyboard.press("p")
    rating_page.keyboard.press("Escape")
    expect(rating_page.locator("#change-mark")).to_be_visible()
    rating_page.keyboard.press("p")
    rating_page.keyboard.press("Escape")
    expect(rating_page.locator("#change-mark")).to_be_hidden()
    wait_for_image(rating_page)


def test_a_rating_keeps_the_language_in_which_it_was_made(
    rating_page, files_study, browser_errors
) -> None:
    page = rating_page
    page.route(re.compile("/ratings/$"), lambda route: route.abort())
    rate(page, 5)
    expect(page.locator("#save-status")).to_contain_text("Waiting to be sent: 1")
    user = files_study.rater.user
    user.language = "zh-hans"
    user.save()
    other = page.context.new_page()
    open_study(other, files_study.study)
    expect(other.locator("html")).to_have_attribute("lang", "zh-hans")
    wait_until(other, Rating.objects.exists)
    assert Rating.objects.get().language == "en"
    rate(other, 6)
    wait_until(other, lambda: Rating.objects.count() == 2)
    assert Rating.objects.latest("pk").language == "zh-hans"
    page.close()
    browser_errors.clear()
