"""ZIP files sent by a browser: refused with every reason, or unpacked into a folder of their own.

Nothing is written before the whole archive was read once and found good. What it says of itself is
never believed: sizes are counted while reading.
"""

from __future__ import annotations

import re
import secrets
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from sts_qa.catalogue.models import ImportRun

MAX_FILES = 500_000
# An archive this much larger unpacked is a bomb, unless it is small even so
MAX_RATIO = 200
SMALL_BYTES = 1024**3
MAX_NAME = 700
MAX_PART_BYTES = 255
CHUNK_BYTES = 1024 * 1024
LISTED_REFUSALS = 20
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
ARCHIVES = re.compile(
    r"\.(zip|tar|gz|tgz|bz2|tbz2?|xz|txz|zst|lz4?|lzma|7z|rar|z|cab|iso|jar)$", re.IGNORECASE
)
STRONG_ENCRYPTION = 0x41
UTF8_NAME = 0x800
NO_CHECK: Callable[[], None] = lambda: None  # noqa: E731


@dataclass(frozen=True)
class Refusal:
    """Why an archive is refused: which of its entries, a short code, and the reason."""

    name: str
    code: str
    reason: str


def upload_folder() -> Path:
    """Return the folder of archives being received and unpacked."""
    folder = settings.DATA_FOLDER / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def new_folder() -> Path:
    """Return a path for one upload that nothing else uses."""
    return upload_folder() / secrets.token_hex(16)


def folder_name(archive_name: str) -> str:
    """Return the name of a ZIP file as that of a folder."""
    stem = re.split(r"[/\\]", archive_name)[-1]
    stem = re.sub(r"\.zip$", "", stem, flags=re.IGNORECASE)
    safe = re.sub(r"[^\w .()+-]", "_", unicodedata.normalize("NFC", stem)).strip(". ")
    return safe[:60] or "upload"


def is_upload(run: ImportRun) -> bool:
    """Say whether the run imports an upload and not a folder that lay on the server."""
    return run.keep_files and Path(run.root).parent.parent == upload_folder().resolve()


def remove_folder(run: ImportRun) -> None:
    """Delete what an upload left to be imported; sources read in place are never touched."""
    base = upload_folder().resolve()
    archive = run.job.parameters.get("archive") if run.job else ""
    if is_upload(run):
        shutil.rmtree(Path(run.root).parent, ignore_errors=True)
        if archive and Path(archive).resolve().is_relative_to(base):
            Path(archive).unlink(missing_ok=True)


def refusal_text(refusals: list[Refusal]) -> str:
    """Return all reasons as one text, the first ones of many."""
    lines = [
        f"{refusal.name}: {refusal.reason}" if refusal.name else refusal.reason
        for refusal in refusals[:LISTED_REFUSALS]
    ]
    if more := len(refusals) - len(lines):
        lines.append(_("… and %(more)s more.") % {"more": more})
    return _("The ZIP file is refused.") + "\n" + "\n".join(lines)


def check_zip(path: Path, check: Callable[[], None] = NO_CHECK) -> list[Refusal]:
    """Return every reason to refuse an archive, from its table of contents and its whole content.

    `check` is called now and then and may raise to stop.
    """
    return check_contents(path) or _check_bytes(path, check)


def check_contents(path: Path) -> list[Refusal]:
    """Return the reasons to refuse an archive that its table of contents gives."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        return [_damaged("", error)]
    if len(entries) > MAX_FILES:
        reason = _("It holds %(count)s entries, more than %(limit)s.")
        return [Refusal("", "too-many", reason % {"count": len(entries), "limit": MAX_FILES})]
    refusals = [refusal for entry in entries for refusal in _check_entry(entry)]
    return refusals + _check_sizes(path, entries) + _check_names(entries)


def unpack(path: Path, target: Path, check: Callable[[], None] = NO_CHECK) -> None:
    """Unpack a checked archive into the new folder `target`, which appears only when complete.

    Raises
    ------
    FileExistsError
        When `target` is there already.
    zipfile.BadZipFile
        When the archive is no longer what was checked.
    """
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    budget = settings.UNPACKED_LIMIT_BYTES
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            check()
            place = partial.joinpath(*_parts(entry_name(entry)))
            if entry.is_dir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, open(place, "xb") as copy:
                for chunk in _chunks(source, min(entry.file_size, budget)):
                    copy.write(chunk)
                    budget -= len(chunk)
    partial.rename(target)


def entry_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name as stored; old archives that do not say so may be UTF-8 too."""
    name = entry.orig_filename
    if entry.flag_bits & UTF8_NAME:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _parts(name: str) -> list[str]:
    return name.rstrip("/").split("/")


