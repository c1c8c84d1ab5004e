"""Receiving a ZIP file: refused before it is read, or written straight into the uploads' folder."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.problems import Problem
from sts_qa.catalogue.receiving import ArchiveUploadHandler, is_too_large


def prepare_for_archive(request: Request) -> None:
    """Refuse what announces to be too large, and let the one file go where it stays."""
    if not (request.content_type or "").startswith("multipart/"):
        return
    if is_too_large(request.META.get("CONTENT_LENGTH")):
        raise _too_large()
    request._request.upload_handlers = [_Receiver(request._request)]


class _Receiver(ArchiveUploadHandler):
    """Refuses in words where a form's handler only stops reading."""

    def new_file(self, *arguments: Any, **keywords: Any) -> None:
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            raise Problem("malformed", _("Send one file."))
        super().new_file(*arguments, **keywords)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except StopUpload:
            raise _too_large() from None


def _too_large() -> Problem:
    limit = filesizeformat(settings.UPLOAD_LIMIT_BYTES)
    text = _("The file is larger than the %(limit)s allowed. Nothing is imported.")
    return Problem("too-large", text % {"limit": limit})
