"""Automated metrics of the sampled items, to stand beside the experts' scores."""

from __future__ import annotations

import pandas as pd

from sts_qa.measurements.models import Measurement
from sts_qa.reports.queries.scores import SampleUnit, sample_units
from sts_qa.science.metrics.table import METRICS
from sts_qa.studies.models import Study

COLUMNS = ("category", "group", "item", "metric", "value", "reason")
NOT_COMPUTED = "not computed"


def shown_metrics(study: Study) -> dict[str, list[str]]:
    """Return, by criterion code of the study's protocol, the metrics that stand beside it."""
    codes = study.protocol_version.criteria.order_by("position").values_list("code", flat=True)
    return {
        code: [name for name, metric in METRICS.items() if code in metric.shown_beside]
        for code in codes
    }


def measurement_frame(study: Study) -> pd.DataFrame:
    """Return one row per unit of the sample and metric that applies to its kind of image.

    A slice has its own value out of the volume's per-slice values. What was not computed with the
    present version of a metric is missing with that reason.
    """
    names = sorted({name for shown in shown_metrics(study).values() for name in shown})
    units = sample_units(study)
    kinds = dict(study.sample.values_list("item_version_id", "item_version__item__kind").distinct())
    stored = _stored(names, {unit.version_id for unit in units.values()})
    rows = [
        (unit.category, unit.group, unit.number, name, *_value(stored, unit, name))
        for unit in units.values()
        for name in names
        if kinds[unit.version_id] in METRICS[name].kinds
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _stored(names: list[str], versions: set[int]) -> dict[tuple[int, str], tuple]:
    measurements = Measurement.objects.filter(
        metric__in=names, mask__isnull=True, item_version__in=versions
    ).values_list("item_version_id", "metric", "metric_version", "value", "reason", "slice_values")
    return {
        (version, metric): (value, reason, slices)
        for version, metric, metric_version, value, reason, slices in measurements.iterator()
        if metric_version == METRICS[metric].version
    }


def _value(stored: dict[tuple[int, str], tuple], unit: SampleUnit, name: str) -> tuple[float, str]:
    value, reason, slices = stored.get((unit.version_id, name), (None, NOT_COMPUTED, None))
    if unit.slice_index is not None and slices is not None:
        value, reason = slices[unit.slice_index], ""
    if value is None:
        return float("nan"), reason or "not applicable to this slice"
    return float(value), ""
