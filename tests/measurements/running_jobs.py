"""Running the job in a test, and what it has stored."""

from __future__ import annotations

from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.measurements.actions import start_metrics
from sts_qa.measurements.models import Measurement
from sts_qa.science.metrics.table import METRICS

AGREEMENT = [name for name, metric in METRICS.items() if metric.needs_reference]
RADIOGRAPH_METRICS, VOLUME_METRICS = (
    [name for name, metric in METRICS.items() if kind in metric.kinds and name not in AGREEMENT]
    for kind in ("radiograph", "volume")
)
ALL_ROWS = 4 * len(RADIOGRAPH_METRICS) + 2 * len(VOLUME_METRICS)


def run(dataset, user, **options) -> Job:
    job = run_job(start_metrics(dataset=dataset, acting_user=user, **options))
    assert job.state == Job.State.DONE, job.error
    return job


def stored(key: str) -> dict[str, Measurement]:
    rows = Measurement.objects.filter(item_version__item__key=key)
    return {row.metric: row for row in rows}


def all_rows() -> list[tuple]:
    fields = ("item_version", "metric", "value", "reason", "slice_values", "summary")
    return sorted(Measurement.objects.values_list(*fields), key=lambda row: row[:2])
