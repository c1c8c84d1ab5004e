"""Part 2: a volume of 400x512x512: opening it, the next slice, and scrolling."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.numbers import median, median_and_p95
from benchmarks.report import Measurement
from benchmarks.viewer import page as page_names
from benchmarks.viewer import pictures
from benchmarks.viewer.chromium import BenchmarkError, Reader, Seat, new_window
from benchmarks.viewer.setting import Setting

NAME, PREFIX = "volume", "Volume: "
NEEDS = ("volume",)
OPENED_MS, NEXT_MS, COLD_NEXT_MS, FRAMES = 300.0, 16.0, 60.0, 60.0
REPETITIONS, QUICK_REPETITIONS = 7, 2
SLICES, QUICK_SLICES = 25, 6
SCROLL_SECONDS, QUICK_SCROLL_SECONDS = 5.0, 1.5
# To and fro over so many slices
SCROLL_SPAN = 60
BETWEEN_SECONDS = 0.5
# A share of the empty loop's frames that a missed one now and then takes away
STEADY = 0.98
FIRST_SLICES = [
    pictures.plane_number("axial", pictures.VOLUME_SHAPE[0] // 2),
    pictures.plane_number("coronal", pictures.VOLUME_SHAPE[1] // 2),
    pictures.plane_number("sagittal", pictures.VOLUME_SHAPE[2] // 2),
]


def measure(setting: Setting) -> list[Measurement]:
    """Return the rows of this part."""
    room = setting.rooms["volume"]
    seats = (setting.seat(room), setting.seat(room))
    # The server's own first time is not what is judged: its store is to be warm
    opened(setting, seats, room.study, Openings())
    repetitions = QUICK_REPETITIONS if setting.quick else REPETITIONS
    openings = Openings()
    ahead, asked, ours, empty = [], [], [], []
    for number in range(repetitions):
        setting.say(f"Volume: repetition {number + 1} of {repetitions}")
        opened(setting, seats, room.study, openings)
        prefetched, frames, size = _look_through(setting, seats[0], room.study)
        ahead += prefetched
        ours.append(frames)
        empty.append(_empty_loop(setting, seats[0], size))
        asked += _cold_slices(setting, seats[0], room.study)
    return _rows(openings, ahead, asked, ours, empty, judged=not setting.quick)


@dataclass
class Openings:
    """The times of navigations to the volume, by what the browser had of it before."""

    nothing: list[dict[str, Any]] = field(default_factory=list)
    scripts: list[dict[str, Any]] = field(default_factory=list)
    everything: list[dict[str, Any]] = field(default_factory=list)

    def titled(self) -> tuple[tuple[str, list[dict[str, Any]]], ...]:
        return (
            ("nothing cached", self.nothing),
            ("scripts cached", self.scripts),
            ("scripts and pixels cached", self.everything),
        )


def opened(
    setting: Setting,
    seats: tuple[Seat, Seat],
    study: Any,
    openings: Openings,
    *,
    address: str | None = None,
) -> None:
    """Navigate to the volume in a new browser profile: first, again, and as another rater.

    The second rater's pixels have other addresses, so that only scripts and styles are cached.
    """
    first, other = seats
    context = first.context(
        address=address, probe={"timesNavigation": len(page_names.first_planes())}
    )
    openings.nothing.append(_open_once(context, study))
    openings.everything.append(_open_once(context, study))
    context.clear_cookies()
    context.add_cookies(other.state["cookies"])
    openings.scripts.append(_open_once(context, study))
    context.close()


def _open_once(context: Any, study: Any) -> dict[str, Any]:
    reader = Reader(new_window(context))
    one = reader.open_timed(study)
    if one["marks"] != FIRST_SLICES:
        raise BenchmarkError(f"{one['marks']} on screen instead of {FIRST_SLICES}.")
    reader.close()
    # What it fetched ahead would disturb the next opening
    time.sleep(BETWEEN_SECONDS)
    return one


def _look_through(
    setting: Setting, seat: Seat, study: Any
) -> tuple[list[dict[str, Any]], float, list[int]]:
    """Return the times of next slices held in memory, frames per second, and the canvas's size."""
    context = seat.context()
    reader = Reader(context.new_page())
    reader.open(study)
    times = [_next_slice(reader, place) for place in _places(setting)]
    _check_fetched(reader, times, is_cold=False)
    reader.settle()
    seconds = QUICK_SCROLL_SECONDS if setting.quick else SCROLL_SECONDS
    # Once through for nothing: the steady state is what counts
    reader.page.evaluate("([ms, span]) => viewerProbe.scroll(ms, span)", [1500, SCROLL_SPAN])
    reader.settle()
    scrolled = reader.page.evaluate(
        "([ms, span]) => viewerProbe.scroll(ms, span)", [1000 * seconds, SCROLL_SPAN]
    )
    size = reader.page.locator("#viewer canvas").first.evaluate("one => [one.width, one.height]")
    reader.close()
    context.close()
    # Frames in which no new slice was painted do not count
    painted = min(scrolled["painted"], len(scrolled["times"]) - 1)
    return times, frames_per_second(scrolled["times"], painted), size


