"""Bytes kept below the data folder: files by checksum, and the volume store.

    kept/ab/abcd….png     a copy of a source file, made once, never changed
    store/abcd….b2nd      the volume store of a source file; a cache that can be rebuilt

Both names come from the SHA-256 of the source file. Paths are stored relative to the data folder.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import threading
from pathlib import Path

import fsspec
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike

from sts_qa.catalogue import store_limit
from sts_qa.catalogue.models import FileVersion
from sts_qa.catalogue.places import ending, kept_path, kept_path_of, store_path
from sts_qa.science.imaging.errors import DamagedStore, UnreadableFile
from sts_qa.science.imaging.store import OWN, VolumeStore
from sts_qa.science.imaging.store_building import open_or_build, open_sound

logger = logging.getLogger(__name__)
CHUNK_BYTES = 1024 * 1024

# Kept copies whose checksum this process has found right: path, inode, size, time of change
_sound: set[tuple[str, int, int, int]] = set()
_building = threading.Lock()


class ChangedFile(Exception):
    """The bytes at a location are no longer those that were imported."""


def keep(version: FileVersion, *, recheck: bool = False) -> Path:
    """Copy the version's bytes below the data folder unless they are there; see `keep_bytes`."""
    return keep_bytes(version.location, version.sha256, recheck=recheck)


def keep_bytes(location: str, sha256: str, *, recheck: bool = False) -> Path:
    """Make sure that a sound copy of a file lies below the data folder; return its path.

    A damaged copy is made anew from the source. A copy found sound is read again only when it has
    become another file, or when `recheck` asks for it.

    Raises
    ------
    ChangedFile
        When the source has other bytes than those imported.
    OSError
        When there is no copy yet and the source cannot be read.
    """
    target = kept_path_of(sha256, location)
    if not target.exists():
        copy_checked(location, target, sha256)
    elif not _is_sound(target, sha256, recheck):
        logger.error("The kept copy %s is damaged and is made anew from %s", target, location)
        try:
            copy_checked(location, target, sha256)
        except (ChangedFile, OSError) as error:
            raise _nowhere_sound(target, location) from error
    return target


def _is_sound(path: Path, sha256: str, recheck: bool) -> bool:
    status = path.stat()
    identity = (str(path), status.st_ino, status.st_size, status.st_mtime_ns)
    if identity in _sound and not recheck:
        return True
    if checksum_of(str(path)) != sha256:
        _sound.discard(identity)
        return False
    _sound.add(identity)
    return True


def _changed(location: str) -> ChangedFile:
    return ChangedFile(
        _("%(file)s has changed since it was imported. Import the dataset again.")
        % {"file": location}
    )


def _nowhere_sound(copy: Path, location: str) -> ChangedFile:
    if str(copy) == location:
        return ChangedFile(
            _("%(copy)s is damaged and is the only copy. Put it back from a backup.")
            % {"copy": copy}
        )
    return ChangedFile(
        _(
            "The kept copy %(copy)s is damaged, and %(file)s is gone or has changed since it was "
            "imported. Put one of them back from a backup."
        )
        % {"copy": copy, "file": location}
    )


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
            raise _changed(location)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def checksum_of(location: str) -> str:
    digest = hashlib.sha256()
    with fsspec.open(location, "rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def build_store(version: FileVersion, *, recheck: bool = False) -> Path:
    """Make sure that a sound volume store of the version is there; return its path.

    Raises as `open_volume`.
    """
    open_volume(version, recheck=recheck)
    return store_path(version)


def open_volume(
    version: FileVersion, *, affine: ArrayLike | None = OWN, recheck: bool = False
) -> VolumeStore:
    """Open the version's volume store; one that is missing, damaged or of other bytes is built.

    Parameters
    ----------
    version
    affine
        Of the image, when a mask is opened; see `open_store`.
    recheck
        Compare the store's checksum even when this process has found it sound before.

    Raises
    ------
    ChangedFile, UnreadableFile, OSError
        When it must be built and the source has other bytes, cannot be decoded, or cannot be read.
    """
    target = store_path(version)
    if store := open_sound(target, version.sha256, affine=affine, recheck=recheck):
        return store
    try:
        # A volume takes a second and several hundred megabytes: never two at a time in a process
        with _building:
            store = open_or_build(
                lambda: _source(version), version.sha256, target, affine=affine, recheck=recheck
            )
    except DamagedStore as error:
        raise OSError(str(error)) from error
    except UnreadableFile as error:
        if error.code == "changed":
            raise _changed(version.location) from error
        raise
    store_limit.keep_within_limit()
    return store


def open_stored(version: FileVersion) -> VolumeStore | None:
    """Open the version's volume store as it is; None when it is missing, damaged or outdated."""
    return open_sound(store_path(version), version.sha256)


def _source(version: FileVersion) -> Path:
    """Return where the version's bytes lie: in the kept copy, mended if need be, or the source.

    It is asked for by whoever alone builds the store, so a store that is there is an unsound one;
    any earlier, it may be the sound one that somebody else has just finished.
    """
    target = store_path(version)
    if target.exists():
        logger.warning("The volume store %s is damaged or of another file; made anew", target)
    return keep(version, recheck=True) if kept_path(version).exists() else Path(version.location)


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
    "ending",
    "keep",
    "keep_bytes",
    "kept_path",
    "kept_path_of",
    "open_stored",
    "open_volume",
    "store_path",
]
