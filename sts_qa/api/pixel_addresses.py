"""Addresses of an assignment's pixels: the API's own in place of the rating page's."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework.request import Request


def with_addresses(request: Request, assignment: dict[str, Any]) -> dict[str, Any]:
    """Return the assignment's JSON with whole addresses of the API."""

    def placed(plane: dict[str, Any]) -> dict[str, Any]:
        return {**plane, "url": _address(request, plane["url"])}

    image, mask = assignment["image"], assignment["mask"]
    planes = {name: placed(plane) for name, plane in image["planes"].items()}
    picture = _address(request, image["picture"])
    if mask is not None:
        mask = {"planes": {name: placed(plane) for name, plane in mask["planes"].items()}}
    return {**assignment, "image": {**image, "planes": planes, "picture": picture}, "mask": mask}


def _address(request: Request, page_address: str) -> str:
    on_page = reverse("rating:send_image", args=["token"]).removesuffix("token/image")
    token, _slash, part = page_address.removeprefix(on_page).partition("/")
    place = reverse("api:send_image", args=[token]).removesuffix("image")
    # The mark for the slice must stay as it is, which build_absolute_uri would escape
    return f"{request.scheme}://{request.get_host()}{place}{part}"
