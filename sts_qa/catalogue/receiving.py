"""Receiving an archive from a browser straight into the folder of uploads.

Other places for temporary files may lie on a small disk, and would have to be copied from.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from sts_qa.catalogue import uploads

# Room in a request for the fields beside the file
FORM_BYTES = 64 * 1024


class ArchiveUploadHandler(FileUploadHandler):
    """Writes one uploaded file into the folder of uploads; stops at the size limit."""

    def handle_raw_input(self, *arguments: Any, **keywords: Any) -> None:
        self.path: Path | None = None
        self.received = 0
        self.was_too_large = False

    def new_file(self, *arguments: Any, **keywords: Any) -> None:
        super().new_file(*arguments, **keywords)
        if self.path is not None:
            raise StopUpload(connection_reset=True)
        descriptor, path = tempfile.mkstemp(suffix=".zip", dir=uploads.upload_folder())
        self.path = Path(path)
        self.target = os.fdopen(descriptor, "wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_LIMIT_BYTES:
            self.was_too_large = True
            self.upload_interrupted()
            raise StopUpload(connection_reset=True)
        self.target.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        self.target.close()
        assert self.path is not None
        return ReceivedArchive(self.path, self.file_name or "", file_size)

    def upload_interrupted(self) -> None:
        if self.path is not None:
            self.target.close()
            self.path.unlink(missing_ok=True)


class ReceivedArchive(UploadedFile):
    """A file in the folder of uploads, deleted when the request ends unless `taken` over."""

    def __init__(self, path: Path, name: str, size: int) -> None:
        super().__init__(open(path, "rb"), name, "application/zip", size)  # noqa: SIM115
        self.path = path
        self.taken = False

    def close(self) -> None:
        super().close()
        if not self.taken:
            self.path.unlink(missing_ok=True)


def is_too_large(content_length: str | None) -> bool:
    """Say whether a request announces more than an archive may have, before any of it is read."""
    announced = int(content_length) if content_length and content_length.isdecimal() else 0
    return announced > settings.UPLOAD_LIMIT_BYTES + FORM_BYTES
