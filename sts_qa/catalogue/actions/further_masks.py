"""Importing masks of a second annotator or a model beside the items' own."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sts_qa.audit import actions as audit
from sts_qa.catalogue.actions.imports import checked_folder
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.further_masks import ComparedMasks, ReadMask, compare_masks
from sts_qa.catalogue.models import MASK_NAME_LENGTH, Dataset, MaskVersion
from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import unfinished_job

JOB_KIND = "import_masks"


def start_mask_import(
    *,
    dataset: Dataset,
    root: str,
    name: str,
    acting_user: Any,
    dry_run: bool = False,
    roots: Sequence[Path] | None = None,
) -> Job:
    """Queue the import of a folder of masks as further masks of the dataset's items.

    The same import that waits or runs already is returned instead of a second one.

    Parameters
    ----------
    root
        The folder; its files are read in place.
    name
        Who or what drew the masks; another folder under the same name adds versions.
    dry_run
        Only say what would be done.
    roots
        Folders below which `root` must lie, as in `start_import`.

    Raises
    ------
    CatalogueRefused
        When the folder or the name cannot be used, or other masks are being imported.
    """
    parameters = {
        "dataset": dataset.pk,
        "root": str(checked_folder(root, roots)),
        "name": checked_name(name),
        "dry_run": dry_run,
    }
    with transaction.atomic():
        # Two that ask at once wait for each other here
        Dataset.objects.select_for_update().get(pk=dataset.pk)
        waiting = unfinished_job(JOB_KIND, "dataset", dataset.pk)
        if waiting is None:
            return enqueue(
                kind=JOB_KIND,
                parameters=parameters,
                acting_user=acting_user,
                subject_type="dataset",
                subject_id=dataset.pk,
            )
    if waiting.parameters != parameters:
        raise CatalogueRefused(
            _("Other masks of this dataset are being imported. Wait for that, or cancel it.")
        )
    return waiting


def checked_name(name: str) -> str:
    """Return the name as it is stored.

    Raises
    ------
    CatalogueRefused
        When it is empty, too long, or has signs that cannot be seen.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not name or len(name) > MASK_NAME_LENGTH or not name.isprintable():
        raise CatalogueRefused(
            _("Further masks need a name of 1 to %(longest)s visible characters.")
            % {"longest": MASK_NAME_LENGTH}
        )
    return name


@transaction.atomic
def add_masks(
    *, dataset: Dataset, name: str, read: Sequence[ReadMask], acting_user: Any
) -> ComparedMasks:
    """Write the masks that are new or have changed; what is there stays as it is.

    One event says how many were added, with a hash over them, and names the changed ones.
    """
    compared = compare_masks(name, read)
    MaskVersion.objects.bulk_create(compared.new)
    for mask, location in compared.unchanged:
        # The same bytes lie elsewhere, which changes nothing of the version itself
        if mask.location != location:
            MaskVersion.objects.filter(pk=mask.pk).update(location=location)
    if compared.new:
        # The name may be a person's, so it stands beside the log and not in it
        audit.record(
            chain=audit.dataset_chain(dataset.pk),
            action="dataset.masks_added",
            acting_user=acting_user,
            subject=dataset,
            details=_details(compared.new),
            note=name,
        )
    return compared


def _details(new: Sequence[MaskVersion]) -> dict[str, Any]:
    lines = sorted(f"{mask.item.key}\0{mask.number}\0{mask.sha256}\n" for mask in new)
    return {
        "masks": len(new),
        "sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
        "changed": [
            {"item": mask.item_id, "number": mask.number, "checksum": mask.sha256}
            for mask in new
            if mask.number > 1
        ],
    }
