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
        self._addresses: dict[str, str] = {}
        # When what came in, in seconds of the browser's own clock
        self._pieces: list[tuple[float, int]] = []
        self._clock_offset = 0.0
        self._session = page.context.new_cdp_session(page)
        self._session.on("Network.requestWillBeSent", self._asked)
        self._session.on("Network.responseReceived", self._answered)
        self._session.on("Network.dataReceived", self._came)
        self._session.on("Network.loadingFinished", self._finished)
        self._session.send("Network.enable")

    def total(self, until: float = float("inf")) -> int:
        """Return all bytes that came until a time in milliseconds since 1970."""
        end = until / 1000 - self._clock_offset
        return sum(size for moment, size in self._pieces if moment <= end)

    def _asked(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]
        self._clock_offset = event["wallTime"] - event["timestamp"]

    def _answered(self, event: dict[str, Any]) -> None:
        self._pieces.append((event["timestamp"], int(event["response"]["encodedDataLength"])))

    def _came(self, event: dict[str, Any]) -> None:
        self._pieces.append((event["timestamp"], int(event["encodedDataLength"])))

    def _finished(self, event: dict[str, Any]) -> None:
        address = self._addresses.get(event["requestId"], "")
        self.sizes[address] = self.sizes.get(address, 0) + int(event["encodedDataLength"])


def _path(address: str) -> str:
    return urlsplit(address).path


def _sum(files: dict[str, int], ending: str) -> int:
    return sum(size for address, size in files.items() if _path(address).endswith(ending))
