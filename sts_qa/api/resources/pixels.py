"""Pixels of one's own assignments, under the rating page's own check of access."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from sts_qa.api.endpoint import endpoint
from sts_qa.api.problems import Problem, fault
from sts_qa.api.routing import route
from sts_qa.api.schemas.pixels import PictureQuerySchema, PixelsQuerySchema
from sts_qa.api.throttling import PixelRate
from sts_qa.rating import pixel_answers
from sts_qa.rating.errors import InvalidSubmission

BYTES = {(200, pixel_answers.BYTES): bytes}
PNG = {(200, pixel_answers.PNG): bytes}
UNREADABLE = {409: "The image cannot be read; report it as a problem."}


@endpoint(
    "GET", scope="rate", rate=PixelRate, answers=BYTES, query=PixelsQuerySchema, refusals=UNREADABLE
)
def send_image(request: Request, assignment_token: str, query: dict[str, Any]) -> HttpResponse:
    """Send the pixels of a radiograph, or of a slice that is rated on its own.

    Row by row, little-endian, in the type that the assignment tells.
    """
    return _for_tokens(pixel_answers.image(request._request, assignment_token))


@endpoint(
    "GET", scope="rate", rate=PixelRate, answers=BYTES, query=PixelsQuerySchema, refusals=UNREADABLE
)
def send_slice(
    request: Request, assignment_token: str, plane: str, index: int, query: dict[str, Any]
) -> HttpResponse:
    """Send one slice of a volume, counted from 0 in each plane."""
    return _for_tokens(pixel_answers.image_slice(request._request, assignment_token, plane, index))


@endpoint(
    "GET", scope="rate", rate=PixelRate, answers=BYTES, query=PixelsQuerySchema, refusals=UNREADABLE
)
def send_mask(request: Request, assignment_token: str, query: dict[str, Any]) -> HttpResponse:
    """Send the mask of a radiograph or of a slice that is rated on its own: 1 inside, 0 outside."""
    return _for_tokens(pixel_answers.mask(request._request, assignment_token))


@endpoint(
    "GET", scope="rate", rate=PixelRate, answers=BYTES, query=PixelsQuerySchema, refusals=UNREADABLE
)
def send_mask_slice(
    request: Request, assignment_token: str, plane: str, index: int, query: dict[str, Any]
) -> HttpResponse:
    """Send the mask on one slice of a volume."""
    return _for_tokens(pixel_answers.mask_slice(request._request, assignment_token, plane, index))


@endpoint(
    "GET", scope="rate", rate=PixelRate, answers=PNG, query=PictureQuerySchema, refusals=UNREADABLE
)
def send_picture(request: Request, assignment_token: str, query: dict[str, Any]) -> HttpResponse:
    """Send a plane as PNG of 8 bit through a window: by default as every rater sees it first."""
    try:
        return _for_tokens(pixel_answers.picture(request._request, assignment_token))
    except InvalidSubmission as error:
        faults = [fault(name, text) for name, text in error.fields.items()]
        raise Problem("invalid", error.detail, errors=faults) from None


def _for_tokens(answer: HttpResponse) -> HttpResponse:
    patch_vary_headers(answer, ["Authorization"])
    return answer


pixels = "assignments/<slug:assignment_token>/pixels/"
addresses = [
    *route(f"{pixels}image", send_image),
    *route(f"{pixels}mask", send_mask),
    *route(f"{pixels}mask/<slug:plane>/<int:index>", send_mask_slice),
    *route(f"{pixels}picture", send_picture),
    *route(f"{pixels}<slug:plane>/<int:index>", send_slice),
]
