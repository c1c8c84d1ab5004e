"""Removing kept copies and volume stores that can be made again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sts_qa.audit.actions import record
from sts_qa.catalogue.models import ImportRun
from sts_qa.studies.errors import StudyError
from sts_qa.studies.queries.stored_files import StoredFile, stored_files


def release_files(*, acting_user: Any) -> Iterator[StoredFile]:
    """Remove what no study that is not closed needs and whose source is still there unchanged.

    Yields every kept copy and store, removed when its `held_by` is empty. What was removed is
    recorded, also when the caller stops on the way.

    Raises
    ------
    StudyError
        While an import is copying files, whose bytes nothing names yet.
    """
    if ImportRun.objects.filter(state=ImportRun.State.APPLYING, keep_files=True).exists():
        raise StudyError(_("An import is copying files now. Try again when it is done."))
    count = size = 0
    try:
        for file in stored_files():
            if not file.held_by:
                file.path.unlink(missing_ok=True)
                count, size = count + 1, size + file.size_bytes
            yield file
    finally:
        if count:
            with transaction.atomic():
                record(
                    action="files.released",
                    acting_user=acting_user,
                    subject=acting_user,
                    details={"files": count, "bytes": size},
                )
