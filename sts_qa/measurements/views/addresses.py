"""Addresses of the list of a metric's values."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from sts_qa.measurements.presentation import DrawnBar, draw_bars
from sts_qa.measurements.queries import MetricSummary
from sts_qa.science.statistics.histograms import Bar, histogram

NOTHING_CHOSEN = (float("nan"), float("nan"))


def list_address(address: str, query: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


def bars_of(
    of_metric: MetricSummary,
    address: str,
    place: Mapping[str, str],
    chosen: tuple[float | None, float | None] = NOTHING_CHOSEN,
) -> list[DrawnBar]:
    """Draw the distribution; each bar leads to its items, and the one `chosen` is marked."""

    def address_of(bar: Bar) -> str:
        # repr gives back the very same number, so that the list has as many items as the bar
        bounds = {"from": bar.low, "to": bar.high}
        query = {name: repr(bound) for name, bound in bounds.items() if bound is not None}
        return list_address(address, {**place, **query})

    return draw_bars(histogram(of_metric.values), address_of, chosen)
