"""What all parts share: the running server, the studies, Chromium, and how long to measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from benchmarks.viewer.chromium import Seat
from benchmarks.viewer.studies import Room


@dataclass
class Setting:
    """One run of the benchmark."""

    playwright: Playwright
    # The browser of our own pages
    browser: Browser
    address: str
    # Where the server serves what only the benchmark needs: bare page, NiiVue, the volume's file
    extras: str
    rooms: dict[str, Room]
    folder: Path
    log: Path
    # Web server and worker are its children
    server_process: int
    quick: bool
    say: Callable[[str], None]

    def seat(self, room: Room) -> Seat:
        """Log in a rater to whom every item of the study is new."""
        return Seat.of(self.browser, self.address, room.study, room.next_rater())
