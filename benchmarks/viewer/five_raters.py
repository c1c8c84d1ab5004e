"""Part 5: five raters in five browsers at once, radiographs and volumes mixed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from benchmarks.numbers import median_and_p95
from benchmarks.report import Measurement
from benchmarks.viewer import memory
from benchmarks.viewer import page as page_names
from benchmarks.viewer.chromium import LONGEST_WAIT_MS, Seat, chromium
from benchmarks.viewer.setting import Setting
from benchmarks.viewer.slow_line import ratings_of
from benchmarks.viewer.studies import Room

NAME, PREFIX = "five-raters", "Five raters: "
NEEDS = ("mixed",)
RATERS = 5
SECONDS, QUICK_SECONDS = 600.0, 60.0
SAMPLE_SECONDS, QUICK_SAMPLE_SECONDS = 15.0, 5.0
# Caches fill at first; growth counts from then on
SETTLED_SHARE = 0.25
LOOK_SECONDS, KEY_SECONDS, SLICE_SECONDS = 1.2, 0.25, 0.06
SLICES = 120
# Megabytes
SERVER_BUDGET, SERVER_GROWTH = 700.0, 60.0
BROWSER_BUDGET, HEAP_BUDGET, HEAP_GROWTH = 1200.0, 40.0, 8.0
# The page's own budget for pixels is 256; what is on its way, and the window's tables, come on top
BUFFER_BUDGET = 256.0 + 32.0
# Growth of a browser counts from when its page holds about as many pixels as it may
FULL_BUFFERS, BROWSER_GROWTH = 240.0, 60.0


@dataclass
class Hand:
    """One rater in a browser of their own, as a script that says how long it waits."""

    page: Page
    session: Any
    browser_processes: set[int]
    name: str
    errors: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    submitted: int = 0
    heaps: list[float] = field(default_factory=list)
    buffers: list[float] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)

    @property
    def totals_when_full(self) -> list[float]:
        """What the browser takes from when the page's budget for pixels is used."""
        pairs = zip(self.totals, self.buffers, strict=True)
        return [total for total, held in pairs if held >= FULL_BUFFERS]

    def __post_init__(self) -> None:
        page = self.page
        page.on(
            "console",
            lambda message: message.type == "error" and self.errors.append(message.text),
        )
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "response",
            lambda answer: (
                answer.status >= 400 and self.errors.append(f"{answer.status} {answer.url}")
            ),
        )

    def rate(self, ends_at: float) -> Iterator[float]:
        """Rate one item after the other; yields the seconds until the next key."""
        while time.monotonic() < ends_at:
            yield from self._until_painted()
            if self._is_volume():
                yield from self._look_through(ends_at)
            yield LOOK_SECONDS
            yield from self._score()
        yield 2.0

    def _until_painted(self) -> Iterator[float]:
        deadline = time.monotonic() + LONGEST_WAIT_MS / 1000
        while not self.page.evaluate("() => viewerProbe.isSettled(50, true)"):
            if time.monotonic() > deadline:
                self.errors.append("nothing painted for a minute")
                return
            yield 0.1

    def _is_volume(self) -> bool:
        return bool(
            self.page.evaluate(
                "([selector, planes]) => [...document.querySelectorAll(selector)]"
                ".filter((one) => one.offsetWidth > 0).length >= planes",
                [page_names.PROBE["canvases"], len(page_names.first_planes())],
            )
        )

    def _look_through(self, ends_at: float) -> Iterator[float]:
        """Go through the slices, up and down again, and ten at a time."""
        keys = [page_names.SLICE_UP] * SLICES + [page_names.TEN_DOWN] * (SLICES // 5)
        for key in [*keys, *[page_names.SLICE_UP] * SLICES]:
            if time.monotonic() > ends_at:
                return
            self.page.keyboard.press(key)
            yield SLICE_SECONDS

    def _score(self) -> Iterator[float]:
        fields = self.page.locator(page_names.FIELDS_ASKED).count()
        for place in range(fields):
            if place:
                self.page.keyboard.press(page_names.NEXT_FIELD)
            self.page.keyboard.type(str((7 * self.submitted + 3 * place) % 21))
            yield KEY_SECONDS
        # No score of a mask is taken before it is on screen
        deadline = time.monotonic() + LONGEST_WAIT_MS / 1000
        while not self.page.evaluate(page_names.VIEW_IS_WHOLE) and time.monotonic() < deadline:
            yield SLICE_SECONDS
        self.page.evaluate("() => viewerProbe.arm('Enter', true)")
        self.page.keyboard.press("Enter")
        yield KEY_SECONDS
        # Where too few slices were seen, the page says so and wants a second Enter
        if self.page.evaluate("() => viewerProbe.armed?.start && !viewerProbe.armed.painted"):
            self.page.keyboard.press("Enter")
            yield KEY_SECONDS
        self.submitted += 1
        result = self.page.evaluate("() => viewerProbe.result()")
        if result:
            self.milliseconds.append(result["ready"])


def measure(setting: Setting) -> list[Measurement]:
    """Return the rows of this part."""
    room = setting.rooms["mixed"]
    seconds = QUICK_SECONDS if setting.quick else SECONDS
    server: list[float] = []
    with ExitStack() as browsers:
        hands = [_sit_down(setting, room, browsers) for _number in range(RATERS)]
        _run(setting, hands, server, seconds)
        for hand in hands:
            hand.page.wait_for_function(
                "([selector, text]) => document.querySelector(selector).textContent.includes(text)",
                arg=[page_names.SAVED, page_names.SAVED_TEXT],
            )
            hand.heaps.append(memory.heap_megabytes(hand.session, collect=True))
        wrong = _faults(setting, room, hands)
    for text in wrong[:20]:
        setting.say(f"WRONG: {text}")
    return _rows(hands, server, wrong, seconds, judged=not setting.quick)


def _sit_down(setting: Setting, room: Room, browsers: ExitStack) -> Hand:
    """Open a browser, a process tree of its own, and the rating page in it."""
    before = memory.children_of([os.getpid()])
    own = browsers.enter_context(chromium(setting.playwright))
    name = room.next_rater()
    seat = Seat.of(own, setting.address, room.study, name)
    page = seat.context().new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    others = before | memory.children_of([setting.server_process])
    hand = Hand(page, session, memory.children_of([os.getpid()]) - others, name)
    page.goto(page_names.rating_page(room.study), wait_until="commit")
    page.wait_for_function("() => globalThis.viewerProbe?.isSettled(250, true)", polling=100)
    return hand


def _run(setting: Setting, hands: list[Hand], server: list[float], seconds: float) -> None:
    """Let the five work at once, and look at the memory now and then."""
    every = QUICK_SAMPLE_SECONDS if setting.quick else SAMPLE_SECONDS
    ends_at = time.monotonic() + seconds
    scripts = {number: hand.rate(ends_at) for number, hand in enumerate(hands)}
    due = {number: time.monotonic() + 0.3 * number for number in scripts}
    next_sample = time.monotonic()
    while due:
        number = min(due, key=lambda one: due[one])
        time.sleep(max(0.0, min(due[number], next_sample) - time.monotonic()))
        if time.monotonic() >= next_sample:
            _sample(setting, hands, server)
            next_sample = time.monotonic() + every
            continue
        try:
            due[number] = time.monotonic() + next(scripts[number])
        except StopIteration:
            del due[number]


def _sample(setting: Setting, hands: list[Hand], server: list[float]) -> None:
    server.append(memory.megabytes_of([setting.server_process]))
    for hand in hands:
        hand.heaps.append(memory.heap_megabytes(hand.session, collect=True))
        hand.buffers.append(memory.buffer_megabytes(hand.session))
        hand.totals.append(memory.megabytes_of(hand.browser_processes))
    totals = " ".join(f"{hand.totals[-1]:.0f}" for hand in hands)
    buffers = " ".join(f"{hand.buffers[-1]:.0f}" for hand in hands)
    heaps = " ".join(f"{hand.heaps[-1]:.1f}" for hand in hands)
    told = f"browsers {totals}; of it buffers {buffers}; heaps {heaps}"
    setting.say(f"MB: server {server[-1]:.0f}; {told}")


def _faults(setting: Setting, room: Room, hands: list[Hand]) -> list[str]:
    """Say what went wrong in pages, server and database; nothing when all is as it must be."""
    wrong = []
    for hand in hands:
        wrong += [f"{hand.name}: {text}" for text in hand.errors]
        stored = ratings_of(room, hand.name)
        if len(stored) != hand.submitted or set(stored.values()) - {1}:
            wrong.append(f"{hand.name} submitted {hand.submitted}, stored {sum(stored.values())}")
    lines = setting.log.read_text(errors="replace").splitlines()
    return wrong + [line for line in lines if " ERROR " in line or "Traceback" in line]


def growth(values: list[float]) -> float:
    """Return the median of the last quarter of what is settled less that of its first."""
    settled = values[int(SETTLED_SHARE * len(values)) :]
    part = max(1, len(settled) // 4)
    first, last = sorted(settled[:part]), sorted(settled[-part:])
    return last[len(last) // 2] - first[len(first) // 2]


def _rows(
    hands: list[Hand], server: list[float], wrong: list[str], seconds: float, *, judged: bool
) -> list[Measurement]:
    def limited(what: str, value: float, limit: float) -> Measurement:
        return Measurement(
            f"{PREFIX}{what}",
            value,
            "MB",
            goal=f"< {limit:.0f} MB",
            met=value < limit if judged else None,
        )

    times = [one for hand in hands for one in hand.milliseconds]
    rated = sum(hand.submitted for hand in hands)
    return [
        Measurement(f"{PREFIX}errors in {seconds:.0f} s", len(wrong), "", goal="0", met=not wrong),
        Measurement(f"{PREFIX}items rated", rated, ""),
        *median_and_p95(f"{PREFIX}Enter to next image and fields, five at once", times),
        limited("server, most (PSS of web server and worker)", max(server), SERVER_BUDGET),
        limited("server, growth after the first quarter", growth(server), SERVER_GROWTH),
        limited(
            "one browser, most (PSS of all its processes)",
            max(max(hand.totals) for hand in hands),
            BROWSER_BUDGET,
        ),
        limited(
            "array buffers of one page, most",
            max(max(hand.buffers) for hand in hands),
            BUFFER_BUDGET,
        ),
        limited(
            "one browser, largest growth once its page's budget is full",
            max(growth(full) for hand in hands if (full := hand.totals_when_full)),
            BROWSER_GROWTH,
        ),
        limited("JavaScript heap, most", max(max(hand.heaps) for hand in hands), HEAP_BUDGET),
        limited(
            "JavaScript heap, largest growth after the first quarter",
            max(growth(hand.heaps) for hand in hands),
            HEAP_GROWTH,
        ),
    ]
