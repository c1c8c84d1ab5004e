"""Settings for viewing as the API tells and takes them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from sts_qa.api.schemas.common import Schema
from sts_qa.catalogue.models import NAME_LENGTH, ImageKind
from sts_qa.catalogue.viewing import MOST_PRESETS


def _number(decimals: int, **more: Any) -> serializers.DecimalField:
    """Return a field as wide as the page's; what the number may be is for the settings to say."""
    return serializers.DecimalField(
        max_digits=20,
        decimal_places=decimals,
        allow_null=True,
        default=None,
        normalize_output=True,
        **more,
    )


class PixelShapeSchema(Schema):
    """The shape of the pixels of one category's radiographs; all null: square."""

    category = serializers.CharField(help_text="Name of the category.")
    height_mm = _number(6, help_text="Both millimetres or neither.")
    width_mm = _number(6)
    ratio = _number(6, help_text="Height over width, where millimetres are not known.")


class ViewingNameSchema(Schema):
    """A text in each language."""

    en = serializers.CharField(max_length=NAME_LENGTH)

    def get_fields(self) -> dict[str, serializers.Field]:
        others = {
            code: serializers.CharField(max_length=NAME_LENGTH, required=False)
            for code, _name in settings.LANGUAGES
            if code != "en"
        }
        return {**super().get_fields(), **others}


class ViewingPresetSchema(Schema):
    """A window that raters can choose: two percentiles, or centre and width."""

    name = ViewingNameSchema()
    kind = serializers.ChoiceField(choices=ImageKind.values)
    low = _number(1, help_text="First percentile of the image's values.")
    high = _number(1, help_text="Second percentile.")
    centre = _number(6)
    width = _number(6)


class ViewingSchema(Schema):
    """How the images of a dataset are shown; a study takes it over when it starts."""

    categories = PixelShapeSchema(many=True, help_text="Those that are left out stay as they are.")
    presets = ViewingPresetSchema(many=True, max_length=MOST_PRESETS)
    values_are_hounsfield = serializers.BooleanField(
        help_text="Whether the values of volumes are Hounsfield units."
    )
