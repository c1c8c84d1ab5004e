"""Pages of the catalogue, one file per subject."""

from sts_qa.catalogue.views.datasets import create_dataset, list_datasets, show_dataset
from sts_qa.catalogue.views.further_masks import import_masks
from sts_qa.catalogue.views.imports import (
    apply_import,
    cancel_import,
    show_import,
    start_import,
    upload_archive,
)
from sts_qa.catalogue.views.items import list_items, send_preview, send_thumbnail, show_item
from sts_qa.catalogue.views.members import manage_members, remove_member
from sts_qa.catalogue.views.viewing import preview_viewing, set_viewing

__all__ = [
    "apply_import",
    "cancel_import",
    "create_dataset",
    "import_masks",
    "list_datasets",
    "list_items",
    "manage_members",
    "preview_viewing",
    "remove_member",
    "send_preview",
    "send_thumbnail",
    "set_viewing",
    "show_dataset",
    "show_import",
    "show_item",
    "start_import",
    "upload_archive",
]
