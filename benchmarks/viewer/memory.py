"""How much memory the server and the browsers take, process by process."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

PROC = Path("/proc")


def children_of(parents: Iterable[int]) -> set[int]:
    """Return these processes and all that descend from them."""
    parent_of = {}
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            number = _parent(folder)
            if number is not None:
                parent_of[int(folder.name)] = number
    found, newest = set(parents), set(parents)
    while newest:
        newest = {child for child, parent in parent_of.items() if parent in newest} - found
        found |= newest
    return found


def megabytes_of(parents: Iterable[int]) -> float:
    """Return the proportional share (PSS) of processes and their descendants."""
    return sum(_share(number) for number in children_of(parents)) / 1024


def heap_megabytes(session: Any, *, collect: bool) -> float:
    """Return the JavaScript heap in use; `collect` lets the browser tidy up before."""
    if collect:
        session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize") / 2**20


def buffer_megabytes(session: Any) -> float:
    """Return what a page's array buffers take, where pixels are: they lie beside the heap."""
    return session.send("Runtime.getHeapUsage")["backingStorageSize"] / 2**20


def _parent(folder: Path) -> int | None:
    try:
        # The name, in brackets, may hold anything
        return int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def _share(number: int) -> float:
    try:
        lines = (PROC / str(number) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("Pss:")), 0.0)
