"""Pixels of one's own assignments, for page and API. No header or byte tells which image it is."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from sts_qa.catalogue.files import ChangedFile, UnreadableFile
from sts_qa.rating.errors import UnreadablePixels
from sts_qa.rating.picture_request import read_picture
from sts_qa.rating.queries import pixels
from sts_qa.rating.queries.access import (
    check_open,
    check_reopening,
    check_shown,
    viewed_assignment_or_404,
)
from sts_qa.rating.queries.image import PIXELS_VERSION, UNDESCRIBED
from sts_qa.rating.queries.pictures import picture_png
from sts_qa.rating.queries.pixels import Encoded, PixelBytes
from sts_qa.science.imaging.errors import DamagedStore
from sts_qa.studies.models import SampledItem

logger = logging.getLogger(__name__)
KEEP = "private, max-age=31536000, immutable"
BYTES, PNG = "application/octet-stream", "image/png"


def image(request: HttpRequest, token: str) -> HttpResponse:
    return _answer(request, token, "image", pixels.image_pixels)


def image_slice(request: HttpRequest, token: str, plane: str, index: int) -> HttpResponse:
    part = f"{plane}-{index}"
    return _answer(request, token, part, lambda unit: pixels.slice_pixels(unit, plane, index))


def mask(request: HttpRequest, token: str) -> HttpResponse:
    return _answer(request, token, "mask", pixels.mask_pixels)


def mask_slice(request: HttpRequest, token: str, plane: str, index: int) -> HttpResponse:
    part = f"mask-{plane}-{index}"
    return _answer(request, token, part, lambda unit: pixels.mask_slice_pixels(unit, plane, index))


def picture(request: HttpRequest, token: str) -> HttpResponse:
    asked = read_picture(request.GET)
    window = "" if asked.window is None else "{!r}-{!r}".format(*asked.window)
    looks = f"{asked.inverted:d}{asked.outlined:d}"
    part = f"picture-{asked.plane}-{asked.index}-{window}-{looks}"
    return _answer(request, token, part, lambda unit: Encoded(picture_png(unit, asked)), PNG)


def _answer(
    request: HttpRequest,
    token: str,
    part: str,
    read: Callable[[SampledItem], PixelBytes | Encoded],
    content_type: str = BYTES,
) -> HttpResponse:
    """Answer with what `read` gives, or that it is unchanged.

    Raises
    ------
    Http404
        When it is not the person's, or hidden or withdrawn.
    NoAccess
        When the study is not open to the rater, or the item was scored too long ago.
    NoSuchPixels
    UnreadablePixels
    """
    assignment = viewed_assignment_or_404(request.user, token)
    check_open(assignment.membership)
    check_shown(assignment)
    check_reopening(assignment)
    if UNDESCRIBED in request.GET:
        raise _unreadable()
    tag = f'"{token}-{part}-{PIXELS_VERSION}"'
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    if tag in {known.removeprefix("W/") for known in asked}:
        return _kept(HttpResponseNotModified(), tag)
    try:
        made = read(assignment.sampled_item)
    except (ChangedFile, UnreadableFile, DamagedStore, OSError):
        logger.exception("The pixels of assignment %s cannot be read", assignment.pk)
        raise _unreadable() from None
    if made.gzip is None or not _accepts_gzip(request):
        return _kept(HttpResponse(made.raw, content_type=content_type), tag)
    response = HttpResponse(made.gzip, content_type=content_type)
    response.headers["Content-Encoding"] = "gzip"
    # Weak, as the bytes on the way differ from those uncompressed
    return _kept(response, f"W/{tag}")


def _unreadable() -> UnreadablePixels:
    return UnreadablePixels(_("This image cannot be read. Report it as a problem."))


def _kept(response: HttpResponse, tag: str) -> HttpResponse:
    response.headers["Cache-Control"] = KEEP
    response.headers["ETag"] = tag
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return response


def _accepts_gzip(request: HttpRequest) -> bool:
    for entry in request.headers.get("Accept-Encoding", "").split(","):
        name, _separator, weight = entry.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
