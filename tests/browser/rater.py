"""A rater at the keyboard: looks at the canvas, types what the score table says, presses Enter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from tests.browser.marked_images import READ_NUMBER
from tests.browser.rating_page import wait_for_view

CANNOT_JUDGE = "cannot judge"
Scores = Mapping[str, int | str]
# Number on the image -> criterion -> a score, or CANNOT_JUDGE
ScoreTable = Mapping[int, Scores]


def state_conditions(page: Page) -> None:
    """Answer the questions about room and screen, and go on to the first image."""
    for name, value in (("room", "dim"), ("monitor", "office"), ("dark", "yes"), ("bright", "no")):
        page.locator(f"#conditions [name={name}][value={value}]").check()
    page.locator("#conditions [type=submit]").click()


@dataclass
class Rater:
    """One person in a browser, with a table for what is seen first and one for a repeat."""

    page: Page
    first_scores: ScoreTable
    repeat_scores: ScoreTable
    # How often each image was rated, practice left out
    rated: Counter[int] = field(default_factory=Counter)

    def open(self) -> None:
        """Go from the list of studies to the first image."""
        self.page.goto("/")
        self.page.locator("main .study-cards a.button").click()
        self.seen()

    def seen(self) -> int | None:
        """Wait until an image is on screen; return the number on it, None when all is done.

        Who has just logged in states room and screen first.
        """
        message = self.page.locator("#stage-message")
        done = self.page.get_by_role("heading", name="All done")
        conditions = self.page.locator("#conditions:not([hidden])")
        fields = self.page.locator("#criteria .criterion").first
        expect(conditions.or_(fields).or_(done)).not_to_have_count(0)
        if conditions.is_visible():
            state_conditions(self.page)
        expect(message.and_(self.page.locator("[hidden]")).or_(done)).to_be_attached()
        if done.is_visible():
            return None
        number = self.page.wait_for_function(
            f"() => ({READ_NUMBER})(document.querySelector('#viewer .pane canvas'))"
        )
        return int(number.json_value())

    @property
    def is_practice(self) -> bool:
        return self.page.locator("#practice-mark").is_visible()

    def opinion(self, number: int) -> Scores:
        """Return what this rater thinks of an image, this time."""
        return (self.repeat_scores if self.rated[number] else self.first_scores)[number]

    def open_fields(self) -> list[str]:
        """Return the criteria asked for, in the order of the page."""
        fields = self.page.locator("#criteria > li:not(.criterion-closed)")
        return list(fields.evaluate_all("all => all.map((one) => one.dataset.code)"))

    def type_scores(self, scores: Scores, *, fields: slice = slice(None)) -> None:
        """Type a score into each field, with Enter between them but not after the last."""
        for place, code in enumerate(self.open_fields()[fields]):
            if place:
                self.page.keyboard.press("Enter")
            expect(self.page.locator(f".criterion-active[data-code={code}]")).to_be_attached()
            if scores[code] == CANNOT_JUDGE:
                self.page.keyboard.press("x")
                self.page.keyboard.press("1")
            else:
                self.page.keyboard.type(str(scores[code]))
        # Annotations are not taken before their mask was on screen
        wait_for_view(self.page)

    def submit(self) -> None:
        """Press Enter in the last field and see that the page goes on.

        Of a volume the rater looks at a few slices only, and says so with a second Enter.
        """
        counter = self.page.locator("#counter")
        before = counter.inner_text()
        self.page.keyboard.press("Enter")
        few_slices = self.page.get_by_text("Enter again submits")
        moved_on = counter.filter(has_not_text=re.compile(f"^{re.escape(before)}$"))
        expect(few_slices.or_(moved_on)).not_to_have_count(0)
        if few_slices.is_visible():
            self.page.keyboard.press("Enter")
        expect(counter).not_to_have_text(before)

    def rate_one(self) -> int | None:
        """Rate the image on screen; return its number, None where nothing is left."""
        number = self.seen()
        if number is None:
            return None
        self.type_scores(self.opinion(number))
        self.count(number)
        self.submit()
        return number

    def count(self, number: int) -> None:
        """Keep in mind that this image is rated now."""
        if not self.is_practice:
            self.rated[number] += 1

    def rate(self, count: int) -> None:
        for _ in range(count):
            assert self.rate_one() is not None, "nothing is left to rate"

    def rate_the_rest(self) -> None:
        while self.rate_one() is not None:
            pass
        expect(self.page.locator("#save-status")).to_have_text("Saved")
