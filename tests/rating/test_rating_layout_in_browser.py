"""What of the rating page is in view in windows of many sizes, its theme, and what it fetches."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from sts_qa.protocols.queries import built_in_version
from tests.browser.rating_page import open_fields, open_study, wait_for_image, wait_for_view
from tests.browser.waiting import wait_until

BACKGROUND = "(selector) => getComputedStyle(document.querySelector(selector)).backgroundColor"
# A pixel at most is lost to rounding
IS_WHOLE = """() => {
  const inside = (start, length, room) =>
    (Math.min(room, start + length) - Math.max(0, start)) / length;
  const isWhole = ({ element, plane, view }) => {
    const { width, height } = element.querySelector('canvas');
    const shorter = Math.min(plane.pixel_width, plane.pixel_height);
    const across = (plane.columns * view.scale * plane.pixel_width) / shorter;
    const down = (plane.rows * view.scale * plane.pixel_height) / shorter;
    return inside(view.left, across, width) > 0.99 && inside(view.top, down, height) > 0.99;
  };
  const { shown } = document.querySelector('#viewer').panes;
  return shown.length > 0 && shown.every(isWhole);
}"""
CODES = ("contrast", "sharpness", "artifacts", "pixel_accuracy", "boundary_accuracy")


@pytest.fixture
def study(transactional_db, files_study):
    """Two labelled radiographs as wide as they are in the paper's set, five criteria."""
    files_study.study.protocol_version = built_in_version("sts-evaluation")
    files_study.study.save()
    for number in range(2):
        values = files_study.random.integers(0, 256, (320, 640), dtype=np.uint8)
        mask = np.zeros((320, 640), np.uint8)
        mask[100:200, 150:300] = 255
        files_study.radiograph(f"{number}.png", values, mask=mask)
    files_study.start()
    return files_study.study


@pytest.fixture
def volume_in_chinese(transactional_db, files_study):
    """A labelled volume in three planes, for a rater who reads Chinese."""
    files_study.study.protocol_version = built_in_version("sts-evaluation")
    files_study.study.save()
    values = files_study.random.integers(0, 3000, (60, 50, 40), dtype=np.int16)
    mask = np.zeros(values.shape, np.uint8)
    mask[10:30, 10:30, 5:25] = 1
    files_study.volume("v.nii", values, mask=mask)
    user = files_study.start().user
    user.language = "zh-hans"
    user.save()
    return files_study.study


def open_in(files_study, open_page, width: int, height: int) -> Page:
    page = open_page(files_study.rater.user, viewport={"width": width, "height": height})
    open_study(page, files_study.study)
    return page


def expect_whole_image(page: Page) -> None:
    """The image lies within its canvas, and that within the window."""
    for canvas in page.locator("#viewer .pane:visible canvas").all():
        expect(canvas).to_be_in_viewport(ratio=1)
    page.wait_for_function(IS_WHOLE)


def expect_all_in_view(page: Page) -> None:
    fields = open_fields(page).all()
    assert len(fields) == 5
    for field in fields:
        expect(field).to_be_in_viewport(ratio=1)
    expect(page.locator(".submit")).to_be_in_viewport(ratio=1)
    expect_whole_image(page)


def expect_each_field_in_view_in_its_turn(page: Page) -> None:
    for code in CODES:
        field = page.locator(f"#score-{code}")
        expect(field).to_be_focused()
        expect(field).to_be_in_viewport(ratio=1)
        wait_for_view(page)
        expect_whole_image(page)
        page.keyboard.type("5")
        page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("width", "height"), [(1280, 580), (1280, 720), (1440, 900), (1024, 768), (768, 1024)]
)
def test_image_and_all_fields_are_in_view(study, files_study, open_page, width, height) -> None:
    expect_all_in_view(open_in(files_study, open_page, width, height))


def test_all_of_a_volume_in_chinese_is_in_view_in_a_low_window(
    volume_in_chinese, files_study, open_page
) -> None:
    page = open_in(files_study, open_page, 1280, 580)
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator("#viewer .pane:visible")).to_have_count(3)
    expect_all_in_view(page)


@pytest.mark.parametrize(("width", "height"), [(720, 450), (640, 360)])
def test_at_twice_the_size_image_and_active_field_are_in_view(
    study, files_study, open_page, width, height
) -> None:
    page = open_in(files_study, open_page, width, height)
    expect_each_field_in_view_in_its_turn(page)
    wait_for_image(page)
    expect(page.locator("#score-contrast")).to_be_focused()
    expect(page.locator("#score-contrast")).to_be_in_viewport(ratio=1)


def test_at_twice_the_size_a_volume_in_chinese_and_the_active_field_are_in_view(
    volume_in_chinese, files_study, open_page
) -> None:
    # 1280x720 at 200 %
    page = open_in(files_study, open_page, 640, 360)
    expect(page.locator("#viewer .pane:visible")).to_have_count(3)
    expect_each_field_in_view_in_its_turn(page)


def test_in_a_low_narrow_window_the_image_keeps_two_fifths(study, files_study, open_page) -> None:
    page = open_in(files_study, open_page, 390, 480)
    expect(page.locator("#rating")).to_have_attribute("data-layout", "stacked")
    whole = page.locator("#rating").bounding_box()
    image = page.locator(".image-part").bounding_box()
    assert image["height"] >= 0.4 * whole["height"] - 1
    expect_each_field_in_view_in_its_turn(page)


@pytest.mark.parametrize(("width", "height"), [(1280, 580), (640, 360), (768, 1024)])
def test_the_page_never_scrolls_as_a_whole(study, files_study, open_page, width, height) -> None:
    page = open_in(files_study, open_page, width, height)
    size = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert size == [width, height]


@pytest.mark.parametrize(("theme", "is_dark"), [("auto", True), ("dark", True), ("light", False)])
def test_it_is_dark_unless_the_light_theme_was_chosen(
    study, files_study, open_page, theme, is_dark
) -> None:
    user = files_study.rater.user
    user.theme = theme
    user.save()
    page = open_in(files_study, open_page, 1280, 720)

    def brightness(selector: str) -> int:
        return max(map(int, re.findall(r"\d+", page.evaluate(BACKGROUND, selector))))

    assert (brightness("body") < 40) is is_dark
    # Behind the image it is black in every theme
    assert brightness(".image-part") == 0


def test_each_address_is_asked_for_once(study, files_study, open_page) -> None:
    page = open_page(files_study.rater.user)
    asked: Counter[str] = Counter()
    page.on("request", lambda request: asked.update([request.url.split("/rating/")[-1]]))
    open_study(page, study)

    def pixels() -> dict[str, int]:
        return {address: times for address, times in asked.items() if "pixels/" in address}

    wait_until(page, lambda: len(pixels()) >= 4)
    # Time for a second request of the same
    page.wait_for_timeout(1500)
    assert len(pixels()) == 4
    assert set(pixels().values()) == {1}
    scripts = {address: times for address, times in asked.items() if address.endswith(".js")}
    assert scripts
    assert set(scripts.values()) == {1}


def test_the_first_image_needs_no_answer_but_the_page_itself(
    study, files_study, open_page, browser_errors
) -> None:
    page = open_page(files_study.rater.user)
    page.route(re.compile("/queue/"), lambda route: route.abort())
    open_study(page, study)
    page.keyboard.type("7")
    expect(page.locator("#score-contrast")).to_have_value("7")
    browser_errors.clear()
