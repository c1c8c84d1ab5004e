"""Everything that writes to the catalogue."""

from sts_qa.catalogue.actions.datasets import add_member, create_dataset, remove_member
from sts_qa.catalogue.actions.imports import (
    apply_import,
    cancel_import,
    checked_place,
    start_import,
    start_upload,
)

__all__ = [
    "add_member",
    "apply_import",
    "cancel_import",
    "checked_place",
    "create_dataset",
    "remove_member",
    "start_import",
    "start_upload",
]
