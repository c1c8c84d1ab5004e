"""What tests of the rating page share: opening it, its fields, its canvas, the scores kept."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from sts_qa.rating.models import Rating
from sts_qa.studies.models import Study

# Values of the canvas around its middle, one row of grey values after the other
READ_CANVAS = """([rows, columns]) => {
  const canvas = document.querySelector('#viewer .pane canvas');
  const left = Math.round((canvas.width - columns) / 2);
  const top = Math.round((canvas.height - rows) / 2);
  const { data } = canvas.getContext('2d').getImageData(left, top, columns, rows);
  return Array.from({ length: rows * columns }, (_, place) => data[4 * place]);
}"""
# Whether all that is asked for is on the canvases, and the page knows it
IS_PAINTED = """() => {
  const viewer = document.querySelector('#viewer');
  if (!viewer?.assignment || viewer.stage.width <= 1 || viewer.painted.size > 0) return false;
  const panes = viewer.panes.shown;
  const isThere = (pane) => !pane.isWaiting && pane.shownSlice === pane.slice;
  return panes.length > 0 && panes.every(isThere);
}"""
# Sizes and what waits for a picture follow in and after the frame
AFTER_A_FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
HOLDS_ITEMS = """(count) => {
  const { store } = document.querySelector('#viewer');
  const addresses = [...(store?.held.keys() ?? [])];
  const tokens = addresses.map((address) => /\\/pixels\\/([^/]+)/.exec(address)[1]);
  return new Set(tokens).size >= count;
}"""


def canvas_greys(page: Page, rows: int, columns: int) -> np.ndarray:
    return np.array(page.evaluate(READ_CANVAS, [rows, columns]), np.uint8).reshape(rows, columns)


def open_study(page: Page, study: Study) -> None:
    page.goto(f"/rating/{study.public_id}/")
    wait_for_image(page)


def wait_for_image(page: Page) -> None:
    expect(page.locator("#criteria .criterion").first).to_be_visible()
    wait_for_view(page)
    expect(page.locator("#stage-message")).to_be_hidden()


def wait_for_view(page: Page) -> None:
    """Wait until the slices and the mask asked for are on screen, where they count as seen."""
    page.wait_for_function(IS_PAINTED)
    page.evaluate(AFTER_A_FRAME)


def fetched_ahead(page: Page, items: int) -> None:
    """Wait until pixels of that many items are in the browser, those rated by now included."""
    page.wait_for_function(HOLDS_ITEMS, arg=items)


def idle(page: Page) -> None:
    """Wait until the page that was just opened has asked for all that it wants for now."""
    page.wait_for_load_state("networkidle")


def open_fields(page: Page):
    return page.locator("#criteria .score-input:enabled")


def saved(page: Page) -> None:
    expect(page.locator("#save-status")).to_have_text("Saved", timeout=40_000)


def close_window(page: Page) -> None:
    """Close a window whose ratings do not get through.

    A request held back for `Page.route` is let go when the window closes, and may reach the server
    then; one of a page that was left is given up.
    """
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
    page.close()


def current_values() -> list[list[int]]:
    """The current ratings in the order of their items, the numbers of each."""
    ratings = Rating.objects.filter(is_current=True).order_by("assignment__turn")
    return [
        [
            int(score.value)
            for score in rating.scores.order_by("criterion__position")
            if score.value is not None
        ]
        for rating in ratings
    ]
