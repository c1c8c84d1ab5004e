"""`python -m benchmarks.viewer [--quick] [--only NAME ...]`: how fast the reading room is.

Everything runs in headless Chromium against the server of `make serve`, with collected static
files, on this machine. Parts that are left out keep their rows of the last run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.installation import temporary_installation
from benchmarks.report import Measurement, report_parts
from benchmarks.serving import choose_address, served
from benchmarks.viewer import pictures, studies
from benchmarks.viewer.chromium import chromium
from benchmarks.viewer.parts import PARTS
from benchmarks.viewer.setting import Setting

HERE = Path(__file__).resolve().parent
FOLDER_OF_EXTRAS = "benchmark"


def say(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", flush=True)


def loop_seconds() -> float:
    """Return how long an empty loop takes: the speed of a shared machine changes by the hour."""
    start = time.perf_counter()
    for _step in range(3_000_000):
        pass
    return time.perf_counter() - start


def put_extras(static: Path, *, with_peer: bool) -> None:
    """Lay pages and files that only the benchmark needs beside the collected ones."""
    place = static / FOLDER_OF_EXTRAS
    shutil.copytree(HERE / "bare", place / "bare")
    # Nothing to be compressed, to see how fast a line is
    (place / "bare" / "filler.bin").write_bytes(os.urandom(2_000_000))
    if not with_peer:
        return
    from benchmarks.viewer.niivue_files import niivue_script

    shutil.copytree(HERE / "peer" / "page", place / "peer")
    shutil.copyfile(niivue_script(), place / "peer" / "niivue.js")
    shutil.copyfile(pictures.volume_file(1), place / "volume.nii.gz")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="too short to judge 95th percentiles")
    parser.add_argument(
        "--only",
        action="append",
        choices=list(PARTS),
        metavar="NAME",
        help=f"measure this part only: {', '.join(PARTS)}; may be given several times",
    )
    arguments = parser.parse_args()
    chosen = [PARTS[name] for name in arguments.only or PARTS]
    address = choose_address()
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    load, speed = os.getloadavg()[0], loop_seconds()
    results: dict[str, list[Measurement]] = {}
    with temporary_installation() as (folder, person):
        from django.conf import settings

        needed = {name for part in chosen for name in part.NEEDS}
        rooms = {}
        for name, plan in studies.plans(arguments.quick).items():
            if name in needed:
                say(f"Preparing the study {plan.name}")
                rooms[name] = studies.start(plan, folder / name, person)
        put_extras(settings.STATIC_ROOT, with_peer=any(part.NAME == "niivue" for part in chosen))
        log = folder / "serve.log"
        with (
            served(address, log) as server,
            sync_playwright() as playwright,
            chromium(playwright) as browser,
        ):
            extras = f"{address}{settings.STATIC_URL}{FOLDER_OF_EXTRAS}"
            setting = Setting(
                playwright,
                browser,
                address,
                extras,
                rooms,
                folder,
                log,
                server,
                arguments.quick,
                say,
            )
            for part in chosen:
                say(f"Part {part.NAME}")
                results[part.PREFIX] = part.measure(setting)
    print(f"Before the start: load average {load:.2f}; 3,000,000 steps of a loop in {speed:.2f} s")
    name = "viewer-quick" if arguments.quick else "viewer"
    return report_parts(name, results, [part.PREFIX for part in PARTS.values()])


if __name__ == "__main__":
    sys.exit(main())
