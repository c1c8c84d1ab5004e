"""Reports as files, each whole in a temporary file before any of it is handed out."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

BLOCK_BYTES = 1 << 16
# Smaller ones are kept in memory and sent at once
LONG_BYTES = 1 << 20


@dataclass(frozen=True)
class ReportFile:
    """A report in a file format: its name for the person, its media type, size and checksum."""

    name: str
    media_type: str
    size: int
    sha256: str
    file: IO[bytes]

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes from the start, a block at a time."""
        self.file.seek(0)
        while block := self.file.read(BLOCK_BYTES):
            yield block

    @property
    def content(self) -> bytes:
        return b"".join(self.blocks())


def written_file(name: str, media_type: str, write: Callable[[IO[bytes]], None]) -> ReportFile:
    """Return the file that `write` fills; it has no name on disk and goes with what is returned."""
    with ExitStack() as opened:
        file = opened.enter_context(SpooledTemporaryFile(max_size=LONG_BYTES))
        write(file)
        size = file.tell()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256")
        made = ReportFile(name, media_type, size, digest.hexdigest(), file)
        weakref.finalize(made, opened.pop_all().close)
        return made


def file_answer(file: ReportFile) -> HttpResponseBase:
    """Return the file as an answer, a long one block by block.

    Its size is told first, so that whoever gets less knows it.
    """
    if file.size <= LONG_BYTES:
        return HttpResponse(file.content, content_type=file.media_type)
    return StreamingHttpResponse(
        file.blocks(), content_type=file.media_type, headers={"Content-Length": str(file.size)}
    )
