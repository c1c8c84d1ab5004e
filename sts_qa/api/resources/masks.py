"""Masks: those of an item, and further ones of a second annotator or a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.access import visible_dataset
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.problems import invalid
from sts_qa.api.routing import route
from sts_qa.api.schemas.common import JobSchema
from sts_qa.api.schemas.masks import MaskSchema, NewMasksSchema
from sts_qa.catalogue import actions
from sts_qa.catalogue.actions.further_masks import checked_name
from sts_qa.catalogue.actions.imports import checked_folder
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries.items import item_or_404


@endpoint(
    "POST",
    scope="manage",
    access=visible_dataset,
    body=NewMasksSchema,
    answers={202: JobSchema},
    idempotent="accepted",
    coordinators=True,
    located=[202],
)
def import_masks(request: Request, dataset: Dataset, body: dict[str, Any]) -> Answer:
    """Import a folder of masks beside the items' own; a job does it.

    Another folder under the same name adds versions. Its result counts what was added, changed,
    unchanged and refused, with the reason of each refusal.
    """
    if not Path(body["root"]).is_absolute():
        raise invalid("/root", _("Give the whole path of the folder."))
    try:
        checked_folder(body["root"], settings.IMPORT_ROOTS)
    except CatalogueRefused as refusal:
        raise invalid("/root", str(refusal)) from None
    try:
        checked_name(body["name"])
    except CatalogueRefused as refusal:
        raise invalid("/name", str(refusal)) from None
    job = actions.start_mask_import(
        dataset=dataset, acting_user=request.user, roots=settings.IMPORT_ROOTS, **body
    )
    return Answer(job, 202, {"Location": reverse("api:show_job", args=[job.public_id])})


@endpoint(
    "GET", scope="read", access=visible_dataset, answers=MaskSchema, paged=True, coordinators=True
)
def list_masks(request: Request, dataset: Dataset, item_id: int) -> Listing:
    """List every version of an item's masks, its own first, then further ones by name."""
    item = item_or_404(dataset, item_id)
    return Listing(item.masks.all(), order=("name", "-number"))


addresses = [
    *route("datasets/<int:dataset_id>/masks/", import_masks),
    *route("datasets/<int:dataset_id>/items/<int:item_id>/masks/", list_masks),
]
