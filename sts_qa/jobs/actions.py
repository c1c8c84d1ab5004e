"""What people do with long work: ask for it, and stop it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from sts_qa.audit import actions as audit
from sts_qa.audit.models import INSTALLATION
from sts_qa.jobs.kinds import handler_of
from sts_qa.jobs.models import Job
from sts_qa.jobs.states import cancel

CHAINS = {"dataset": audit.dataset_chain, "study": audit.study_chain}


def enqueue(
    *,
    kind: str,
    parameters: Mapping[str, Any],
    acting_user: Any,
    subject_type: str = "",
    subject_id: int | None = None,
) -> Job:
    """Put a job into the queue; a worker or `run_job` does it.

    Parameters
    ----------
    kind
        A name in `JOB_KINDS`.
    parameters
        What the handler needs: JSON values only.
    acting_user
        The person who asked for it, and who may follow and cancel it; None where nobody did.
    subject_type, subject_id
        What the job is about ("dataset", 3), so that its pages find it.
    """
    handler_of(kind)
    return Job.objects.create(
        kind=kind,
        parameters=dict(parameters),
        subject_type=subject_type,
        subject_id=subject_id,
        created_by=acting_user,
    )


@transaction.atomic
def request_cancel(*, job: Job, acting_user: Any) -> Job:
    """Cancel a waiting job at once, a running one at its next step, a finished one not at all."""
    locked = Job.objects.select_for_update().get(pk=job.pk)
    if locked.is_finished or locked.cancel_requested:
        return locked
    audit.record(
        chain=_chain_of(locked),
        action="job.cancelled",
        acting_user=acting_user,
        subject=locked,
        details={"kind": locked.kind, "state": locked.state},
    )
    return cancel(locked)


def _chain_of(job: Job) -> str:
    if job.subject_id is None or job.subject_type not in CHAINS:
        return INSTALLATION
    return CHAINS[job.subject_type](job.subject_id)
