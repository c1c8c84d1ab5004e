"""Where bytes lie below the data folder; see `catalogue.files`."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from sts_qa.catalogue.models import FileVersion


def ending(location: str) -> str:
    """Return the file's ending in lower case, `.nii.gz` as one."""
    name = location.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else os.path.splitext(name)[1]


def kept_path(version: FileVersion) -> Path:
    return kept_path_of(version.sha256, version.location)


def kept_path_of(sha256: str, location: str) -> Path:
    return settings.DATA_FOLDER / "kept" / sha256[:2] / (sha256 + ending(location))


def store_path(version: FileVersion) -> Path:
    return settings.DATA_FOLDER / "store" / version.sha256[:2] / f"{version.sha256}.b2nd"
