"""Asking for volumes to be made ready for viewing."""

from __future__ import annotations

from typing import Any

from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries.stores import lacks_stores
from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import latest_job


def prepare_volumes(*, dataset: Dataset, acting_user: Any) -> Job | None:
    """Queue the building of the dataset's volume stores; None when there is nothing to build.

    A job that is waiting or running already is returned instead of a second one.
    """
    job = latest_job("build_stores", "dataset", dataset.pk)
    if job is not None and not job.is_finished:
        return job
    if not lacks_stores(dataset):
        return None
    return enqueue(
        kind="build_stores",
        parameters={"dataset": dataset.pk},
        acting_user=acting_user,
        subject_type="dataset",
        subject_id=dataset.pk,
    )