def _places(setting: Setting) -> list[int]:
    """Return the axial slices to go to, from the one after the first."""
    first = pictures.VOLUME_SHAPE[0] // 2 + 1
    return list(range(first, first + (QUICK_SLICES if setting.quick else SLICES)))


def _next_slice(reader: Reader, place: int) -> dict[str, Any]:
    one = reader.timed(page_names.SLICE_UP, wants_fields=False)
    if one["marks"][0] != pictures.plane_number("axial", place):
        raise BenchmarkError(f"{one['marks']} on screen instead of axial slice {place}.")
    return {**one, "place": place}


def _check_fetched(reader: Reader, times: list[dict[str, Any]], *, is_cold: bool) -> None:
    """Make sure that each slice was fetched after its key, or before it, as said."""
    fetched = reader.fetched()
    for one in times:
        part = page_names.slice_part("axial", one["place"])
        starts = [entry["start"] for entry in fetched if part in entry["address"]]
        if not starts or (min(starts) > one["start"]) != is_cold:
            raise BenchmarkError(f"Axial slice {one['place']} was not fetched as said: {starts}.")


def _cold_slices(setting: Setting, seat: Seat, study: Any) -> list[dict[str, Any]]:
    """Return the times of next slices that nobody fetched before the key was pressed."""
    context = seat.context(probe={"holdsBack": page_names.HOLDS_SLICES_BACK})
    reader = Reader(context.new_page())
    reader.open(study)
    times = [_next_slice(reader, place) for place in _places(setting)]
    _check_fetched(reader, times, is_cold=True)
    reader.close()
    context.close()
    return times


def _empty_loop(setting: Setting, seat: Seat, size: list[int]) -> float:
    """Return the frames per second of a canvas of that size that is only filled with black."""
    context = seat.context()
    page = context.new_page()
    width, height = size
    page.goto(
        f"{setting.extras}/bare/bare.html?rows=8&columns=8&width={width}&height={height}&scale=1"
    )
    seconds = QUICK_SCROLL_SECONDS if setting.quick else SCROLL_SECONDS
    times = page.evaluate("ms => emptyLoop(ms)", 1000 * seconds)
    context.close()
    return frames_per_second(times, len(times) - 1)


def frames_per_second(times: Sequence[float], painted: int) -> float:
    return 1000 * painted / (times[-1] - times[0])


def _rows(
    openings: Openings,
    ahead: list[dict[str, Any]],
    asked: list[dict[str, Any]],
    ours: list[float],
    empty: list[float],
    *,
    judged: bool,
) -> list[Measurement]:
    rows = []
    for title, times in openings.titled():
        what = f"{PREFIX}navigation to first slices of three planes painted, {title}"
        framed = [one["framed"] for one in times]
        rows += median_and_p95(what, framed, median_below=OPENED_MS, judged=judged)
        what = f"{PREFIX}navigation to first axial slice painted, {title}"
        rows += median_and_p95(what, [one["first"] for one in times])
    for title, times, limit in (
        ("prefetched", ahead, NEXT_MS),
        ("cold", asked, COLD_NEXT_MS),
    ):
        rows += median_and_p95(
            f"{PREFIX}key to the frame that paints the next slice, {title}",
            [one["painted"] for one in times],
            median_below=limit,
            judged=judged,
        )
    steady = min(FRAMES, median(empty)) * STEADY
    rows.append(
        Measurement(
            f"{PREFIX}scrolling in steady state (peer: loop that only clears a canvas)",
            median(ours),
            "frames/s",
            median(empty),
            f">= {STEADY:.0%} of the loop, at most {FRAMES:.0f}",
            median(ours) >= steady if judged else None,
        )
    )
    return rows
