"""Protocols as the API tells them."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sts_qa.api.schemas.common import AnyObject, Schema, Whole
from sts_qa.protocols.schema import DATA_FOLDER

CONTENT = json.loads((DATA_FOLDER / "protocol.schema.json").read_text(encoding="utf-8"))


def without_references(part: Any) -> Any:
    """Return a part of the protocol's JSON schema with each reference replaced by its target."""
    if isinstance(part, list):
        return [without_references(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return without_references(CONTENT["$defs"][part["$ref"].rpartition("/")[2]])
    left_out = {"$schema", "$defs", "title"} if part is CONTENT else set()
    return {name: without_references(one) for name, one in part.items() if name not in left_out}


@extend_schema_field(without_references(CONTENT))
class ContentField(AnyObject):
    """The document of a protocol; its own rules check it."""


class NewProtocolSchema(Schema):
    """A protocol, or the next version of one."""

    content = ContentField(
        help_text="As a protocol file holds it; its `slug` says which protocol it is a version of."
    )


class ProtocolSchema(Schema):
    """One version of a protocol."""

    identifies = {"slug": "slug", "number": "version"}

    slug = serializers.CharField(source="protocol.slug")
    version = Whole(source="number")
    title = serializers.DictField(
        source="content.title", child=serializers.CharField(), help_text="By language."
    )
    languages = serializers.ListField(source="content.languages", child=serializers.CharField())
    built_in = serializers.BooleanField(source="protocol.built_in")
    checksum = serializers.CharField(help_text="SHA-256 of the content.")
    frozen_at = serializers.DateTimeField(
        allow_null=True, help_text="Since its first rating it never changes."
    )
    studies = Whole(source="study_count", help_text="How many studies use it.")
    created_at = serializers.DateTimeField()


class WholeProtocolSchema(ProtocolSchema):
    """One version of a protocol with its content."""

    content = ContentField()
