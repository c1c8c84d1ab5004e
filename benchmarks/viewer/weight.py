"""Part 6: what the scripts and styles of the rating page weigh on the wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from benchmarks.report import Measurement
from benchmarks.viewer.chromium import BenchmarkError, Reader
from benchmarks.viewer.setting import Setting

NAME, PREFIX = "weight", "Weight: "
NEEDS = ("radiographs",)
GOAL_KB = 150.0
# Label Studio 1.23.2, first open of its labelling page: quoted from its own run on another day
LABEL_STUDIO_KB = 7607 * 1.024
ENDINGS = (".js", ".mjs", ".css")


def measure(setting: Setting) -> list[Measurement]:
    """Return the rows of this part, from one visit with empty caches."""
    room = setting.rooms["radiographs"]
    context = setting.seat(room).context()
    page = context.new_page()
    traffic = Traffic(page)
    reader = Reader(page)
    reader.open(room.study)
    reader.close()
    context.close()
    files = {
        address: size for address, size in traffic.sizes.items() if _path(address).endswith(ENDINGS)
    }
    if not files:
        raise BenchmarkError("No script and no style was fetched.")
    for address, size in sorted(files.items(), key=lambda one: -one[1])[:8]:
        setting.say(f"{size / 1000:7.1f} kB {_path(address)}")
    kilobytes = sum(files.values()) / 1000
    return [
        Measurement(
            f"{PREFIX}scripts and styles, compressed, with headers (peer: Label Studio, quoted)",
            kilobytes,
            "kB",
            LABEL_STUDIO_KB,
            f"< {GOAL_KB:.0f} kB",
            kilobytes < GOAL_KB,
        ),
        Measurement(f"{PREFIX}  in so many files", len(files), "files"),
        Measurement(f"{PREFIX}  of this styles", _sum(files, ".css") / 1000, "kB"),
    ]


class Traffic:
    """What a page's network brings: bytes on the wire by address, headers included."""

    def __init__(self, page: Any) -> None:
        self.sizes: dict[str, int] = {}
        self._requests: dict[str, tuple[str, float]] = {}
        self._session = page.context.new_cdp_session(page)
        self._session.on("Network.requestWillBeSent", self._asked)
        self._session.on("Network.loadingFinished", self._finished)
        self._session.send("Network.enable")
        self._started: dict[str, float] = {}

    def total(self, asked_before: float = float("inf")) -> int:
        """Return all bytes, or those of requests made before a time in ms since 1970."""
        return sum(
            size
            for address, size in self.sizes.items()
            if self._started.get(address, 0) < asked_before
        )

    def _asked(self, event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        self._requests[event["requestId"]] = (address, 1000 * event["wallTime"])

    def _finished(self, event: dict[str, Any]) -> None:
        address, started = self._requests.get(event["requestId"], ("", 0.0))
        self.sizes[address] = self.sizes.get(address, 0) + int(event["encodedDataLength"])
        self._started.setdefault(address, started)


def _path(address: str) -> str:
    return urlsplit(address).path


def _sum(files: dict[str, int], ending: str) -> int:
    return sum(size for address, size in files.items() if _path(address).endswith(ending))
