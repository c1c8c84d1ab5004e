"""How benchmarks print what they measured and keep it.

Results lie in `benchmarks/results/NAME.json`: a list of objects with what, ours, peer, unit,
ratio (ours / peer), goal, met, machine, when.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Measurement:
    """One thing measured, with a named peer in the same run where there is one.

    `goal` is a sentence; `met` says whether it holds, None where there is no goal.
    """

    what: str
    ours: float
    unit: str
    peer: float | None = None
    goal: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.peer else round(self.ours / self.peer, 3)


def report(name: str, measurements: Sequence[Measurement], *, folder: Path = RESULTS) -> int:
    """Print a table and write the results; the exit status is 1 when a goal is missed."""
    _write(folder / f"{name}.json", _as_rows(measurements))
    return _print(name, measurements)


def report_parts(
    name: str, parts: Mapping[str, Sequence[Measurement]], prefixes: Sequence[str]
) -> int:
    """As `report`, for a benchmark whose parts can be measured one by one.

    Each part's rows begin with its prefix; `prefixes` is the order of all parts. Those that were
    not measured now keep the rows of their last run.
    """
    file = RESULTS / f"{name}.json"
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    rows: list[dict[str, Any]] = []
    for prefix in prefixes:
        kept = [row for row in before if row["what"].startswith(prefix)]
        rows += _as_rows(parts[prefix]) if prefix in parts else kept
    _write(file, rows)
    return _print(name, [one for measurements in parts.values() for one in measurements])


def _as_rows(measurements: Sequence[Measurement]) -> list[dict[str, Any]]:
    when, machine = datetime.now(UTC).isoformat(timespec="seconds"), describe_machine()
    return [
        {**asdict(one), "ratio": one.ratio, "machine": machine, "when": when}
        for one in measurements
    ]


def _write(file: Path, rows: Sequence[dict[str, Any]]) -> None:
    file.parent.mkdir(exist_ok=True)
    text = json.dumps(rows, indent=2, ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")


def _print(name: str, measurements: Sequence[Measurement]) -> int:
    width = max(len(one.what) for one in measurements)
    print(f"{name} on {describe_machine()}")
    for one in measurements:
        peer = "" if one.peer is None else f"{one.peer:>12,.2f}  ratio {one.ratio:.2f}"
        verdict = {True: "met", False: "MISSED", None: ""}[one.met]
        print(f"{one.what:<{width}} {one.ours:>12,.2f} {one.unit:<8}{peer} {one.goal} {verdict}")
    return int(any(one.met is False for one in measurements))


def describe_machine() -> str:
    """Return processor, number of cores, memory, system and Python of this machine."""
    model = platform.processor() or platform.machine()
    processors = Path("/proc/cpuinfo")
    if processors.exists():
        names = [line for line in processors.read_text().splitlines() if "model name" in line]
        model = names[0].split(":", 1)[1].strip() if names else model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{model}, {cores} cores, {memory:.0f} GB memory, {system}"
