"""Headless Chromium as the benchmark drives it, and a rater at the keyboard in it."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

from benchmarks.people import PASSWORD
from benchmarks.viewer import page as page_names
from benchmarks.viewer.pictures import MARK
from tools.prepare_tests import chromium_path

PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
# As in the workload of Label Studio's figures
VIEWPORT = {"width": 1440, "height": 900}
LONGEST_WAIT_MS = 60_000
QUIET_MS = 250
# What is timed is over by then; asking earlier would disturb it
LOOK_AFTER_SECONDS = 0.12
# Asking a page anything puts Playwright's own script into it, which takes 30 ms
LOOK_AFTER_OPENING_SECONDS = 1.2
WINDOW_SECONDS = 1.0
# Software GL, in machines without a graphics card
GL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]


# A picture of the screen may be off by a rounding; labels lie upon the canvas
GREY_STEPS, ALIKE = 2, 0.97


class BenchmarkError(Exception):
    """The pages did something else than what was to be timed; the message says what."""


@contextmanager
def chromium(playwright: Playwright, *, gl: bool = False) -> Iterator[Browser]:
    """A Chromium of its own, which can look up no name in the network."""
    path = chromium_path()
    if path is None:
        raise BenchmarkError("No Chromium: install the package chromium, or set CHROMIUM.")
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", *(GL if gl else [])]
    browser = playwright.chromium.launch(executable_path=path, args=arguments)
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Seat:
    """One rater's log-in at one address; every context opened from it is the same session."""

    browser: Browser
    address: str
    state: Any

    @classmethod
    def of(cls, browser: Browser, address: str, study: Any, name: str) -> Seat:
        context = browser.new_context(base_url=address)
        try:
            _log_in(context, study, name)
            return cls(browser, address, context.storage_state())
        finally:
            context.close()

    def context(self, *, address: str | None = None, probe: dict[str, Any] | None = None) -> Any:
        """Open a browser profile with empty caches; `probe` are further settings of the probe."""
        context = self.browser.new_context(
            base_url=address or self.address, storage_state=self.state, viewport=VIEWPORT
        )
        context.set_default_timeout(LONGEST_WAIT_MS)
        config = {**page_names.PROBE, "mark": MARK, **(probe or {})}
        context.add_init_script(f"globalThis.viewerProbeConfig = {json.dumps(config)};\n{PROBE}")
        return context


def new_window(context: BrowserContext) -> Page:
    """Open a window, and wait until the browser has put its own bars and menus together.

    It does so in processes of their own, which took half of what was measured on two cores.
    """
    page = context.new_page()
    time.sleep(WINDOW_SECONDS)
    return page


def _log_in(context: BrowserContext, study: Any, name: str) -> None:
    """Log in by the form, and say once how and where one reads, as the page would ask."""

    def post(address: str, **options: Any) -> Any:
        token = next(one["value"] for one in context.cookies() if one["name"] == "csrftoken")
        return context.request.post(address, headers={"X-CSRFToken": token}, **options)

    context.request.get(page_names.LOG_IN)
    post(page_names.LOG_IN, form={"username": name, "password": PASSWORD})
    answer = context.request.get(page_names.queue(study))
    if not answer.ok:
        raise BenchmarkError(f"{name} could not log in: {answer.status} {answer.text()[:300]}")
    if "conditions" in answer.json():
        stated = post(page_names.conditions(study), data=page_names.CONDITIONS)
        if not stated.ok:
            raise BenchmarkError(f"Conditions: {stated.status} {stated.text()[:300]}")


@dataclass
class Reader:
    """A rating page under a rater's hands, with the probe in it."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, study: Any, *, wants_fields: bool = True) -> None:
        self.page.goto(page_names.rating_page(study), wait_until="commit")
        self.settle(wants_fields=wants_fields)

    def open_timed(self, study: Any) -> dict[str, Any]:
        """Navigate and return the probe's times since; for contexts that time the navigation."""
        self.page.goto(page_names.rating_page(study), wait_until="commit")
        time.sleep(LOOK_AFTER_OPENING_SECONDS)
        return self.result()

    def settle(self, *, wants_fields: bool = True, quiet_ms: int = QUIET_MS) -> None:
        """Wait until the page rests: painted, fields ready, and all fetched that is planned."""
        argument = [quiet_ms, wants_fields]
        self.page.wait_for_function(
            "([quiet, fields]) => globalThis.viewerProbe?.isSettled(quiet, fields)",
            arg=argument,
            polling=50,
        )

    def type_scores(self, number: int, *, count: int | None = None) -> None:
        """Type a score into each field, with Enter between them but not after the last.

        Waits for the mask, which comes with the first score asked of it.
        """
        fields = self.page.locator(page_names.FIELDS_ASKED).count() if count is None else count
        for place in range(fields):
            if place:
                self.page.keyboard.press(page_names.NEXT_FIELD)
            self.page.keyboard.type(str((7 * number + 3 * place) % 21))
        self.page.wait_for_function(page_names.VIEW_IS_WHOLE, polling=20)
        self.page.evaluate(page_names.AFTER_A_FRAME)

    def timed(self, key: str, *, wants_fields: bool) -> dict[str, Any]:
        """Press a key and return the probe's times of what it brings."""
        code = key.rsplit("+", 1)[-1]
        self.page.evaluate(
            "([code, fields]) => viewerProbe.arm(code, fields)", [code, wants_fields]
        )
        self.page.keyboard.press(key)
        time.sleep(LOOK_AFTER_SECONDS)
        return self.result()

    def result(self) -> dict[str, Any]:
        """Return the probe's times of what was armed, once it is there."""
        handle = self.page.wait_for_function("() => globalThis.viewerProbe?.result()", polling=50)
        return dict(handle.json_value())

    def screen_shows_canvas(self) -> bool:
        """Compare a picture of the screen with the canvas, labels upon it aside."""
        canvas = self.page.locator(page_names.PROBE["canvases"]).first
        seen = _pixels(canvas.screenshot())
        drawn = _pixels(base64.b64decode(canvas.evaluate("one => one.toDataURL().split(',')[1]")))
        if seen.shape != drawn.shape:
            return False
        return bool((abs(seen - drawn) <= GREY_STEPS).mean() > ALIKE)

    def close(self) -> None:
        if self.complaints:
            raise BenchmarkError(f"The page complained: {self.complaints[:3]}")
        self.page.close()

    def fetched(self) -> list[dict[str, Any]]:
        """Return what pixels the network brought so far."""
        return list(self.page.evaluate("() => viewerProbe.pixels"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "held back by the benchmark" not in message.text:
            self.complaints.append(message.text)


def _pixels(png: bytes) -> NDArray[np.int16]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"), np.int16)
