"""Bytes kept below the data folder: files by checksum, and the volume store.

    kept/ab/abcd….png     a copy of a source file, made once, never changed
    store/abcd….b2nd      the volume store of a source file; a cache that can be rebuilt

Both names come from the SHA-256 of the source file. Paths are stored relative to the data folder.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

import fsspec
from django.conf import settings
from django.utils.translation import gettext as _

from sts_qa.catalogue.models import FileVersion
from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.store import write_store

CHUNK_BYTES = 1024 * 1024


class ChangedFile(Exception):
    """The bytes at a location are no longer those that were imported."""


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


def keep(version: FileVersion) -> Path:
    """Copy the version's bytes below the data folder unless they are there; return the path.

    Raises
    ------
    ChangedFile
        When the source has other bytes than those imported.
    OSError
        When the source cannot be read.
    """
    target = kept_path(version)
    if target.exists():
        return target
    copy_checked(version.location, target, version.sha256)
    return target


def copy_checked(location: str, target: Path, sha256: str) -> None:
    """Copy a file under a temporary name and rename it once its checksum is the expected one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    digest = hashlib.sha256()
    try:
        with fsspec.open(location, "rb") as source, open(temporary, "xb") as copy:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        if digest.hexdigest() != sha256:
            raise ChangedFile(
                _("%(file)s has changed since it was imported. Import the dataset again.")
                % {"file": location}
            )
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def checksum_of(location: str) -> str:
    digest = hashlib.sha256()
    with fsspec.open(location, "rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def build_store(version: FileVersion) -> Path:
    """Write the version's volume store unless it is there; return the path.

    Raises
    ------
    ChangedFile, UnreadableFile, OSError
        When the source has other bytes, cannot be decoded, or cannot be read.
    """
    target = store_path(version)
    if target.exists():
        return target
    source = kept_path(version)
    if not source.exists():
        source = Path(version.location)
        if checksum_of(version.location) != version.sha256:
            raise ChangedFile(
                _("%(file)s has changed since it was imported. Import the dataset again.")
                % {"file": version.location}
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    write_store(source, target)
    return target


def available_path(version: FileVersion) -> Path:
    """Return where the version's bytes can be read: the kept copy, else the source."""
    kept = kept_path(version)
    return kept if kept.exists() else Path(version.location)


__all__ = [
    "ChangedFile",
    "UnreadableFile",
    "available_path",
    "build_store",
    "checksum_of",
    "copy_checked",
    "keep",
    "kept_path",
    "kept_path_of",
    "store_path",
]
