"""What pages say of one item and its picture."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _

from sts_qa.catalogue import files, pictures
from sts_qa.catalogue.models import ImageKind, Item, ItemVersion


def item_context(item: Item, slice_number: int | None = None) -> dict[str, Any]:
    """Return what every page needs that shows the item's picture, whichever part it belongs to.

    `slice_number` counts the axial slices of a volume from 1; one that there is not is passed over.
    """
    version = item.current_version
    context: dict[str, Any] = {"dataset": item.dataset, "item": item, "version": version}
    if version is not None and slice_number:
        count = pictures.slice_count(version)
        if slice_number <= count:
            context |= {"slice_number": slice_number, "slice_count": count}
    if version is not None:
        context |= _version_facts(version)
    return context


def _file_problem(version: ItemVersion) -> str:
    """Say why no picture can be shown, as far as that is known without reading the file."""
    path = files.available_path(version)
    try:
        size = path.stat().st_size
    except OSError as error:
        return _("The file %(path)s cannot be read: %(text)s.") % {
            "path": path,
            "text": error.strerror,
        }
    if size != version.size_bytes:
        return _("The file %(path)s has changed since it was imported. Import again.") % {
            "path": path
        }
    return ""


def _version_facts(version: ItemVersion) -> dict[str, Any]:
    mask = version.mask
    pixels = math.prod(version.shape)
    width, height = _picture_size(version)
    return {
        "file_problem": _file_problem(version),
        "outlined": pictures.can_be_outlined(version),
        "is_volume": version.item.kind == ImageKind.VOLUME,
        "picture_width": width,
        "picture_height": height,
        "mask": mask,
        "mask_share": 100 * mask.nonzero / pixels if mask and pixels else None,
    }


def _picture_size(version: ItemVersion) -> tuple[int | None, int | None]:
    """Return width and height of a radiograph, so that the page does not jump when it loads."""
    if len(version.shape) != 2:
        return None, None
    return version.shape[1], version.shape[0]
