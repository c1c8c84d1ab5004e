"""Building stores once, however many threads and processes want the same volume at once."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from numpy.typing import ArrayLike

from sts_qa.science.imaging.errors import DamagedStore
from sts_qa.science.imaging.store import OWN, VolumeStore, open_store, renew_store, write_store
from sts_qa.science.imaging.store_file import remove_leftovers

# Coarse, so that reading a volume slice by slice does not write to the disk each time.
USE_NOTED_EVERY_SECONDS = 60


@dataclass(frozen=True)
class StoreUnit:
    """A store to be built, as a unit of work that many processes share.

    Parameters
    ----------
    source_path : str
    sha256 : str
        What the source must have.
    store_path : str
    name : str
        By which people know the file.
    expected_bytes : int
        For whoever adds up sizes beforehand.
    """

    source_path: str
    sha256: str
    store_path: str
    name: str = ""
    expected_bytes: int = 0


def build_unit(unit: StoreUnit) -> int:
    """Build a store unless a sound one is there.

    Parameters
    ----------
    unit : StoreUnit

    Returns
    -------
    int
        Size of the store in bytes.

    Raises
    ------
    UnreadableFile
        When the source cannot be read, or has other bytes (code "changed").
    """
    store = open_or_build(lambda: unit.source_path, unit.sha256, unit.store_path)
    return store.facts.size_bytes


def open_or_build(
    source_path: Callable[[], Path | str],
    sha256: str,
    store_path: Path | str,
    *,
    affine: ArrayLike | None = OWN,
    recheck: bool = False,
) -> VolumeStore:
    """Open a store; one that is missing, damaged or of other bytes is built first.

    Parameters
    ----------
    source_path : callable
        Returns where the source lies; called only when it is needed.
    sha256 : str
        Of the source.
    store_path : path-like
    affine, recheck
        As in `open_store`.

    Returns
    -------
    VolumeStore

    Raises
    ------
    UnreadableFile
        When it must be built and the source cannot be read, or has other bytes (code "changed").
    DamagedStore
        When what was built cannot be read.
    """
    path = Path(store_path)
    if store := open_sound(path, sha256, affine=affine, recheck=recheck):
        return store
    path.parent.mkdir(parents=True, exist_ok=True)
    with alone(path):
        # Another process may have built it meanwhile
        if store := open_sound(path, sha256, affine=affine, recheck=recheck):
            return store
        remove_leftovers(path)
        if not renew_store(path, sha256):
            write_store(source_path(), path, sha256=sha256)
        return open_store(path, affine=affine)


def open_sound(
    store_path: Path | str,
    sha256: str,
    *,
    affine: ArrayLike | None = OWN,
    recheck: bool = False,
) -> VolumeStore | None:
    """Open a store and note that it is used.

    Parameters
    ----------
    store_path : path-like
    sha256 : str
        Of the source.
    affine, recheck
        As in `open_store`.

    Returns
    -------
    VolumeStore or None
        None when it is missing, damaged, outdated, or that of another file.
    """
    try:
        store = open_store(store_path, affine=affine, recheck=recheck)
    except DamagedStore:
        return None
    if store.facts.source_sha256 != sha256:
        return None
    note_use(Path(store_path))
    return store


def note_use(path: Path) -> None:
    """Set a file's time of access, which many systems do not keep, and leave the other times.

    Parameters
    ----------
    path : Path
        May be gone by now.
    """
    with suppress(OSError):
        state = path.stat()
        now = time.time_ns()
        if now - state.st_atime_ns > USE_NOTED_EVERY_SECONDS * 10**9:
            os.utime(path, ns=(now, state.st_mtime_ns))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only one, of all threads and processes, who makes a file.

    The system frees the lock of a process that dies.

    Parameters
    ----------
    path : Path
        Its folder holds the lock file meanwhile.
    """
    lock_path = path.with_name(f".{path.name}.lock")
    while True:
        with lock_path.open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_still(lock.fileno(), lock_path):
                # Whoever held it has removed it; the next one has another
                continue
            try:
                yield
            finally:
                lock_path.unlink(missing_ok=True)
            return


def _is_still(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
