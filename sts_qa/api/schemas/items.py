"""Items as the API tells them."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.api.schemas.decisions import DecisionSchema
from sts_qa.api.schemas.masks import MaskSchema
from sts_qa.catalogue.models import ImageKind, Item, ItemVersion
from sts_qa.catalogue.queries.items import UNDECIDED, Standing
from sts_qa.screening.models import ScreeningDecision

DECISIONS = ScreeningDecision.Outcome.values


class ItemFilterSchema(Schema):
    """Which items are listed; what is left out filters nothing."""

    category = serializers.CharField(required=False, help_text="Name of a category.")
    kind = serializers.ChoiceField(choices=ImageKind.values, required=False)
    labelled = serializers.BooleanField(required=False)
    state = serializers.ChoiceField(
        choices=Item.State.values, required=False, help_text="As of the last import."
    )
    standing = serializers.ChoiceField(choices=Standing.values, required=False)
    decision = serializers.ChoiceField(
        choices=[*DECISIONS, UNDECIDED],
        required=False,
        help_text=f"Of the decision that holds; `{UNDECIDED}`: there is none.",
    )
    text = serializers.CharField(max_length=200, required=False, help_text="Part of the path.")


class ItemSchema(Schema):
    """One image or one volume."""

    identifies = {"item_id": "id", "version": "version"}

    id = Whole(source="item.pk")
    key = serializers.CharField(
        source="item.key", help_text="Path relative to the root of the dataset."
    )
    category = serializers.CharField(source="item.category.name")
    group = serializers.CharField(source="item.category.group", help_text="Empty: its own.")
    kind = serializers.ChoiceField(source="item.kind", choices=ImageKind.values)
    labelled = serializers.BooleanField(source="item.labelled")
    attributes = serializers.DictField(
        child=serializers.CharField(),
        source="item.attributes",
        help_text="What else the folders or the manifest say, such as `region`.",
    )
    subject = serializers.CharField(source="item.subject", help_text="Salted hash, or empty.")
    source = serializers.CharField(source="item.source", help_text="Code, or empty.")
    state = serializers.ChoiceField(
        source="item.state", choices=Item.State.values, help_text="As of the last import."
    )
    state_reason = serializers.CharField()
    standing = serializers.ChoiceField(
        source="item.standing",
        choices=Standing.values,
        help_text="Whether it can be drawn, and if not, why.",
    )
    decision = serializers.ChoiceField(
        choices=DECISIONS, allow_null=True, help_text="The one that holds."
    )
    version = Whole(allow_null=True, help_text="Number of its current version, if it has one.")
    checksum = serializers.CharField(
        allow_null=True,
        help_text="SHA-256 of the image, and of its mask behind a plus sign where it has one.",
    )
    thumbnail = serializers.CharField(allow_null=True, help_text="Address of a small picture.")
    preview = serializers.CharField(allow_null=True, help_text="Address of a larger picture.")


class OwnMaskSchema(Schema):
    """The mask that belongs to a version of an item."""

    key = serializers.CharField()
    number = Whole()
    sha256 = serializers.CharField()
    size_bytes = Whole()


class ItemVersionSchema(Schema):
    """One state of an item's image together with its own mask."""

    number = Whole()
    sha256 = serializers.CharField()
    size_bytes = Whole()
    shape = serializers.ListField(child=Whole(), help_text="Along the axes as stored.")
    channels = Whole()
    dtype = serializers.CharField()
    spacing = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Millimetres along each axis."
    )
    orientation = serializers.CharField(help_text="Of a volume, such as LPS; empty if unknown.")
    notices = serializers.ListField(child=serializers.CharField())
    mask = OwnMaskSchema(allow_null=True)
    mask_error = serializers.ChoiceField(choices=ItemVersion.MaskError.values)
    mask_error_reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    thumbnail = serializers.CharField()
    preview = serializers.CharField()


class WholeItemSchema(ItemSchema):
    """One item with its versions, masks and decisions."""

    axial_slices = Whole(help_text="0 for a radiograph.")
    mask_share = serializers.FloatField(
        allow_null=True, help_text="Per cent of the pixels that its own mask covers."
    )
    file_problem = serializers.CharField(
        help_text="Why the file cannot be shown now, as far as is known; else empty."
    )
    versions = ItemVersionSchema(many=True, help_text="The newest first.")
    further_masks = MaskSchema(many=True, help_text="By name, the newest first.")
    decisions = DecisionSchema(many=True, help_text="The newest first; the first one holds.")


class PreviewQuerySchema(Schema):
    """What is drawn."""

    slice = serializers.IntegerField(
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text="Of a volume: number of the axial slice from the inferior end, from 1; "
        "by default the middle one.",
    )
    outline = serializers.BooleanField(default=True, help_text="Whether the mask is outlined.")
