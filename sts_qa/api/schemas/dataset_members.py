"""Who sees a dataset, as the API tells it."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole


class NewDatasetMemberSchema(Schema):
    """The account that is to see the dataset."""

    username = serializers.CharField(max_length=150)


class DatasetMemberSchema(Schema):
    """A person who sees the dataset."""

    identifies = {"user_id": "id"}

    id = Whole(source="user_id")
    username = serializers.CharField(source="user.username")
    added_at = serializers.DateTimeField()
