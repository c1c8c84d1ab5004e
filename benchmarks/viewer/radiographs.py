"""Part 1: from Enter on the last score to the next image painted and the fields ready."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from benchmarks.numbers import median_and_p95
from benchmarks.report import Measurement
from benchmarks.viewer import page, pictures
from benchmarks.viewer.chromium import BenchmarkError, Reader, Seat
from benchmarks.viewer.setting import Setting
from benchmarks.viewer.studies import Room, number_of

NAME, PREFIX = "images", "2D: "
NEEDS = ("images", "radiographs")
MEDIAN_MS, P95_MS, COLD_P95_MS = 35.0, 60.0, 150.0
# Label Studio 1.23.2, Submit to next image displayed and fields empty: measured on another day
# with 512x512 images and five scores, its server and browser on one machine of two cores
LABEL_STUDIO_MEDIAN_MS, LABEL_STUDIO_P95_MS = 415.0, 507.0
REPETITIONS, ITEMS, WARM_UP = 5, 24, 2
QUICK_REPETITIONS, QUICK_ITEMS = 2, 6


def measure(setting: Setting) -> list[Measurement]:
    """Return the rows of this part: prefetched, cold, and the floor, for both kinds of images."""
    rows = []
    for name, title in (("images", "512x512"), ("radiographs", "640x320")):
        times = _times(setting, setting.rooms[name], title)
        rows += _rows(times, title, quoted=name == "images", judged=not setting.quick)
    return rows


def _times(setting: Setting, room: Room, title: str) -> dict[str, list[dict[str, Any]]]:
    """Interleave prefetched, floor and cold, each repetition with a rater new to all items."""
    repetitions = QUICK_REPETITIONS if setting.quick else REPETITIONS
    times: dict[str, list[dict[str, Any]]] = {"prefetched": [], "floor": [], "cold": []}
    for number in range(repetitions):
        setting.say(f"{title}: repetition {number + 1} of {repetitions}")
        seat = setting.seat(room)
        prefetched, stage = _rate(setting, seat, room, holds_back=None)
        times["prefetched"] += prefetched
        times["floor"] += _paint_bare(setting, seat, title, stage)
        cold, _stage = _rate(setting, setting.seat(room), room, holds_back=page.HOLDS_IMAGES_BACK)
        times["cold"] += cold
    return times


def _rate(
    setting: Setting, seat: Seat, room: Room, *, holds_back: dict[str, Any] | None
) -> tuple[list[dict[str, Any]], tuple[int, int]]:
    """Rate some items and return the times of each Enter, and the size of the canvas."""
    context = seat.context(probe={"holdsBack": holds_back})
    reader = Reader(context.new_page())
    reader.open(room.study)
    times = []
    for number in range(WARM_UP + (QUICK_ITEMS if setting.quick else ITEMS)):
        reader.settle()
        reader.type_scores(number)
        before = reader.page.evaluate("() => viewerProbe.readNow()")
        one = reader.timed("Enter", wants_fields=True)
        _check(reader, one, before, is_cold=holds_back is not None)
        if number >= WARM_UP:
            times.append(one)
    reader.settle()
    if not reader.screen_shows_canvas():
        raise BenchmarkError("The screen shows something else than the canvas.")
    size = reader.page.locator("#viewer canvas").first.evaluate("one => [one.width, one.height]")
    reader.close()
    context.close()
    return times, tuple(size)


def _check(reader: Reader, one: dict[str, Any], before: list[int], *, is_cold: bool) -> None:
    """Make sure that what was on the canvas was the next image, and that it was fetched as said."""
    (shown,) = one["marks"]
    if shown is None or shown == before[0]:
        raise BenchmarkError(f"After {before[0]} the canvas showed {shown}, not the next image.")
    fetched = [one for one in reader.fetched() if "mask" not in one["address"]]
    of_shown = [
        entry
        for entry in fetched
        if number_of(entry["address"].split("/pixels/")[1].split("/")[0]) == shown
    ]
    if not of_shown:
        raise BenchmarkError(f"Image {shown} is on screen, but nothing was fetched for it.")
    is_late = min(entry["start"] for entry in of_shown) > one["start"]
    if is_late != is_cold:
        word = "after" if is_late else "before"
        raise BenchmarkError(f"Image {shown} was fetched {word} Enter.")


def _paint_bare(
    setting: Setting, seat: Seat, title: str, stage: tuple[int, int]
) -> list[dict[str, Any]]:
    """Return the times of a page that does nothing but paint the other of two images."""
    rows, columns = pictures.IMAGE_SHAPE if title == "512x512" else pictures.RADIOGRAPH_SHAPE
    width, height = stage
    scale = max(1, min(width // columns, height // rows))
    context = seat.context()
    bare: Page = context.new_page()
    asked = f"rows={rows}&columns={columns}&width={width}&height={height}&scale={scale}"
    bare.goto(f"{setting.extras}/bare/bare.html?{asked}")
    reader = Reader(bare)
    reader.settle(wants_fields=False)
    times = []
    for number in range(WARM_UP + (QUICK_ITEMS if setting.quick else ITEMS)):
        before = bare.evaluate("() => viewerProbe.readNow()")
        one = reader.timed("Enter", wants_fields=False)
        if one["marks"] == before or None in one["marks"]:
            raise BenchmarkError(f"The bare page showed {one['marks']} after {before}.")
        if number >= WARM_UP:
            times.append(one)
    context.close()
    return times


def _rows(
    times: dict[str, list[dict[str, Any]]], title: str, *, quoted: bool, judged: bool
) -> list[Measurement]:
    ready = {name: [one["ready"] for one in all_times] for name, all_times in times.items()}
    painted = {name: [one["painted"] for one in all_times] for name, all_times in times.items()}
    what = f"{PREFIX}{title}, Enter to next image and fields"
    rows = median_and_p95(
        f"{what}, prefetched (peer: bare page)",
        ready["prefetched"],
        peers=ready["floor"],
        median_below=MEDIAN_MS,
        p95_below=P95_MS,
        judged=judged,
    )
    rows += median_and_p95(
        f"{what}, cold (peer: bare page)",
        ready["cold"],
        peers=ready["floor"],
        p95_below=COLD_P95_MS,
        judged=judged,
    )
    rows += median_and_p95(
        f"{PREFIX}{title}, Enter to the frame that paints it, prefetched (peer: bare page)",
        painted["prefetched"],
        peers=painted["floor"],
    )
    if not quoted:
        return rows
    quote = f"{what}, prefetched (peer: Label Studio 1.23.2, quoted)"
    ours = rows[0].ours, rows[1].ours
    return [
        *rows,
        Measurement(f"{quote}, median", ours[0], "ms", LABEL_STUDIO_MEDIAN_MS),
        Measurement(f"{quote}, p95", ours[1], "ms", LABEL_STUDIO_P95_MS),
    ]
