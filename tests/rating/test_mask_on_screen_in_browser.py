"""Annotations are scored by the mask on screen: none is taken before it was there."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from sts_qa.protocols.queries import built_in_version
from sts_qa.rating.models import Rating
from tests.browser.rating_page import (
    current_values,
    fetched_ahead,
    idle,
    open_study,
    saved,
    wait_for_view,
)
from tests.browser.viewer_page import look
from tests.browser.waiting import wait_until

AMBER = (255, 176, 0)
MASKS = re.compile(r"/pixels/[^/]+/mask")
TOKEN = "() => document.querySelector('#viewer').assignment?.token ?? null"
REFUSAL = "The mask has not been on screen yet."


@pytest.fixture
def page(transactional_db, files_study, open_page) -> Page:
    """The page of a rater who has two labelled radiographs, not opened yet."""
    files_study.study.protocol_version = built_in_version("sts-evaluation")
    files_study.study.save()
    mask = np.zeros((40, 50), np.uint8)
    mask[10:20, 10:30] = 255
    for name in ("first.png", "second.png"):
        values = files_study.random.integers(0, 200, (40, 50), dtype=np.uint8)
        files_study.radiograph(name, values, mask=mask)
    return open_page(files_study.start().user)


def score(page: Page, count: int) -> None:
    for _ in range(count):
        page.keyboard.type("9")
        page.keyboard.press("Enter")


def is_amber(page: Page) -> bool:
    return bool((look(page).pixels == AMBER).all(axis=2).any())


def expect_refusal(page: Page) -> None:
    expect(page.get_by_text(REFUSAL)).to_be_visible()
    expect(page.locator("#counter")).to_have_text("1 of 2")
    assert not Rating.objects.exists()


def viewer_state(page: Page) -> dict:
    expect(page.locator("#counter")).to_have_text("2 of 2")
    saved(page)
    return Rating.objects.get().viewer_state


def test_scores_wait_for_a_mask_that_does_not_come(page, files_study, browser_errors) -> None:
    page.route(MASKS, lambda route: route.abort())
    open_study(page, files_study.study)
    score(page, 5)
    expect_refusal(page)
    expect(page.locator("#stage-message")).to_contain_text("The mask cannot be loaded")
    page.unroute(MASKS)
    # It comes by itself, and nothing typed is lost
    expect(page.locator("#stage-message")).to_be_hidden()
    wait_for_view(page)
    assert is_amber(page)
    page.keyboard.press("Enter")
    state = viewer_state(page)
    assert (state["overlay_used"], state["overlay_shown"]) == (True, True)
    assert current_values() == [[9] * 5]
    assert browser_errors, "masks were not held off"
    browser_errors.clear()


def test_what_cannot_be_judged_needs_no_mask(page, files_study, browser_errors) -> None:
    page.route(MASKS, lambda route: route.abort())
    open_study(page, files_study.study)
    score(page, 3)
    for code in ("pixel_accuracy", "boundary_accuracy"):
        expect(page.locator(f".criterion-active[data-code={code}]")).to_be_attached()
        for key in ("x", "2", "Enter"):
            page.keyboard.press(key)
    state = viewer_state(page)
    assert (state["overlay_used"], state["overlay_shown"]) == (False, False)
    assert current_values() == [[9] * 3]
    page.close()
    browser_errors.clear()


def test_a_mask_turned_off_before_it_came_is_asked_for_again(page, files_study) -> None:
    held: list[Route] = []
    is_slow = True
    page.route(MASKS, lambda route: held.append(route) if is_slow else route.continue_())
    open_study(page, files_study.study)
    score(page, 4)
    wait_until(page, lambda: held)
    page.keyboard.press("m")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect_refusal(page)
    is_slow = False
    for route in held:
        route.continue_()
    wait_for_view(page)
    assert is_amber(page)
    # Seen once, it may be off
    page.keyboard.press("m")
    wait_for_view(page)
    page.keyboard.press("Enter")
    state = viewer_state(page)
    assert (state["overlay_used"], state["overlay_shown"]) == (True, False)


def test_nothing_is_said_of_a_failed_mask_that_was_turned_off(
    page, files_study, browser_errors
) -> None:
    held: list[Route] = []
    page.route(MASKS, lambda route: held.append(route))
    open_study(page, files_study.study)
    score(page, 3)
    wait_until(page, lambda: held)
    page.keyboard.press("m")
    wait_for_view(page)
    with page.expect_event("requestfailed"):
        held[0].abort()
    # Time for the page to hear of it
    page.wait_for_timeout(500)
    expect(page.locator("#stage-message")).to_be_hidden()
    page.close()
    browser_errors.clear()


def test_the_servers_picture_carries_the_mask(page, files_study, browser_errors) -> None:
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    outlined = re.compile(r"[?&]mask=1")
    page.route(outlined, lambda route: route.abort())
    open_study(page, files_study.study)
    score(page, 5)
    expect_refusal(page)
    page.unroute(outlined)
    wait_for_view(page)
    expect(page.locator("img.server-picture").first).to_have_attribute("src", outlined)
    page.keyboard.press("Enter")
    state = viewer_state(page)
    assert (state["overlay_used"], state["fallback"]) == (True, True)
    browser_errors.clear()


def test_it_appears_anew_when_the_same_item_comes_back(page, files_study, browser_errors) -> None:
    open_study(page, files_study.study)
    fetched_ahead(page, 2)
    idle(page)
    score(page, 5)
    expect(page.locator("#counter")).to_have_text("2 of 2")
    saved(page)
    score(page, 3)
    wait_for_view(page)
    assert is_amber(page)
    last = page.evaluate(TOKEN)
    # Cut off, the page goes on with what was skipped: here the item that was just left
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#save-status")).to_be_visible()
    wait_until(page, lambda: browser_errors)
    page.keyboard.press("Shift+N")
    expect(page.locator(".criterion-active[data-code=pixel_accuracy]")).to_be_attached()
    wait_for_view(page)
    assert page.evaluate(TOKEN) == last
    assert is_amber(page)
    page.close()
    browser_errors.clear()
