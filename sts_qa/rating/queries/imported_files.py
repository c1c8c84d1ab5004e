"""Which study was made of a file of ratings."""

from __future__ import annotations

import hashlib
from typing import Any

from sts_qa.audit.actions import study_chain
from sts_qa.audit.queries import events_of
from sts_qa.studies.models import Study


def study_made_of(table: bytes, name: str, user: Any) -> Study | None:
    """Return the study of this name that this person made of these bytes, if there is one."""
    name = " ".join(name.split())
    study = Study.objects.filter(name=name, imported=True, created_by=user).first()
    if study is None:
        return None
    sha256 = hashlib.sha256(table).hexdigest()
    made = (event for event in events_of(study_chain(study.pk)) if event.action == "study.imported")
    return study if any(event.details["file_sha256"] == sha256 for event in made) else None
