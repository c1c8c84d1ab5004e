"""Values and distributions as pages show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.measurements.labels import is_chinese
from sts_qa.science.metrics.table import FAMILY_LABELS, Family
from sts_qa.science.statistics.histograms import Bar

DIGITS = 4
SMALLEST = 0.0001
# Of a histogram as it is drawn; the page scales it
WIDTH, HEIGHT, GAP = 240.0, 32.0, 1.0
LOWEST_BAR = 2.0
# Alone it would fill the picture and look like an even spread
LONE_BAR = 12.0


@dataclass(frozen=True)
class DrawnBar:
    """One bar: numbers as SVG takes them, what it holds in words, and where it leads."""

    x: str
    y: str
    width: str
    height: str
    text: str
    url: str
    is_chosen: bool


def family_label(family: Family) -> str:
    english, chinese = FAMILY_LABELS[family]
    return chinese if is_chinese() else english


def shown_number(value: float | None) -> str:
    """Return the value with four significant digits and never as a power of ten.

    What is a whole number, such as a count, has no decimals.
    """
    if value is None:
        return "–"
    if value and abs(value) < SMALLEST:
        return f"< {SMALLEST}" if value > 0 else f"> -{SMALLEST}"
    if value == round(value):
        return f"{value:,.0f}"
    # Of the rounded value: 0.99999 has as many digits as 1
    magnitude = int(f"{value:.{DIGITS - 1}e}".partition("e")[2])
    return f"{value:,.{max(DIGITS - 1 - magnitude, 0)}f}"


def shown_range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "–"
    return _("%(low)s to %(high)s") % {"low": shown_number(low), "high": shown_number(high)}


def shown_percentile(percentile: float | None) -> str:
    return "–" if percentile is None else f"{percentile:.0f}"


def draw_bars(
    bars: tuple[Bar, ...], address: Callable[[Bar], str], chosen: tuple[float | None, float | None]
) -> list[DrawnBar]:
    """Draw the bars that hold something; the lowest can still be seen and clicked."""
    most = max((bar.count for bar in bars), default=0)
    is_alone = len(bars) == 1
    step = LONE_BAR if is_alone else WIDTH / max(len(bars), 1)
    left = (WIDTH - step) / 2 if is_alone else 0.0
    drawn = []
    for number, bar in enumerate(bars):
        if bar.count:
            height = max(LOWEST_BAR, HEIGHT * bar.count / most)
            drawn.append(
                DrawnBar(
                    x=f"{left + number * step:.1f}",
                    y=f"{HEIGHT - height:.1f}",
                    width=f"{step - GAP:.1f}",
                    height=f"{height:.1f}",
                    text=_bar_text(bar),
                    url=address(bar),
                    is_chosen=(bar.low, bar.high) == chosen,
                )
            )
    return drawn


def _bar_text(bar: Bar) -> str:
    items = ngettext("%(count)d item", "%(count)d items", bar.count) % {"count": bar.count}
    return f"{_bar_range(bar)}: {items}"


def _bar_range(bar: Bar) -> str:
    if bar.low is None and bar.high is None:
        return _("all values are the same")
    if bar.low is None:
        return _("below %(high)s") % {"high": shown_number(bar.high)}
    if bar.high is None:
        return _("%(low)s and above") % {"low": shown_number(bar.low)}
    return shown_range(bar.low, bar.high)
