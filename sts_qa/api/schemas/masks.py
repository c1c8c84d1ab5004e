"""Masks as the API tells them."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.catalogue.models import MASK_NAME_LENGTH


class NewMasksSchema(Schema):
    """A folder of masks of a second annotator or a model."""

    root = serializers.CharField(
        max_length=1000,
        help_text="Whole path of the folder on the server. It must lie below one of the folders "
        "open for import (STS_QA_IMPORT_ROOTS).",
    )
    name = serializers.CharField(
        max_length=MASK_NAME_LENGTH, help_text="Who or what drew them, such as Model 3."
    )
    dry_run = serializers.BooleanField(
        default=False, help_text="Only say what would be imported, in the job's result."
    )


class MaskSchema(Schema):
    """One version of one mask."""

    name = serializers.CharField(help_text="Who or what drew it; empty for the item's own mask.")
    number = Whole(help_text="Of the version, from 1.")
    key = serializers.CharField(help_text="Path of the file.")
    sha256 = serializers.CharField()
    size_bytes = Whole()
    shape = serializers.ListField(child=Whole(), help_text="Along the axes as stored.")
    dtype = serializers.CharField()
    values = serializers.ListField(
        child=serializers.FloatField(), help_text="That its pixels have, where they are few."
    )
    nonzero = Whole(help_text="Number of pixels that are not 0.")
    created_at = serializers.DateTimeField()
