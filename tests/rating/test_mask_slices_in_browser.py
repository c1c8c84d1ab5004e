"""Of a volume's mask a slice that has some of it must have been on screen."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from sts_qa.protocols.queries import built_in_version
from sts_qa.rating.models import Rating
from tests.browser.rating_page import open_study, saved, wait_for_view
from tests.browser.viewer_page import look

AMBER = (255, 176, 0)
SHAPE = (40, 50, 30)
# Far from the middle of every plane
CORNER = (slice(30, 38), slice(2, 8))
SLICE = "() => document.querySelector('#viewer').panes.named('axial').slice"
NOWHERE = "The mask has not been on screen yet."
ON_SLICES = "It is on slices {} to {} of this plane"

Opened = Callable[..., Page]


def mask_on(*slices: int) -> NDArray[np.uint8]:
    mask = np.zeros(SHAPE, np.uint8)
    for place in slices:
        mask[(*CORNER, place)] = 1
    return mask


@pytest.fixture
def opened(transactional_db, files_study, open_page) -> Opened:
    """Return a function that opens a volume with a mask, its image criteria scored."""

    def open_volume(mask: NDArray[np.uint8], script: str = "") -> Page:
        files_study.study.protocol_version = built_in_version("sts-evaluation")
        files_study.study.save()
        values = files_study.random.integers(0, 4000, SHAPE, dtype=np.int16)
        files_study.volume("v.nii.gz", values, mask=mask)
        page = open_page(files_study.start().user)
        page.add_init_script(script)
        open_study(page, files_study.study)
        for _ in range(3):
            page.keyboard.type("9")
            page.keyboard.press("Enter")
        wait_for_view(page)
        return page

    return open_volume


def score_mask(page: Page) -> None:
    for _ in range(2):
        page.keyboard.type("9")
        page.keyboard.press("Enter")


def is_amber(page: Page) -> bool:
    return bool((look(page, "axial").pixels == AMBER).all(axis=2).any())


def expect_refusal(page: Page, first: int, last: int) -> None:
    """The slices, counted from 1, are named and nothing is submitted."""
    expect(page.get_by_text(NOWHERE)).to_contain_text(ON_SLICES.format(first, last))
    wait_for_view(page)
    assert not Rating.objects.exists()


def submit(page: Page) -> dict:
    """Submit; what asks for more slices is passed by a further Enter."""
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("Enter again submits"))).to_be_visible()
    page.keyboard.press("Enter")
    saved(page)
    return Rating.objects.get().viewer_state


def test_a_slice_without_mask_pixels_is_not_enough(opened) -> None:
    page = opened(mask_on(3, 4, 5))
    assert not is_amber(page)
    score_mask(page)
    expect_refusal(page, 4, 6)
    # The page shows a slice that has some
    assert page.evaluate(SLICE) == 4
    assert is_amber(page)
    assert submit(page)["overlay_used"] is True


def test_who_went_there_is_not_held_up(opened) -> None:
    page = opened(mask_on(3, 4, 5))
    look(page, "axial", slice=5)
    look(page, "axial", slice=20)
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    page.keyboard.type("9")
    assert submit(page)["overlay_used"] is True


def test_another_plane_does_as_well(opened) -> None:
    page = opened(mask_on(3, 4, 5))
    # Counted from behind
    look(page, "coronal", slice=44)
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    page.keyboard.type("9")
    assert submit(page)["overlay_used"] is True


def test_a_gap_in_the_mask_is_not_taken_for_it(opened) -> None:
    page = opened(mask_on(3, 25))
    score_mask(page)
    expect_refusal(page, 4, 26)
    assert page.evaluate(SLICE) == 14
    assert not is_amber(page)
    page.keyboard.press("Enter")
    expect_refusal(page, 4, 26)
    assert page.evaluate(SLICE) == 3
    assert is_amber(page)
    assert submit(page)["overlay_used"] is True


def test_an_empty_mask_holds_nobody_up(opened) -> None:
    page = opened(mask_on())
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    page.keyboard.type("9")
    assert submit(page)["overlay_used"] is True


def test_what_cannot_be_judged_needs_no_slice_of_the_mask(opened) -> None:
    page = opened(mask_on(3, 4, 5))
    for code in ("pixel_accuracy", "boundary_accuracy"):
        expect(page.locator(f".criterion-active[data-code={code}]")).to_be_attached()
        for key in ("x", "2"):
            page.keyboard.press(key)
        if code == "pixel_accuracy":
            page.keyboard.press("Enter")
    state = submit(page)
    assert (state["overlay_used"], state["overlay_shown"]) == (False, False)


def test_the_servers_picture_is_of_such_a_slice(opened, browser_errors) -> None:
    page = opened(mask_on(3, 4, 5), "HTMLCanvasElement.prototype.getContext = () => null;")
    score_mask(page)
    expect_refusal(page, 4, 6)
    assert page.evaluate(SLICE) == 4
    outlined = re.compile(r"slice=4(?:&.*)?&mask=1")
    expect(page.locator("img.server-picture").first).to_have_attribute("src", outlined)
    state = submit(page)
    assert (state["overlay_used"], state["fallback"]) == (True, True)
    browser_errors.clear()