def _check_entry(entry: zipfile.ZipInfo) -> list[Refusal]:
    name = entry_name(entry)
    mode = entry.external_attr >> 16
    problems = [*_name_problems(name)]
    kind = stat.S_IFMT(mode)
    if stat.S_ISLNK(mode):
        problems.append(("link", _("a link; put the file itself there")))
    elif kind and kind not in (stat.S_IFREG, stat.S_IFDIR):
        problems.append(("no-file", _("neither a file nor a folder")))
    if entry.flag_bits & STRONG_ENCRYPTION:
        problems.append(("encrypted", _("encrypted; pack it without a password")))
    elif entry.compress_type not in METHODS:
        reason = _("packed by method %(method)s, which is not read; use the usual one (deflate)")
        problems.append(("method", reason % {"method": entry.compress_type}))
    if ARCHIVES.search(name) and not name.lower().endswith(".nii.gz"):
        problems.append(("nested", _("an archive within the archive; unpack it first")))
    return [Refusal(_shown(name), code, reason) for code, reason in problems]


def _name_problems(name: str) -> Iterable[tuple[str, str]]:
    parts = _parts(name)
    if "\\" in name:
        yield "backslash", _("its name holds a backslash; pack it with / between folders")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        yield "absolute", _("its name is an absolute path")
    elif ".." in re.split(r"[/\\]", name):
        yield "escaping", _("its name leads out of the folder")
    elif any(part in ("", ".") for part in parts):
        yield "bad-name", _("its name has an empty part")
    if not name.isprintable() or any(0xD800 <= ord(letter) <= 0xDFFF for letter in name):
        yield "bad-name", _("its name holds control characters")
    elif len(name) > MAX_NAME or any(len(part.encode()) > MAX_PART_BYTES for part in parts):
        yield "bad-name", _("its name is too long")


def _check_sizes(path: Path, entries: list[zipfile.ZipInfo]) -> list[Refusal]:
    packed = path.stat().st_size
    unpacked = sum(entry.file_size for entry in entries)
    limit = settings.UNPACKED_LIMIT_BYTES
    refusals: list[Refusal] = []
    if sum(entry.compress_size for entry in entries) > packed:
        reason = _("Its entries overlap or are larger than the file itself. Pack it again.")
        return [Refusal("", "overlap", reason)]
    if unpacked > limit:
        reason = _("Unpacked it has %(size)s MB, more than the %(limit)s MB allowed.")
        sizes = {"size": unpacked // 2**20, "limit": limit // 2**20}
        refusals.append(Refusal("", "too-large", reason % sizes))
    if unpacked > max(MAX_RATIO * packed, SMALL_BYTES):
        reason = _("Unpacked it is %(ratio)s times as large, which no images are.")
        refusals.append(Refusal("", "bomb", reason % {"ratio": unpacked // packed}))
    return refusals


def _check_names(entries: list[zipfile.ZipInfo]) -> list[Refusal]:
    """Refuse names that fall together on some systems, and files that are folders of others."""
    seen: dict[str, str] = {}
    folders: set[str] = set()
    files: dict[str, str] = {}
    refusals = []
    for entry in entries:
        name = entry_name(entry)
        same = unicodedata.normalize("NFC", name.rstrip("/")).casefold()
        parts = same.split("/")
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
        if entry.is_dir():
            folders.add(same)
            continue
        if same in seen:
            reason = _("there is more than one file of this name (%(other)s)")
            refusals.append(
                Refusal(_shown(name), "duplicate", reason % {"other": _shown(seen[same])})
            )
        seen[same] = files[same] = name
    refusals += [
        Refusal(_shown(name), "duplicate", _("a file and a folder have the same name"))
        for same, name in files.items()
        if same in folders
    ]
    return refusals


def _check_bytes(path: Path, check: Callable[[], None]) -> list[Refusal]:
    """Read every entry to its end, because truncation and lies show only there."""
    refusals = []
    budget = settings.UNPACKED_LIMIT_BYTES
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            check()
            try:
                with archive.open(entry) as source:
                    for chunk in _chunks(source, min(entry.file_size, budget)):
                        budget -= len(chunk)
            except (
                zipfile.BadZipFile,
                zlib.error,
                EOFError,
                OSError,
                RuntimeError,
                ValueError,
            ) as error:
                refusals.append(_damaged(_shown(entry_name(entry)), error))
    return refusals


def _chunks(source: Iterable[bytes], limit: int) -> Iterable[bytes]:
    """Yield an entry's bytes; more than `limit` of them are an error."""
    size = 0
    while chunk := source.read(CHUNK_BYTES):  # type: ignore[attr-defined]
        size += len(chunk)
        if size > limit:
            raise zipfile.BadZipFile(_("it is larger than it says"))
        yield chunk
    if size < limit:
        raise zipfile.BadZipFile(_("it is smaller than it says"))


def _damaged(name: str, error: Exception) -> Refusal:
    reason = _("It is no whole ZIP file (%(text)s). Pack and send it again.")
    return Refusal(name, "damaged", reason % {"text": str(error) or type(error).__name__})


def _shown(name: str) -> str:
    """Return a name as it can be shown and stored."""
    return name.encode("unicode_escape").decode() if not name.isprintable() else name[:200]
