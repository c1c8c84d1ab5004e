"""A small API of its own, to state what holds for every endpoint."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import include, path
from rest_framework import serializers

from sts_qa.api.endpoint import Answer, Deprecation, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.reach import limiting_study
from sts_qa.api.routing import route
from sts_qa.api.schemas.common import AnyObject, Schema, Whole
from sts_qa.api.throttling import PixelRate
from sts_qa.audit.actions import record
from sts_qa.catalogue.models import Item

# What a test lets an endpoint do
HOOKS: dict[str, Any] = {}


class ThingSchema(Schema):
    id = Whole(source="pk")
    key = serializers.CharField()
    created_at = serializers.DateTimeField()


class PartSchema(Schema):
    size = serializers.FloatField()


class NewSmallThingSchema(Schema):
    name = serializers.CharField(max_length=10)
    count = serializers.IntegerField(required=False, max_value=10)
    ready = serializers.BooleanField(required=False)
    parts = PartSchema(many=True, required=False)
    words = serializers.ListField(child=serializers.CharField(), required=False)
    content = AnyObject(required=False)


class MadeSchema(Schema):
    name = serializers.CharField()


class ThingFilterSchema(Schema):
    beginning = serializers.CharField(required=False)
    whole = serializers.BooleanField(required=False)
    size = serializers.IntegerField(required=False)
    keys = serializers.ListField(child=serializers.CharField(), required=False)


@endpoint(
    "GET",
    scope="read",
    answers=ThingSchema,
    query=ThingFilterSchema,
    paged=True,
    streams=True,
    narrows=True,
)
def list_things(request, query):
    """List items."""
    HOOKS["study"], HOOKS["query"] = limiting_study(request), query
    rows = Item.objects.filter(key__startswith=query.get("beginning", ""))
    return Listing(rows, order=("-created_at", "key"))


@endpoint(
    "POST",
    scope="manage",
    body=NewSmallThingSchema,
    answers={201: MadeSchema},
    idempotent="required",
)
def create_thing(request, body):
    """Make a thing: one event on record."""
    HOOKS.get("before", lambda: None)()
    record(action="thing.created", acting_user=request.user, subject=request.user)
    HOOKS.get("after", lambda: None)()
    return Answer(body, status=201, headers={"Location": "/made/"})


@endpoint(
    "POST",
    scope="manage",
    body=NewSmallThingSchema,
    answers={201: MadeSchema},
    idempotent="accepted",
    atomic=False,
)
def upload_thing(request, body):
    """Make a thing that takes long."""
    HOOKS.get("before", lambda: None)()
    return Answer(body, status=201)


@endpoint(
    "POST",
    scope="manage",
    body=NewSmallThingSchema,
    answers={201: MadeSchema},
    idempotent="accepted",
    secret_answer=True,
)
def create_secret(request, body):
    """Make a secret."""
    return Answer(body, status=201)


@endpoint(
    "GET",
    scope="read",
    answers=None,
    deprecated=Deprecation(
        since=datetime(2026, 1, 1, tzinfo=UTC),
        sunset=datetime(2026, 7, 1, tzinfo=UTC),
        instead="/api/v1/things/",
    ),
)
def show_nothing(request):
    """Show nothing."""
    HOOKS.get("before", lambda: None)()


@endpoint("GET", scope="read", answers=None, rate=PixelRate)
def show_pixels(request):
    """Show pixels."""


@endpoint("POST", scope="manage", answers={204: None}, idempotent="accepted")
def end_thing(request):
    """End a thing, of which nothing is to be said."""
    record(action="thing.ended", acting_user=request.user, subject=request.user)


@endpoint("POST", scope="rate", answers={204: None})
def refuse(request):
    """Refuse."""
    raise PermissionDenied


resources = [
    *route("things/", list_things, create_thing),
    *route("uploads/", upload_thing),
    *route("secrets/", create_secret),
    *route("end/", end_thing),
    *route("nothing/", show_nothing),
    *route("pixels/", show_pixels),
    *route("refusal/", refuse),
]
urlpatterns = [path("api/v1/", include(resources)), path("", include("sts_qa.urls"))]
