"""Listing a folder once, before any layout looks at it: what may be read, and what may not.

Nothing is opened here. Keys are paths relative to the folder, with "/", in Unicode normal form C.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from sts_qa.science.imaging.readers import ADVICE, READERS, ending_of, is_readable_name

KEY_LENGTH = 700
PATH_LENGTH = 1500
# Images that are met beside the readable ones: their owner expects them, so they are no clutter
UNREAD_IMAGES = {*ADVICE, ".gif", ".webp", ".jp2", ".heic", ".mha", ".mhd", ".nrrd", ".dicom"}


@dataclass(frozen=True)
class FoundFile:
    """A regular file with the ending of an image, by its key and by its place on disk."""

    key: str
    path: str
    size_bytes: int
    modified_ns: int

    @property
    def name(self) -> str:
        return self.key.rsplit("/", 1)[-1]

    @property
    def folders(self) -> tuple[str, ...]:
        return tuple(self.key.split("/")[:-1])


@dataclass(frozen=True)
class Finding:
    """A file that is not imported: an error, or something that is no image and is ignored."""

    key: str
    code: str
    reason: str
    size_bytes: int = 0
    ignored: bool = False


@dataclass
class Listing:
    """What a folder holds. `folders` are keys of all its folders, also of empty ones."""

    root: Path
    manifest_name: str = "manifest.csv"
    files: list[FoundFile] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    tables: list[FoundFile] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def list_folder(root: Path, check: Callable[[], None] = lambda: None) -> Listing:
    """List everything below `root`, a folder or the manifest in it.

    `check` is called at every folder and may raise to stop.

    Raises
    ------
    OSError
        When `root` itself cannot be listed.
    """
    place = root.resolve(strict=True)
    listing = Listing(place.parent, place.name) if place.is_file() else Listing(place)
    waiting = [(str(listing.root), "")]
    while waiting:
        check()
        folder, key = waiting.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            if not key:
                raise
            reason = _("The folder cannot be listed: %(text)s. Check its permissions.")
            listing.findings.append(
                Finding(key, "folder-unreadable", reason % {"text": error.strerror})
            )
            continue
        sorted_in = (_sort_entry(entry, key, listing) for entry in entries)
        waiting.extend(subfolder for subfolder in sorted_in if subfolder)
    _take_out_collisions(listing)
    listing.files.sort(key=lambda found: found.key.encode())
    return listing


def printable(name: str) -> str:
    """Return a name as text that can be stored: bytes that are no UTF-8 as \\xNN."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def short_key(key: str) -> str:
    """Return a key that fits the database, still different from every other one."""
    if len(key) <= KEY_LENGTH:
        return key
    return f"{key[: KEY_LENGTH - 20]}… {hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _sort_entry(entry: os.DirEntry[str], parent: str, listing: Listing) -> tuple[str, str] | None:
    """Put one entry of a folder where it belongs; return it when it is a folder to go into."""
    raw = f"{parent}/{entry.name}" if parent else entry.name
    try:
        key = unicodedata.normalize("NFC", raw)
        key.encode()
        if entry.name.startswith(".") or entry.name == "__MACOSX":
            listing.findings.append(Finding(raw, "hidden", _("Hidden."), ignored=True))
            return None
        status = entry.stat()
        if problem := _problem(entry, key, status, listing.root):
            listing.findings.append(Finding(raw, *problem, size_bytes=status.st_size))
            return None
    except UnicodeEncodeError:
        reason = _("The name is not UTF-8. Rename it.")
        listing.findings.append(Finding(printable(raw), "name-not-utf8", reason))
        return None
    except OSError as error:
        reason = _("It cannot be read: %(text)s.") % {"text": error.strerror}
        listing.findings.append(Finding(raw, "cannot-open", reason))
        return None
    if stat.S_ISDIR(status.st_mode):
        listing.folders.append(key)
        return entry.path, raw
    found = FoundFile(key, entry.path, status.st_size, status.st_mtime_ns)
    if is_readable_name(key):
        listing.files.append(found)
    elif key.lower().endswith(".csv"):
        listing.tables.append(found)
    else:
        listing.findings.append(_not_read(raw, status.st_size))
    return None


def _problem(
    entry: os.DirEntry[str], key: str, status: os.stat_result, root: Path
) -> tuple[str, str] | None:
    """Return code and reason why the entry may not be followed, or None."""
    if len(key) > KEY_LENGTH or len(entry.path) > PATH_LENGTH:
        return "path-too-long", _("The path is too long. Shorten the names of its folders.")
    is_folder = stat.S_ISDIR(status.st_mode)
    if entry.is_symlink():
        if not Path(entry.path).resolve().is_relative_to(root):
            return "link-outside", _(
                "A link that leads out of the imported folder. Put the file itself there."
            )
        if is_folder:
            return "link-to-folder", _(
                "A link to a folder; the folder is imported where it lies. Remove the link."
            )
    if not is_folder and not stat.S_ISREG(status.st_mode):
        return "no-file", _("Neither a file nor a folder. Remove it.")
    return None


def _not_read(key: str, size: int) -> Finding:
    ending = ending_of(key)
    if ending in ADVICE:
        return Finding(key, "unknown-format", ADVICE[ending], size)
    if ending in UNREAD_IMAGES:
        reason = _("Files ending in '%(ending)s' are not read. Use one of: %(known)s.")
        return Finding(
            key, "unknown-format", reason % {"ending": ending, "known": ", ".join(READERS)}, size
        )
    return Finding(key, "no-image", _("No image."), size, ignored=True)


def _take_out_collisions(listing: Listing) -> None:
    """Refuse files whose keys some systems or databases would take for one and the same."""
    same: dict[str, list[FoundFile]] = defaultdict(list)
    for found in listing.files:
        same[unicodedata.normalize("NFC", found.key.casefold())].append(found)
    colliding = [group for group in same.values() if len(group) > 1]
    for group in colliding:
        reason = _(
            "%(count)s files have names that differ only in case or accents. Rename them."
        ) % {"count": len(group)}
        for found in group:
            raw = os.path.relpath(found.path, listing.root).replace(os.sep, "/")
            listing.findings.append(Finding(raw, "name-collision", reason, found.size_bytes))
    refused = {found.path for group in colliding for found in group}
    listing.files = [found for found in listing.files if found.path not in refused]


def without_duplicates(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings with one per key, the first one."""
    by_key: dict[str, Finding] = {}
    for finding in findings:
        by_key.setdefault(finding.key, finding)
    return list(by_key.values())
