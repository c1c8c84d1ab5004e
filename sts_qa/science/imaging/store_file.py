"""Files of the volume store: written whole or not at all, and verified at first use."""

import hashlib
import os
import tempfile
import threading
from pathlib import Path

from sts_qa.science.imaging.errors import DamagedStore

TRAILER_MAGIC = b"STSQAv01"
TRAILER_SIZE = len(TRAILER_MAGIC) + hashlib.sha256().digest_size
READ_SIZE = 4 * 1024**2
PART = ".part"

_verified: set[tuple[str, int, int, int]] = set()
_verified_lock = threading.Lock()


def write_whole(path: Path, frame: bytes) -> int:
    """Write a Blosc2 frame and its trailer; no reader ever meets half a file.

    Parameters
    ----------
    path : Path
    frame : bytes

    Returns
    -------
    int
        Size of the file in bytes.
    """
    trailer = TRAILER_MAGIC + hashlib.sha256(frame).digest()
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(frame)
            stream.write(trailer)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return len(frame) + len(trailer)


def verify_once(path: Path, recheck: bool) -> None:
    """Compare the checksum, unless this process has found this very file sound before.

    Blosc2 returns wrong pixels for an altered byte without any error.

    Parameters
    ----------
    path : Path
    recheck : bool
        Compare it all the same.

    Raises
    ------
    DamagedStore
        When a byte differs or is missing.
    """
    with path.open("rb") as stream:
        state = os.fstat(stream.fileno())
        identity = (str(path.resolve()), state.st_ino, state.st_size, state.st_mtime_ns)
        with _verified_lock:
            if identity in _verified and not recheck:
                return
        remaining = state.st_size - TRAILER_SIZE
        digest = hashlib.sha256()
        while remaining > 0:
            piece = stream.read(min(READ_SIZE, remaining))
            if not piece:
                break
            digest.update(piece)
            remaining -= len(piece)
        if stream.read(TRAILER_SIZE) != TRAILER_MAGIC + digest.digest():
            raise DamagedStore("The stored volume's checksum is wrong or missing.")
    with _verified_lock:
        _verified.add(identity)


def remove_leftovers(path: Path) -> None:
    """Remove what a killed `write_whole` left of a file; only for whoever alone writes it now."""
    for leftover in path.parent.glob(f".{path.name}.*{PART}"):
        leftover.unlink(missing_ok=True)
