"""Automated metrics of the sampled items, to stand beside the experts' scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sts_qa.measurements.queries import ItemValue, values_by_item
from sts_qa.reports.queries.scores import SampleUnit, sample_units
from sts_qa.science.metrics.table import METRICS
from sts_qa.studies.models import Study

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("category", "group", "item", "metric", "value", "reason")


def shown_metrics(study: Study) -> dict[str, list[str]]:
    """Return, by criterion code of the study's protocol, the metrics that stand beside it.

    Metrics that compare the item's mask with a further one have no value of the item alone, those
    of a whole mask none of a single slice.
    """
    possible = {
        name: metric
        for name, metric in METRICS.items()
        if not metric.needs_reference
        and (metric.scope == "image" or study.unit != Study.Unit.SLICE)
    }
    codes = study.protocol_version.criteria.order_by("position").values_list("code", flat=True)
    return {
        code: [name for name, metric in possible.items() if code in metric.shown_beside]
        for code in codes
    }


def measurement_frame(study: Study) -> pd.DataFrame:
    """Return one row per unit of the sample and metric that applies to its kind of image.

    A slice has its own value out of the volume's per-slice values. What was not computed with the
    present version of a metric is missing with that reason.
    """
    # Only where a table is made
    import pandas as pd

    names = sorted({name for shown in shown_metrics(study).values() for name in shown})
    units = sample_units(study)
    kinds = dict(study.sample.values_list("item_version_id", "item_version__item__kind").distinct())
    versions = {unit.version_id for unit in units.values()}
    values = {
        (found.item_version_id, found.metric): found
        for found in values_by_item(versions, names, with_slices=study.unit == Study.Unit.SLICE)
    }
    rows = [
        (unit.category, unit.group, unit.number, name,
         *_value(values[unit.version_id, name], unit))
        for unit in units.values()
        for name in names
        if kinds[unit.version_id] in METRICS[name].kinds
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _value(found: ItemValue, unit: SampleUnit) -> tuple[float, str]:
    value, reason = found.value, found.reason
    if unit.slice_index is not None and found.slice_values is not None:
        value, reason = found.slice_values[unit.slice_index], ""
    if value is None:
        return float("nan"), reason or "not applicable to this slice"
    return float(value), ""
