"""Parameters of the addresses of pixels."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema
from sts_qa.rating.queries.image import ONLY_PLANE
from sts_qa.science.imaging.slicing import PLANES


class PixelsQuerySchema(Schema):
    """What stands in the addresses that assignments tell; nothing to choose."""

    v = serializers.CharField(required=False, help_text="Version of the way pixels are sent.")
    undescribed = serializers.CharField(
        required=False, help_text="Set where the values cannot be described; nothing is sent then."
    )


class PictureQuerySchema(PixelsQuerySchema):
    """Which plane through which window."""

    plane = serializers.ChoiceField(choices=[*PLANES, ONLY_PLANE], required=False)
    slice = serializers.IntegerField(
        min_value=0, max_value=99_999, required=False, help_text="Counted from 0."
    )
    low = serializers.FloatField(required=False, help_text="Lower end of the window.")
    high = serializers.FloatField(required=False)
    inverted = serializers.ChoiceField(choices=["0", "1"], required=False)
    mask = serializers.ChoiceField(
        choices=["0", "1"], required=False, help_text="1: with the outline of the mask."
    )
