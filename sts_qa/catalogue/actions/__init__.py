"""Everything that writes to the catalogue."""

from sts_qa.catalogue.actions.datasets import add_member, create_dataset, remove_member
from sts_qa.catalogue.actions.further_masks import start_mask_import
from sts_qa.catalogue.actions.imports import (
    apply_import,
    cancel_import,
    checked_place,
    start_import,
    start_upload,
)
from sts_qa.catalogue.actions.stores import prepare_volumes
from sts_qa.catalogue.actions.viewing import set_viewing

__all__ = [
    "add_member",
    "apply_import",
    "cancel_import",
    "checked_place",
    "create_dataset",
    "prepare_volumes",
    "remove_member",
    "set_viewing",
    "start_import",
    "start_mask_import",
    "start_upload",
]
