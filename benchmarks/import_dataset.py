"""`python -m benchmarks.import_dataset [--quick]`: how fast 4,000 radiographs are imported.

Ours reads, checks, hashes and decodes every image and mask, writes the plan, and applies it. The
peer only does what cannot be avoided: Pillow decodes and hashlib hashes the same files on as many
processes; nothing is checked, paired or stored.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.folders import TOTAL, write_radiographs
from benchmarks.installation import temporary_installation
from benchmarks.numbers import p95
from benchmarks.report import Measurement, report

PROCESSES = 2
GOAL_SECONDS = 60.0
GOAL_BATCH_MS = 50.0
QUICK = 200


def read_with_pillow(path: str) -> str:
    """What the peer does with a file."""
    import io

    from PIL import Image

    data = Path(path).read_bytes()
    Image.open(io.BytesIO(data)).load()
    return hashlib.sha256(data).hexdigest()


def time_peer(folder: Path) -> float:
    """Seconds that Pillow and hashlib need for all files on two processes."""
    paths = [str(path) for path in folder.rglob("*.png")]
    context = multiprocessing.get_context("spawn")
    start = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        digests = set(pool.map(read_with_pillow, paths, chunksize=16))
    seconds = time.perf_counter() - start
    assert digests
    return seconds


def time_ours(folder: Path, person: Any) -> tuple[float, float, list[float]]:
    """Seconds of plan and application, and milliseconds of every batch written."""
    from sts_qa.catalogue import work
    from sts_qa.catalogue.actions import apply_import, create_dataset, plans, start_import
    from sts_qa.jobs.running import run_job

    batches: list[float] = []
    plans.write_entries = _timed(plans.write_entries, batches)
    work.apply_batch = _timed(work.apply_batch, batches)
    dataset = create_dataset(name=f"Benchmark {time.monotonic_ns()}", acting_user=person)
    start = time.perf_counter()
    run = start_import(dataset=dataset, root=str(folder), acting_user=person)
    assert run.job is not None
    job = run_job(run.job)
    planned = time.perf_counter()
    assert job.state == job.State.DONE, job.error
    job = run_job(apply_import(run=run, acting_user=person))
    applied = time.perf_counter()
    assert job.state == job.State.DONE, job.error
    return planned - start, applied - planned, batches


def _timed(function: Callable, milliseconds: list[float]) -> Callable:
    def timed(*arguments: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            milliseconds.append(1000 * (time.perf_counter() - start))

    return timed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} images only")
    count = QUICK if parser.parse_args().quick else TOTAL
    os.environ["STS_QA_WORKERS"] = str(PROCESSES)
    with temporary_installation() as (folder, person):
        images, masks = write_radiographs(folder / "images", count)
        peer = time_peer(folder / "images")
        plan, application, batches = time_ours(folder / "images", person)
    seconds = plan + application
    goal = GOAL_SECONDS * count / TOTAL
    what = f"import of {images:,} PNG of 640x320 and {masks:,} masks"
    p95_of_batches = p95(batches)
    return report(
        "import_dataset-quick" if count == QUICK else "import_dataset",
        [
            Measurement(what, seconds, "s", peer, f"< {goal:.0f} s", seconds < goal),
            Measurement("  of this the plan (read, check, hash, compare)", plan, "s", peer),
            Measurement("  of this applying it", application, "s"),
            Measurement(
                "write transactions, 95th percentile",
                p95_of_batches,
                "ms",
                goal=f"< {GOAL_BATCH_MS:.0f} ms",
                met=p95_of_batches < GOAL_BATCH_MS,
            ),
            Measurement("write transactions, longest", max(batches), "ms"),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
