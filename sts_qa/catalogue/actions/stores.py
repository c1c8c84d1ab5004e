"""Asking for volumes to be made ready for viewing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from sts_qa.catalogue.models import Dataset, ItemVersion
from sts_qa.catalogue.queries.stores import BUILD_STORES, VOLUME, lacks_stores, volume_job
from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import unfinished_job

# What could not be built is not tried again with every question for the queue
RETRY_AFTER = timedelta(minutes=5)


def prepare_volumes(*, dataset: Dataset, acting_user: Any) -> Job | None:
    """Queue the building of the dataset's volume stores; None when there is nothing to build.

    A job that is waiting or running already is returned instead of a second one.
    """
    if job := unfinished_job(BUILD_STORES, "dataset", dataset.pk):
        return job
    if not lacks_stores(dataset):
        return None
    return enqueue(
        kind=BUILD_STORES,
        parameters={"dataset": dataset.pk},
        acting_user=acting_user,
        subject_type="dataset",
        subject_id=dataset.pk,
    )


def prepare_volume(*, version: ItemVersion, acting_user: Any) -> Job:
    """Queue the building of the stores of one volume and its mask.

    A job for it that is waiting or running, or ended a short while ago, is returned instead of a
    second one, and then nothing is written. `acting_user` is None where no person asks for it.
    """
    if job := _job_that_holds(version):
        return job
    with transaction.atomic():
        # Of several who ask at once, one adds the job and the others find it
        ItemVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
        return _job_that_holds(version) or enqueue(
            kind=BUILD_STORES,
            parameters={"volume": version.pk},
            acting_user=acting_user,
            subject_type=VOLUME,
            subject_id=version.pk,
        )


def _job_that_holds(version: ItemVersion) -> Job | None:
    job = volume_job(version)
    if job is None or job.finished_at is None or timezone.now() - job.finished_at < RETRY_AFTER:
        return job
    return None
