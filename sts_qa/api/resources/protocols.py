"""Protocols: the newest versions, all versions of one, one with its content, and a new one."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from rest_framework.request import Request

from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.routing import route
from sts_qa.api.schemas.protocols import NewProtocolSchema, ProtocolSchema, WholeProtocolSchema
from sts_qa.protocols import actions, queries
from sts_qa.protocols.models import ProtocolVersion


@endpoint("GET", scope="read", answers=ProtocolSchema, paged=True, coordinators=True)
def list_protocols(request: Request) -> Listing:
    """List the newest version of every protocol, by its short name."""
    versions = sorted(queries.latest_versions(), key=lambda version: version.protocol.slug)
    return Listing(versions, order=("protocol.slug",))


@endpoint(
    "POST",
    scope="manage",
    body=NewProtocolSchema,
    answers={201: WholeProtocolSchema, 200: WholeProtocolSchema},
    idempotent="accepted",
    coordinators=True,
    located=[200, 201],
)
def save_protocol(request: Request, body: dict[str, Any]) -> Answer:
    """Make a protocol, or a version of it.

    A newest version that no study uses is replaced, and one of equal content stays: then the answer
    is 200. Built-in protocols stay as they are.
    """
    before = queries.latest_version(str(body["content"].get("slug", "")))
    version = actions.save_protocol(content=body["content"], acting_user=request.user)
    is_new = before is None or before.pk != version.pk
    place = reverse("api:show_protocol", args=[version.protocol.slug, version.number])
    return Answer(
        _version_or_404(version.protocol.slug, version.number),
        status=201 if is_new else 200,
        headers={"Location": place},
    )


@endpoint("GET", scope="read", answers=ProtocolSchema, paged=True, coordinators=True)
def list_versions(request: Request, slug: str) -> Listing:
    """List the versions of a protocol, the newest first."""
    newest = queries.latest_version(slug)
    if newest is None:
        raise Http404
    versions = queries.versions_of(newest.protocol).select_related("protocol")
    return Listing(versions, order=("-number",))


@endpoint("GET", scope="read", answers=WholeProtocolSchema, coordinators=True)
def show_protocol(request: Request, slug: str, number: int) -> ProtocolVersion:
    """Show one version of a protocol with its content."""
    return _version_or_404(slug, number)


def _version_or_404(slug: str, number: int) -> ProtocolVersion:
    found = queries.version_of(slug, number)
    if found is None:
        raise Http404
    return queries.versions_of(found.protocol).select_related("protocol").get(pk=found.pk)


addresses = [
    *route("protocols/", list_protocols, save_protocol),
    *route("protocols/<slug:slug>/versions/", list_versions),
    *route("protocols/<slug:slug>/versions/<int:number>/", show_protocol),
]
