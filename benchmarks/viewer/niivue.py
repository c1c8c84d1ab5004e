"""Part 3: the same volume opened with NiiVue, from the same server, interleaved with ours."""

from __future__ import annotations

from typing import Any

from benchmarks.numbers import median
from benchmarks.report import Measurement
from benchmarks.viewer import page as page_names
from benchmarks.viewer.chromium import (
    VIEWPORT,
    BenchmarkError,
    Reader,
    Seat,
    chromium,
    new_window,
)
from benchmarks.viewer.setting import Setting
from benchmarks.viewer.volumes import Openings, opened
from benchmarks.viewer.weight import Traffic

NAME, PREFIX = "niivue", "NiiVue: "
NEEDS = ("volume",)
TIMES_LONGER, TIMES_MORE_BYTES, TIMES_LONGER_DECODING = 20.0, 50.0, 10.0
REPETITIONS, QUICK_REPETITIONS = 5, 1
LONGEST_WAIT_MS = 180_000

# As NiiVue does it: the whole answer through the browser's own gzip, then one array
FETCH_FILE = """
async (address) => {
  const start = performance.now();
  const answer = await fetch(address, { cache: "no-store" });
  const stream = answer.body.pipeThrough(new DecompressionStream("gzip"));
  const values = new Int16Array(await new Response(stream).arrayBuffer(), 352);
  return { took: performance.now() - start, values: values.length };
}
"""
FETCH_SLICES = """
async (addresses) => {
  const start = performance.now();
  const planes = await Promise.all(addresses.map(async (address) => {
    const answer = await fetch(address, { cache: "no-store" });
    return new Int16Array(await answer.arrayBuffer());
  }));
  const values = planes.reduce((sum, plane) => sum + plane.length, 0);
  return { took: performance.now() - start, values };
}
"""


def measure(setting: Setting) -> list[Measurement]:
    """Return the rows of this part."""
    room = setting.rooms["volume"]
    seats = (setting.seat(room), setting.seat(room))
    seat = seats[0]
    opened(setting, seats, room.study, Openings())
    ours: dict[str, list[float]] = {"time": [], "bytes": [], "decoding": []}
    theirs: dict[str, list[float]] = {"time": [], "bytes": [], "decoding": []}
    repetitions = QUICK_REPETITIONS if setting.quick else REPETITIONS
    with chromium(setting.playwright, gl=True) as browser:
        for number in range(repetitions):
            setting.say(f"NiiVue: repetition {number + 1} of {repetitions}")
            openings = Openings()
            opened(setting, seats, room.study, openings)
            ours["time"].append(openings.nothing[0]["framed"])
            ours["bytes"].append(_our_bytes(seat, room.study))
            ours["decoding"].append(_decoding(setting, seat, _addresses(seat, room.study)))
            time, size = _open_with_niivue(setting, browser)
            theirs["time"].append(time)
            theirs["bytes"].append(size)
            theirs["decoding"].append(_decoding(setting, seat, f"{setting.extras}/volume.nii.gz"))
    return _rows(ours, theirs)


def _open_with_niivue(setting: Setting, browser: Any) -> tuple[float, float]:
    """Return milliseconds from navigation to the frame with the volume, and bytes on the wire."""
    # NiiVue needs more than the pages' own policy allows
    context = browser.new_context(viewport=VIEWPORT, bypass_csp=True)
    page = new_window(context)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    traffic = Traffic(page)
    file = f"{setting.extras}/volume.nii.gz"
    page.goto(f"{setting.extras}/peer/niivue.html?file={file}", wait_until="commit")
    page.wait_for_function("() => globalThis.peerDone", polling=200, timeout=LONGEST_WAIT_MS)
    done = page.evaluate("() => peerDone")
    if done["isBlack"] or errors:
        raise BenchmarkError(f"NiiVue showed nothing: {errors[:3]}")
    context.close()
    return done["framed"], float(traffic.total())


def _our_bytes(seat: Seat, study: Any) -> float:
    """Return what is moved, with empty caches, until the first slices of all planes are painted."""
    context = seat.context(probe={"timesNavigation": len(page_names.first_planes())})
    page = new_window(context)
    traffic = Traffic(page)
    done = Reader(page).open_timed(study)
    size = traffic.total(page.evaluate("() => performance.timeOrigin") + done["framed"])
    context.close()
    return float(size)


def _addresses(seat: Seat, study: Any) -> list[str]:
    context = seat.context()
    queue = context.request.get(page_names.queue(study)).json()
    context.close()
    return page_names.plane_addresses(queue["assignments"][0])


def _decoding(setting: Setting, seat: Seat, addresses: list[str] | str) -> float:
    """Return milliseconds of fetching and decoding in a page that does nothing else."""
    context = seat.context()
    page = new_window(context)
    page.goto(f"{setting.extras}/bare/bare.html?rows=8&columns=8&width=64&height=64&scale=1")
    script = FETCH_FILE if isinstance(addresses, str) else FETCH_SLICES
    result = page.evaluate(script, addresses)
    context.close()
    if not result["values"]:
        raise BenchmarkError(f"Nothing came from {addresses}.")
    return float(result["took"])


def _rows(ours: dict[str, list[float]], theirs: dict[str, list[float]]) -> list[Measurement]:
    rows = []
    for name, what, unit, scale, times in (
        ("time", "navigation to first slices, empty cache, software GL", "ms", 1, TIMES_LONGER),
        ("bytes", "bytes moved until then", "MB", 1e6, TIMES_MORE_BYTES),
        ("decoding", "fetch and decode only, no GL", "ms", 1, TIMES_LONGER_DECODING),
    ):
        own, peer = median(ours[name]) / scale, median(theirs[name]) / scale
        rows.append(
            Measurement(
                f"{PREFIX}{what} (peer: NiiVue)",
                own,
                unit,
                peer,
                f"NiiVue at least {times:.0f} times ours (is {peer / own:.1f})",
                peer / own >= times,
            )
        )
    return rows
