"""Previews and thumbnails of items. Those of volumes are kept, because they take seconds to make.

    previews/ab/abcd…-1234….png     of the image abcd… with the mask 1234…

Everything there can be made again.
"""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path

from django.conf import settings

from sts_qa.catalogue import files, store_limit
from sts_qa.catalogue.models import FileVersion, ImageKind, Item, ItemVersion
from sts_qa.science.imaging.preview import PreviewFile, preview
from sts_qa.science.imaging.slicing import axial_axis
from sts_qa.science.imaging.store_building import note_use

THUMBNAIL, PREVIEW = 320, 1600
# Part of every kept picture's name; to be raised when pictures are drawn differently
DRAWING = 1
VOLUME_AXES = 3
# A volume takes a second and several hundred megabytes: never two at a time in one process
_volumes = threading.Semaphore(1)


class Busy(Exception):
    """Another volume is being read; ask again a little later."""


def picture(
    version: ItemVersion, *, longest: int, with_mask: bool, slice_index: int | None = None
) -> bytes:
    """Return the PNG of an image, or of an axial slice of a volume, the middle one by default.

    Raises
    ------
    Busy
        When it is a volume, and another one is being read.
    UnreadableFile
        When the file is gone, changed or damaged.
    """
    mask = version.mask if with_mask and can_be_outlined(version) else None
    if version.item.kind != ImageKind.VOLUME:
        return preview(_file(version), _file(mask) if mask else None, longest=longest)
    kept = kept_picture(version, mask, longest, slice_index)
    if kept.exists():
        note_use(kept)
        return kept.read_bytes()
    if not _volumes.acquire(blocking=False):
        raise Busy
    try:
        source = PreviewFile(
            str(files.available_path(version)), version.sha256, str(files.store_path(version))
        )
        outlined = _file(mask) if mask else None
        drawn = preview(source, outlined, longest=longest, slice_index=slice_index)
    finally:
        _volumes.release()
    _keep(kept, drawn)
    store_limit.keep_within_limit()
    return drawn


def has_picture(item: Item) -> bool:
    """Say whether the item's file was there and readable at the last import."""
    return item.current_version is not None and item.state == Item.State.PRESENT


def is_quick(item: Item, *, longest: int) -> bool:
    """Say whether a picture without mask is there at once, so that many can be asked for."""
    if item.kind != ImageKind.VOLUME:
        return True
    version = item.current_version
    return version is not None and kept_picture(version, None, longest).exists()


def can_be_outlined(version: ItemVersion) -> bool:
    """Say whether the version has a mask with as many pixels as the image."""
    return version.mask is not None and version.mask_error in (
        ItemVersion.MaskError.NONE,
        ItemVersion.MaskError.AFFINE,
    )


def slice_count(version: ItemVersion) -> int:
    """Return the number of axial slices; 0 for a radiograph."""
    if version.item.kind != ImageKind.VOLUME or len(version.shape) != VOLUME_AXES:
        return 0
    return version.shape[axial_axis(version.affine)[0]]


def kept_picture(
    version: ItemVersion, mask: FileVersion | None, longest: int, slice_index: int | None = None
) -> Path:
    parts = [version.sha256, mask.sha256 if mask else "image", str(longest), str(DRAWING)]
    if slice_index is not None:
        parts.append(f"slice{slice_index}")
    return settings.DATA_FOLDER / "previews" / version.sha256[:2] / f"{'-'.join(parts)}.png"


def _file(version: FileVersion) -> PreviewFile:
    return PreviewFile(str(files.available_path(version)), version.sha256)


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    temporary.write_bytes(content)
    os.replace(temporary, path)
