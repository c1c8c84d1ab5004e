"""Long work of studies, as the table of jobs names it."""

from __future__ import annotations

from typing import Any

from sts_qa.accounts.models import User
from sts_qa.jobs.running import JobError
from sts_qa.studies.actions.start import keep_and_open
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Study


def start_study(work: Any) -> dict[str, Any]:
    """Check and keep the drawn files, then start the study."""
    study = Study.objects.get(pk=work.parameters["study"])
    try:
        return keep_and_open(study, User.objects.get(pk=work.parameters["acting_user"]), work)
    except StudyError as error:
        raise JobError(str(error)) from error
