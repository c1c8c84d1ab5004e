"""The table of long work: what each kind of job runs, and how people call it.

A handler takes a `jobs.running.JobContext` and returns a dict that JSON can hold, kept as
`Job.result`. An entry `errors` in it, a list of `{"where": ..., "reason": ...}`, is shown on the
job's page. Handlers skip what is already done, so that a job can be taken up again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

# Dotted names, because the apps that own the handlers lie above this one
JOB_KINDS: dict[str, str] = {
    "plan_import": "sts_qa.catalogue.work.plan_import",
    "apply_import": "sts_qa.catalogue.work.apply_import",
    "import_masks": "sts_qa.catalogue.mask_work.import_masks",
    "build_stores": "sts_qa.catalogue.store_work.build_stores",
    "compute_metrics": "sts_qa.measurements.work.compute_metrics",
    "start_study": "sts_qa.studies.work.start_study",
}

JOB_TITLES = {
    "plan_import": _("Read a folder for import"),
    "apply_import": _("Import"),
    "import_masks": _("Import further masks"),
    "build_stores": _("Make volumes ready for viewing"),
    "compute_metrics": _("Compute metrics"),
    "start_study": _("Start a study"),
}


def handler_of(kind: str) -> Callable[[Any], dict]:
    """Return the function that does jobs of `kind`.

    Raises
    ------
    LookupError
        When there is no such kind.
    """
    if kind not in JOB_KINDS:
        raise LookupError(f"There is no job kind {kind!r}; known are {', '.join(JOB_KINDS)}.")
    return import_string(JOB_KINDS[kind])


def title_of(kind: str) -> str:
    return str(JOB_TITLES.get(kind, kind))
