"""Pixels of one's own assignments, for the rating page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sts_qa.rating import pixel_answers
from sts_qa.rating.decorators import for_the_page, problem
from sts_qa.rating.errors import UnreadablePixels
from sts_qa.rating.queries.pixels import NoSuchPixels


@for_the_page
@require_safe
def send_image(request: HttpRequest, token: str) -> HttpResponse:
    return _send(request, pixel_answers.image, token)


@for_the_page
@require_safe
def send_slice(request: HttpRequest, token: str, plane: str, index: int) -> HttpResponse:
    return _send(request, pixel_answers.image_slice, token, plane, index)


@for_the_page
@require_safe
def send_mask(request: HttpRequest, token: str) -> HttpResponse:
    return _send(request, pixel_answers.mask, token)


@for_the_page
@require_safe
def send_mask_slice(request: HttpRequest, token: str, plane: str, index: int) -> HttpResponse:
    return _send(request, pixel_answers.mask_slice, token, plane, index)


@for_the_page
@require_safe
def send_picture(request: HttpRequest, token: str) -> HttpResponse:
    return _send(request, pixel_answers.picture, token)


def _send(
    request: HttpRequest, answer: Callable[..., HttpResponse], *arguments: Any
) -> HttpResponse:
    try:
        return answer(request, *arguments)
    except NoSuchPixels as error:
        return problem(404, "not_found", str(error))
    except UnreadablePixels as error:
        return problem(503, error.problem, error.detail)
