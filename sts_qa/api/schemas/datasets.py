"""Datasets as the API tells them."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.catalogue.models import NAME_LENGTH


class NewDatasetSchema(Schema):
    """A dataset to make."""

    name = serializers.CharField(
        max_length=NAME_LENGTH, help_text="As it is to stand in reports, such as STS-Tooth."
    )


class DatasetSchema(Schema):
    """A dataset of which the account is a member."""

    identifies = {"dataset_id": "id"}

    id = Whole(source="dataset.pk")
    name = serializers.CharField(source="dataset.name")
    is_demonstration = serializers.BooleanField(source="dataset.is_demonstration")
    created_at = serializers.DateTimeField(source="dataset.created_at")
    blinded = serializers.BooleanField(
        help_text="Whether the account rates in an open study of it, so that its contents are "
        "closed: counts are null then."
    )
    items = Whole(allow_null=True)
    labelled = Whole(allow_null=True)
    imported_at = serializers.DateTimeField(allow_null=True, help_text="When last imported.")


class ItemCountsSchema(Schema):
    """Items by label, and by how they stand; both add up to the total."""

    total = Whole()
    labelled = Whole()
    unlabelled = Whole()
    usable = Whole(help_text="That a sample can draw.")
    missing = Whole()
    unreadable = Whole()
    excluded = Whole()
    held_back = Whole(help_text="With a mask error that nobody has decided on.")


class CategoryCountsSchema(Schema):
    """The items of one category."""

    category = serializers.CharField()
    group = serializers.CharField(help_text="Empty: a group of its own.")
    counts = ItemCountsSchema()


class CompositionSchema(Schema):
    """What a dataset consists of."""

    categories = CategoryCountsSchema(many=True, help_text="In their order.")
    total = ItemCountsSchema()
    image_bytes = Whole()
    mask_bytes = Whole()
