"""Values for reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sts_qa.catalogue.models import ItemVersion
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries.versions import of_present_version
from sts_qa.science.metrics.image import Reason
from sts_qa.science.metrics.table import METRICS

CHUNK = 500

NOT_COMPUTED = "not computed"
"""No value of the present version of the metric is stored: compute the dataset's metrics."""


class ItemValue(NamedTuple):
    """One metric of one item version; without a value, `reason` says why.

    `slice_values` (only when asked for): of a volume, one value or None per axial slice, from the
    inferior end; else None.
    """

    item_version_id: int
    metric: str
    value: float | None
    reason: str
    slice_values: list[float | None] | None = None


def values_by_item(
    item_version_ids: Iterable[int],
    metrics: Sequence[str] | None = None,
    *,
    with_slices: bool = False,
) -> Iterator[ItemValue]:
    """Yield exactly one row for every pair of item version and metric, in the order asked for.

    Parameters
    ----------
    item_version_ids
        Primary keys of `ItemVersion`, of any dataset.
    metrics
        Names in METRICS; by default all but those that compare two masks.
    with_slices
        Read `slice_values` too; they are large.
    """
    own = (name for name, metric in METRICS.items() if not metric.needs_reference)
    names = list(own if metrics is None else metrics)
    remaining = iter(item_version_ids)
    while ids := list(islice(remaining, CHUNK)):
        yield from _chunk(ids, names, with_slices)


def _chunk(ids: list[int], names: list[str], with_slices: bool) -> Iterator[ItemValue]:
    fields = ["item_version_id", "metric", "value", "reason"]
    if with_slices:
        fields.append("slice_values")
    rows = Measurement.objects.filter(of_present_version(names), item_version__in=ids)
    stored = {(row[0], row[1]): ItemValue(*row) for row in rows.values_list(*fields)}
    kinds = dict(ItemVersion.objects.filter(pk__in=ids).values_list("pk", "item__kind"))
    for item_version_id in ids:
        for name in names:
            found = stored.get((item_version_id, name))
            yield found or _without_value(item_version_id, name, kinds.get(item_version_id))


def _without_value(item_version_id: int, name: str, kind: str | None) -> ItemValue:
    reason = NOT_COMPUTED
    if kind not in METRICS[name].kinds:
        reason = Reason.WRONG_KIND.value
    elif METRICS[name].needs_reference:
        reason = Reason.NO_REFERENCE.value
    return ItemValue(item_version_id, name, None, reason)
