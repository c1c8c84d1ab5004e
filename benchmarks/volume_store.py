"""`python -m benchmarks.volume_store [--quick]`: any slice of a large volume, from our store.

A phantom of 400x512x512 int16 with noise lies as `.nii.gz` and as a store. Random slices of all
three planes are read from both, in turns: ours opens the store and takes the slice, as the server
does; the peers are nibabel slicing the same file, without and with indexed_gzip, whose index is
made before. The files lie in the system's memory. Slices are compared with those of nibabel.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel import _compression

from benchmarks.numbers import median, p95
from benchmarks.report import Measurement, report
from sts_qa.science.imaging.slicing import PLANES
from sts_qa.science.imaging.store import open_store, write_store
from sts_qa.science.phantoms.volume import volume_phantom

SHAPE, QUICK_SHAPE = (400, 512, 512), (100, 128, 128)
# A peer's slice takes seconds, ours milliseconds: so many of ours beside one of each peer
ROUNDS, QUICK_ROUNDS = 7, 2
OURS_PER_ROUND = 40
GOAL_MS = 10.0
SEED = 20
# Stored axes of the phantom are columns, rows, slices, running to left, posterior and superior
AXES = {"axial": 2, "coronal": 1, "sagittal": 0}

Slicer = Callable[[str, int], Any]


def nibabel_slicer(path: Path, *, indexed: bool) -> tuple[Slicer, float]:
    """Return a function that takes a slice by stored index, and seconds until its first one."""
    with_index = _compression.HAVE_INDEXED_GZIP
    _compression.HAVE_INDEXED_GZIP = indexed
    try:
        start = time.perf_counter()
        stored = nibabel.load(path).dataobj
        # indexed_gzip makes its index on the way to the last slice
        np.asarray(stored[..., -1])
        seconds = time.perf_counter() - start
    finally:
        _compression.HAVE_INDEXED_GZIP = with_index

    def take(plane: str, index: int) -> Any:
        selection: list[Any] = [slice(None)] * 3
        selection[AXES[plane]] = index
        _compression.HAVE_INDEXED_GZIP = indexed
        try:
            return np.asarray(stored[tuple(selection)])
        finally:
            _compression.HAVE_INDEXED_GZIP = with_index

    return take, seconds


def our_slicer(path: Path) -> Slicer:
    return lambda plane, k: open_store(path).plane(plane, k)


def as_shown(plane: str, values: Any) -> Any:
    """Turn a stored plane as radiologists see it: stored axes run to left, posterior, superior.

    Right lies on the left and anterior above already; superior has to come up.
    """
    return values.T if plane == "axial" else values.T[::-1]


def stored_index(plane: str, k: int, count: int) -> int:
    """Slices count from inferior, posterior and left, of which two are the last stored."""
    return k if plane == "axial" else count - 1 - k


def time_slices(
    store: Path, peers: dict[str, Slicer], counts: dict[str, int], rounds: int
) -> dict[tuple[str, str], list[float]]:
    """Milliseconds of every slice by program and plane, taken in turns."""
    chosen = random.Random(SEED)
    ours = our_slicer(store)
    milliseconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for plane in PLANES:
            for _repetition in range(OURS_PER_ROUND):
                k = chosen.randrange(counts[plane])
                shown = _timed(ours, plane, k, milliseconds["ours", plane])
            index = stored_index(plane, k, counts[plane])
            for name, peer in peers.items():
                taken = _timed(peer, plane, index, milliseconds[name, plane])
                if not np.array_equal(as_shown(plane, taken), shown):
                    raise SystemExit(f"{name} has another {plane} slice {k}")
    return milliseconds


def _timed(slicer: Slicer, plane: str, number: int, milliseconds: list[float]) -> Any:
    start = time.perf_counter()
    values = slicer(plane, number)
    milliseconds.append(1000 * (time.perf_counter() - start))
    return values


def slice_rows(milliseconds: dict[tuple[str, str], list[float]]) -> list[Measurement]:
    rows = []
    for plane in PLANES:
        ours = milliseconds["ours", plane]
        for name in ("nibabel", "indexed_gzip"):
            peer = milliseconds[name, plane]
            middle = median(ours)
            rows += [
                Measurement(
                    f"{plane} slice, median (peer: {name})",
                    middle,
                    "ms",
                    median(peer),
                    f"< {GOAL_MS:.0f} ms",
                    middle < GOAL_MS,
                ),
                Measurement(
                    f"{plane} slice, 95th percentile (peer: {name})", p95(ours), "ms", p95(peer)
                ),
            ]
    return rows


def file_rows(source: Path, store: Path, indexing: float) -> list[Measurement]:
    """Measure building the store, reading it whole, and its size."""
    start = time.perf_counter()
    write_store(source, store)
    built = time.perf_counter() - start
    start = time.perf_counter()
    whole = open_store(store).stored()
    read = time.perf_counter() - start
    start = time.perf_counter()
    expected = np.asarray(nibabel.load(source).dataobj)
    decoded = time.perf_counter() - start
    if not np.array_equal(whole, expected):
        raise SystemExit("The store differs from its source")
    mega = 1e6
    return [
        Measurement("building the store (peer: index of indexed_gzip)", built, "s", indexing),
        Measurement("reading the whole volume (peer: nibabel)", read, "s", decoded),
        Measurement(
            "size (peer: .nii.gz)",
            store.stat().st_size / mega,
            "MB",
            source.stat().st_size / mega,
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a volume of 100x128x128")
    quick = parser.parse_args().quick
    shape = QUICK_SHAPE if quick else SHAPE
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="sts-qa-benchmark-") as folder:
        source, store = Path(folder) / "volume.nii.gz", Path(folder) / "volume.b2nd"
        phantom = volume_phantom(SEED, shape=shape, orientation="LPS")
        nibabel.save(nibabel.Nifti1Image(phantom.pixels, phantom.affine), source)
        counts = {plane: phantom.pixels.shape[axis] for plane, axis in AXES.items()}
        del phantom
        plain, _seconds = nibabel_slicer(source, indexed=False)
        indexed, indexing = nibabel_slicer(source, indexed=True)
        rows = file_rows(source, store, indexing)
        peers = {"nibabel": plain, "indexed_gzip": indexed}
        found = time_slices(store, peers, counts, QUICK_ROUNDS if quick else ROUNDS)
    rows.append(Measurement("load average of the machine before the start", load, ""))
    return report("volume_store-quick" if quick else "volume_store", [*slice_rows(found), *rows])


if __name__ == "__main__":
    sys.exit(main())
