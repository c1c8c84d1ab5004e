"""The rating page on paper: the server's picture of what is on screen, the counter, the scores."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect
from scipy import ndimage

from sts_qa.protocols.queries import built_in_version
from tests.browser.rating_page import open_study, wait_for_image
from tests.browser.viewer_page import windowed
from tests.browser.waiting import wait_until
from tests.rating.test_send_slice import on_screen

AMBER = (255, 176, 0)
CUBES = np.diag([-0.3, -0.3, 0.3, 1.0])
# Headless browsers have no printer: what is told before the dialog opens, and that it would open
PRINTER = """
  window.printed = 0;
  window.print = () => {
    window.dispatchEvent(new Event("beforeprint"));
    window.printed += 1;
  };
"""
# Values of the picture as the browser decoded it, and of the copy that stands in for it
READ = """async (shown) => {
  const canvas = document.createElement("canvas");
  canvas.width = shown.naturalWidth ?? shown.width;
  canvas.height = shown.naturalHeight ?? shown.height;
  const context = canvas.getContext("2d");
  context.drawImage(shown, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { rows: canvas.height, columns: canvas.width, values: [...data] };
}"""
PICTURES = "#print-sheet figure img"


def on_paper(shown) -> np.ndarray:
    told = shown.evaluate(READ)
    pixels = np.array(told["values"], np.uint8).reshape(told["rows"], told["columns"], 4)
    return pixels[..., :3]


def grey(values) -> np.ndarray:
    return np.repeat(values[..., None], 3, axis=2)


def open_to_print(files_study, open_page, **options) -> Page:
    files_study.start()
    page = open_page(files_study.rater.user, viewport={"width": 1280, "height": 720}, **options)
    page.add_init_script(PRINTER)
    open_study(page, files_study.study)
    return page


def print_item(page: Page) -> None:
    before = page.evaluate("window.printed")
    page.keyboard.press("Control+p")
    page.wait_for_function("(before) => window.printed > before", arg=before)
    page.emulate_media(media="print")


def pages_of(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@pytest.fixture
def study(transactional_db, files_study):
    files_study.study.protocol_version = built_in_version("sts-evaluation")
    files_study.study.save()
    return files_study


def test_a_radiograph_in_its_window_with_its_mask_and_scores(study, open_page) -> None:
    values = study.random.integers(0, 256, (320, 640), dtype=np.uint8)
    mask = np.zeros(values.shape, np.uint8)
    mask[100:200, 150:400] = 255
    study.radiograph("secret-name.png", values, mask=mask)
    page = open_to_print(study, open_page)
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    page.keyboard.press("x")
    page.keyboard.press("1")
    page.evaluate("document.querySelector('#viewer').setWindow(100, 80)")
    page.keyboard.press("m")
    print_item(page)
    expected = grey(windowed(values, 100, 80))
    inside = mask > 0
    expected[inside & ~ndimage.binary_erosion(inside)] = AMBER
    assert (on_paper(page.locator(PICTURES)) == expected).all()
    sheet = page.locator("#print-sheet")
    expect(sheet).to_contain_text("1 of 1")
    expect(sheet).to_contain_text("C 100 W 80")
    rows = sheet.locator("tbody tr")
    expect(rows).to_have_count(5)
    expect(rows.nth(0).locator("td").first).to_have_text("17 Clear")
    expect(rows.nth(1).locator("td").first).to_contain_text("The region is not in the image")
    expect(rows.nth(2).locator("td").first).to_have_text("")
    # Nothing else, and nothing that tells which image it is
    for part in (".rating-bar", "#rating", "#clarifications", "button", "input", "canvas"):
        assert not any(one.is_visible() for one in page.locator(part).all()), part
    words = page.locator("body").inner_text()
    assert "secret" not in words.lower()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert pages_of(page) == 1


def test_three_planes_of_a_volume_at_their_slices(study, open_page) -> None:
    values = study.random.integers(0, 3000, (60, 50, 40), dtype=np.int16)
    unit = study.volume("v.nii", values, affine=CUBES)
    unit.item_version.spacing = [0.3, 0.3, 0.3]
    unit.item_version.save()
    page = open_to_print(study, open_page)
    page.evaluate("document.querySelector('#viewer').setWindow(1000, 2000)")
    page.keyboard.press("i")
    page.keyboard.press("PageUp")
    expect(page.locator(".pane .caption").first).to_have_text("Axial 22 of 40")
    print_item(page)
    figures = page.locator("#print-sheet figure")
    captions = ["Axial 22 of 40", "Coronal 26 of 50", "Sagittal 31 of 60"]
    expect(figures.locator("figcaption")).to_have_text(captions)
    for number, (plane, place) in enumerate([("axial", 21), ("coronal", 25), ("sagittal", 30)]):
        greys = 255 - windowed(on_screen(values, CUBES, plane, place), 1000, 2000)
        assert (on_paper(figures.nth(number).locator("img")) == grey(greys)).all(), plane
    # The patient's right on the left
    expect(figures.first.locator("[data-edge=left]")).to_have_text("R")
    expect(page.locator("#print-sheet")).to_contain_text("Inverted")
    boxes = [figure.locator("img").bounding_box() for figure in figures.all()]
    assert [box["width"] / box["height"] for box in boxes] == pytest.approx(
        [60 / 50, 60 / 40, 50 / 40], rel=0.02
    )
    assert pages_of(page) == 1


def test_printing_by_the_browsers_menu_takes_what_is_on_screen(
    study, open_page, browser_errors
) -> None:
    values = study.random.integers(0, 256, (40, 50), dtype=np.uint8)
    study.radiograph("r.png", values)
    page = open_to_print(study, open_page)
    page.evaluate("document.querySelector('#viewer').setMode('one')")
    page.route(re.compile(r"/picture\?"), lambda route: route.abort())
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(PICTURES)).to_have_js_property("hidden", value=True)
    copy = page.locator("#print-sheet figure canvas")
    assert (on_paper(copy) == grey(values)).all()
    browser_errors.clear()


def test_an_item_left_before_its_picture_came_is_not_printed(study, open_page) -> None:
    for number in range(2):
        values = study.random.integers(0, 256, (40, 50), dtype=np.uint8)
        study.radiograph(f"{number}.png", values)
    page = open_to_print(study, open_page)
    held: list[Route] = []
    page.route(re.compile(r"/picture\?"), lambda route: held.append(route))
    page.keyboard.press("Control+p")
    wait_until(page, lambda: held)
    page.keyboard.press("Shift+N")
    wait_for_image(page)
    with page.expect_request_finished(lambda request: "/picture?" in request.url):
        for route in held:
            route.continue_()
    page.wait_for_timeout(500)
    assert page.evaluate("window.printed") == 0


def test_in_a_pause_neither_image_nor_scores_are_printed(study, open_page) -> None:
    study.radiograph("r.png", study.random.integers(0, 256, (40, 50), dtype=np.uint8))
    page = open_to_print(study, open_page)
    page.keyboard.type("17")
    page.keyboard.press("p")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#print-sheet figure")).to_have_count(0)
    expect(page.locator("#print-sheet tbody tr")).to_have_count(0)
