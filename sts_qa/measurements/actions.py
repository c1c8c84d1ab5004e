"""Computing metrics, and storing what was computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.audit import actions as audit
from sts_qa.catalogue.models import Dataset
from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import unfinished_job
from sts_qa.measurements.errors import OtherMetricsRunning
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
    follow_any: bool = False,
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
    follow_any
        Return a job that is not done whatever it was asked to do.

    Raises
    ------
    ValueError
        When there is no metric of a name.
    OtherMetricsRunning
        When a job is not done that was asked for other metrics, or on another number of processes
        or cluster than this one names.
    """
    names = [] if only is None else [metric.name for metric in chosen(only)]
    # Two presses of the button wait for each other here
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    waiting = unfinished_job(JOB_KIND, "dataset", dataset.pk)
    if waiting is not None:
        if not follow_any and _differ(waiting.parameters, names, workers, cluster):
            raise OtherMetricsRunning(_busy_with(waiting))
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


def _differ(
    running: Mapping[str, Any], names: list[str], workers: int | None, cluster: str | None
) -> bool:
    """Whether a job leaves out anything that is asked for; what is left open may be as it is."""
    if set(running.get("only") or METRICS) != set(names or METRICS):
        return True
    asked = {"workers": workers, "cluster": cluster}
    return any(value and value != running.get(name) for name, value in asked.items())


def _busy_with(job: Job) -> str:
    only, workers, cluster = (job.parameters.get(name) for name in ("only", "workers", "cluster"))
    choices = [", ".join(only) if only else _("all metrics")]
    if workers:
        text = ngettext("%(count)d process", "%(count)d processes", workers)
        choices.append(text % {"count": workers})
    if cluster:
        choices.append(_("cluster %(address)s") % {"address": cluster})
    return _(
        "Metrics of this dataset are being computed, or wait for it, with other choices than yours:"
        " %(choices)s. Wait until this is done, cancel it on the page Metrics, or make the same "
        "choices to follow it."
    ) % {"choices": "; ".join(choices)}


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
