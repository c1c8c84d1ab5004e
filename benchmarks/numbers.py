"""From many times to the rows of the report."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.report import Measurement


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


def p95(values: Sequence[float]) -> float:
    return percentile(values, 0.95)


def median_and_p95(
    what: str,
    values: Sequence[float],
    *,
    peer: float | None = None,
    peers: Sequence[float] = (),
    median_below: float | None = None,
    p95_below: float | None = None,
    judged: bool = True,
) -> list[Measurement]:
    """Return two rows in milliseconds; `peers` are times measured in the same run.

    `judged` says whether there are enough values for a verdict.
    """
    rows = []
    for name, summary, limit in (("median", median, median_below), ("p95", p95, p95_below)):
        ours = summary(values)
        beside = summary(peers) if peers else peer if name == "median" else None
        goal = "" if limit is None else f"< {limit:.0f} ms"
        met = None if limit is None or not judged else ours < limit
        if goal and not judged:
            goal = f"{goal} in the full form"
        rows.append(Measurement(f"{what}, {name}", ours, "ms", beside, goal, met))
    return rows
