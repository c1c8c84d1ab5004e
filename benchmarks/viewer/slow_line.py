"""Part 4: a line of 10 Mbit/s with a round trip of 150 ms, and one that goes dead for a minute."""

from __future__ import annotations

import time
import urllib.request

from benchmarks.numbers import median_and_p95
from benchmarks.report import Measurement
from benchmarks.viewer import volumes
from benchmarks.viewer.chromium import BenchmarkError, Reader
from benchmarks.viewer.line import Line, slow_line
from benchmarks.viewer.setting import Setting
from benchmarks.viewer.studies import Room

NAME, PREFIX = "slow-line", "Slow line: "
NEEDS = ("radiographs", "volume")
MEGABITS, ROUND_TRIP_SECONDS = 10.0, 0.150
NEXT_P95_MS, FIRST_SLICE_MS = 60.0, 1000.0
ITEMS, QUICK_ITEMS = 40, 6
REPETITIONS, QUICK_REPETITIONS = 5, 1
# All ten were handed out, and fetched, before the line goes dead
RATED, BEFORE_OUTAGE = 10, 2
OUTAGE_SECONDS, QUICK_OUTAGE_SECONDS = 60.0, 12.0
# The page tries again after at most half a minute, and gives each attempt as much
SENT_AFTER_SECONDS = 120.0
# Two fetches at once come in much less
QUIET_MS = 1500


def measure(setting: Setting) -> list[Measurement]:
    """Return the rows of this part."""
    with slow_line(
        setting.address, megabits_per_second=MEGABITS, round_trip_seconds=ROUND_TRIP_SECONDS
    ) as line:
        _check_line(setting, line)
        rows = _prefetched(setting, line)
        rows += _first_slices(setting, line)
        rows += _outage(setting, line)
    return rows


def _check_line(setting: Setting, line: Line) -> None:
    """Say how fast the line is; refuse to measure on one that is not as it should be."""
    taken = []
    for address in ("/account/log-in/", "/static/benchmark/bare/filler.bin"):
        start = time.perf_counter()
        size = len(urllib.request.urlopen(f"{line.address}{address}", timeout=30).read())
        taken.append((time.perf_counter() - start, size))
    (page_seconds, _size), (file_seconds, size) = taken
    # A round trip for the connection and one for the request
    megabits = 8e-6 * size / (file_seconds - 2 * ROUND_TRIP_SECONDS)
    setting.say(f"The line: a page in {page_seconds:.2f} s, {megabits:.1f} Mbit/s")
    if page_seconds < 2 * ROUND_TRIP_SECONDS or not 0.8 * MEGABITS < megabits < 1.1 * MEGABITS:
        raise BenchmarkError(f"The line is not as it should be: {megabits:.1f} Mbit/s.")


def _prefetched(setting: Setting, line: Line) -> list[Measurement]:
    """Rate radiographs as fast as they are fetched ahead."""
    room = setting.rooms["radiographs"]
    context = setting.seat(room).context(address=line.address)
    reader = Reader(context.new_page())
    reader.open(room.study)
    times = []
    for number in range(QUICK_ITEMS if setting.quick else ITEMS):
        reader.settle(quiet_ms=QUIET_MS)
        reader.type_scores(number)
        times.append(reader.timed("Enter", wants_fields=True)["ready"])
    reader.close()
    context.close()
    return median_and_p95(
        f"{PREFIX}640x320, Enter to next image and fields, prefetched",
        times,
        p95_below=NEXT_P95_MS,
        judged=not setting.quick,
    )


def _first_slices(setting: Setting, line: Line) -> list[Measurement]:
    """Navigate to the volume, with empty caches and with warm ones."""
    room = setting.rooms["volume"]
    seats = (setting.seat(room), setting.seat(room))
    volumes.opened(setting, seats, room.study, volumes.Openings())
    openings = volumes.Openings()
    for number in range(QUICK_REPETITIONS if setting.quick else REPETITIONS):
        setting.say(f"Slow line: opening the volume, repetition {number + 1}")
        volumes.opened(setting, seats, room.study, openings, address=line.address)
    rows = []
    for title, times in openings.titled():
        what = f"{PREFIX}navigation to first axial slice, {title}"
        limit, judged = FIRST_SLICE_MS, not setting.quick
        axial = [one["first"] for one in times]
        rows += median_and_p95(what, axial, median_below=limit, judged=judged)
        planes = [one["painted"] for one in times]
        rows += median_and_p95(f"{PREFIX}navigation to all three planes, {title}", planes)
    return rows


def _outage(setting: Setting, line: Line) -> list[Measurement]:
    """Rate ten radiographs while the line is dead for a minute; count what the server has."""
    room = setting.rooms["radiographs"]
    name = room.free[0]
    context = setting.seat(room).context(address=line.address)
    reader = Reader(context.new_page())
    reader.open(room.study)
    reader.settle(quiet_ms=2 * QUIET_MS)
    seconds = QUICK_OUTAGE_SECONDS if setting.quick else OUTAGE_SECONDS
    every = seconds / (RATED - BEFORE_OUTAGE + 1)
    waits = []
    ended = 0.0
    for number in range(RATED):
        if number == BEFORE_OUTAGE:
            setting.say(f"Slow line: dead for {seconds:.0f} s")
            line.going_down()
            ended = time.monotonic() + seconds
        start = time.monotonic()
        reader.type_scores(number)
        if number < RATED - 1:
            waits.append(reader.timed("Enter", wants_fields=True)["ready"])
        else:
            reader.page.keyboard.press("Enter")
        time.sleep(max(0.0, every - (time.monotonic() - start)))
    before = ratings_of(room, name)
    time.sleep(max(0.0, ended - time.monotonic()))
    line.coming_up()
    returned = time.monotonic()
    counted = _wait_until_sent(room, name)
    acknowledged = time.monotonic() - returned
    context.close()
    setting.say(f"Slow line: {sum(before.values())} ratings stored before it came back")
    return _outage_rows(setting, counted, waits, acknowledged, seconds)


def _wait_until_sent(room: Room, name: str) -> dict[str, int]:
    deadline = time.monotonic() + SENT_AFTER_SECONDS
    while len(counted := ratings_of(room, name)) < RATED and time.monotonic() < deadline:
        time.sleep(0.2)
    # What is sent twice may arrive a little later
    time.sleep(5)
    return ratings_of(room, name) or counted


def ratings_of(room: Room, name: str) -> dict[str, int]:
    """Return how many ratings the database has of each assignment that somebody rated."""
    from django.db.models import Count

    from sts_qa.rating.models import Rating

    rows = (
        Rating.objects.filter(
            assignment__membership__study=room.study, assignment__membership__user__username=name
        )
        .values("assignment__token")
        .annotate(ratings=Count("pk"))
    )
    return {row["assignment__token"]: row["ratings"] for row in rows}


def _outage_rows(
    setting: Setting,
    counted: dict[str, int],
    waits: list[float],
    acknowledged: float,
    seconds: float,
) -> list[Measurement]:
    what = f"{PREFIX}{RATED} radiographs rated, line dead for {seconds:.0f} s"
    lost, doubled = RATED - len(counted), sum(count - 1 for count in counted.values())
    return [
        Measurement(f"{what}: ratings lost", lost, "", goal="0", met=lost == 0),
        Measurement(f"{what}: ratings doubled", doubled, "", goal="0", met=doubled == 0),
        Measurement(f"{what}: longest wait for the next image", max(waits), "ms"),
        Measurement(f"{what}: all stored after its return", acknowledged, "s"),
    ]
