"""Computing metrics, and storing what was computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from sts_qa.audit import actions as audit
from sts_qa.catalogue.models import Dataset
from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import unfinished_job
from sts_qa.measurements.inserting import as_json, insert_measurements
from sts_qa.measurements.models import MetricRun
from sts_qa.science.metrics.compute import chosen
from sts_qa.science.metrics.files import MeasuredValue
from sts_qa.science.metrics.table import METRICS

JOB_KIND = "compute_metrics"


@transaction.atomic
def start_metrics(
    *,
    dataset: Dataset,
    acting_user: Any,
    only: Iterable[str] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
) -> Job:
    """Queue the computing of what is missing; a job of the dataset that is not done is returned.

    Parameters
    ----------
    only
        Names in METRICS; by default all that apply.
    workers
        Number of processes; by default the setting STS_QA_WORKERS.
    cluster
        Address of a Dask scheduler; by default the setting STS_QA_DASK_SCHEDULER.

    Raises
    ------
    ValueError
        When there is no metric of a name.
    """
    names = [] if only is None else [metric.name for metric in chosen(only)]
    # Two presses of the button wait for each other here
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    waiting = unfinished_job(JOB_KIND, "dataset", dataset.pk)
    if waiting is not None:
        return waiting
    return enqueue(
        kind=JOB_KIND,
        parameters={
            "dataset": dataset.pk,
            "only": names,
            "workers": workers,
            "cluster": cluster,
        },
        acting_user=acting_user,
        subject_type="dataset",
        subject_id=dataset.pk,
    )


def open_run(*, dataset: Dataset, job: Job, metrics: list[str], acting_user: Any) -> MetricRun:
    """Return the run of this job; a job that is taken up again goes on with its own."""
    run, _created = MetricRun.objects.get_or_create(
        job=job, defaults={"dataset": dataset, "metrics": metrics, "created_by": acting_user}
    )
    return run


class FoundValues(NamedTuple):
    """Values of one item version, by metric; `mask_id` is of the further mask compared, if any."""

    item_version_id: int
    mask_id: int | None
    values: Mapping[str, MeasuredValue]


def store_values(*, run: MetricRun, found: Iterable[FoundValues]) -> None:
    """Store values in one short transaction, in the run's name.

    What another run has stored meanwhile stays: the same function on the same bytes gives the same.
    `finish_run` records all of a run's values in one event.
    """
    insert_measurements(
        [
            (
                item_version_id,
                mask_id,
                name,
                METRICS[name].version,
                measured.value,
                measured.reason,
                as_json(measured.slice_values),
                as_json(measured.summary),
                run.pk,
            )
            for item_version_id, mask_id, values in found
            for name, measured in values.items()
        ]
    )


def finish_run(
    *, run: MetricRun, failed: int, cancelled: bool = False, acting_user: Any
) -> MetricRun:
    """End the run and record what it has added to the dataset, also when it was cancelled."""
    counts = run.measurements.aggregate(
        items=Count("item_version", distinct=True), values=Count("value"), all=Count("id")
    )
    with transaction.atomic():
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])
        audit.record(
            chain=audit.dataset_chain(run.dataset_id),
            action="metrics.computed",
            acting_user=acting_user,
            subject=run,
            details={
                "metrics": {name: METRICS[name].version for name in run.metrics},
                "items": counts["items"],
                "values": counts["values"],
                "missing": counts["all"] - counts["values"],
                "failed": failed,
                "cancelled": cancelled,
            },
        )
    return run
