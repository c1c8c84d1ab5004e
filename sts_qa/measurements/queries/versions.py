"""Which stored values count: those of the present version of each metric's function."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from sts_qa.science.metrics.table import METRICS


def of_present_version(names: Iterable[str]) -> Q:
    """Return the condition for measurements of these metrics that are not outdated.

    Values of masks other than the item's own are left out.
    """
    return Q(mask__isnull=True) & of_any_mask(names)


def of_any_mask(names: Iterable[str]) -> Q:
    """Return the same condition, whichever mask the value is of."""
    by_version: dict[int, list[str]] = defaultdict(list)
    for name in names:
        by_version[METRICS[name].version].append(name)
    condition = Q(pk__in=[])
    for version, of_version in by_version.items():
        condition |= Q(metric_version=version, metric__in=of_version)
    return condition
