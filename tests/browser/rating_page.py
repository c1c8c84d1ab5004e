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


def canvas_greys(page: Page, rows: int, columns: int) -> np.ndarray:
    return np.array(page.evaluate(READ_CANVAS, [rows, columns]), np.uint8).reshape(rows, columns)


def open_study(page: Page, study: Study) -> None:
    page.goto(f"/rating/{study.public_id}/")
    wait_for_image(page)


def wait_for_image(page: Page) -> None:
    expect(page.locator("#criteria .criterion").first).to_be_visible()
    expect(page.locator("#stage-message")).to_be_hidden()
    page.wait_for_timeout(100)


def open_fields(page: Page):
    return page.locator("#criteria .score-input:enabled")


def saved(page: Page) -> None:
    expect(page.locator("#save-status")).to_have_text("Saved", timeout=40_000)


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
