"""The sample of a study, its frame and its units, as the API tells them."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.api.schemas.studies import ReasonSchema, StratumCountsSchema
from sts_qa.rating.actions.items import Change
from sts_qa.studies.models import FrameEntry, SampledItem

STATES = ("drawn", "added", "withdrawn", "practice", "reserve")
FORMATS = ("json", "csv")
DIFFERENCES = ("missing", "unreadable", "excluded", "image", "mask")


class DrawnStratumSchema(StratumCountsSchema):
    """A stratum of a drawn sample, and what became of its reserve since."""

    reserve = Whole(help_text="frame - drawn; practice and added come from it.")
    practice = Whole()
    added = Whole()
    withdrawn = Whole()


class SampleSchema(Schema):
    """How a sample came about: with the frame, all that drawing it again needs."""

    seed = Whole()
    algorithm_version = serializers.CharField()
    frame_hash = serializers.CharField()
    drawn_at = serializers.DateTimeField()
    strata = DrawnStratumSchema(many=True)
    total = DrawnStratumSchema()


class FrameFilterSchema(Schema):
    find = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=FrameEntry._meta.get_field("key").max_length,
        help_text="Only entries whose key holds this text, or whose unit has this number.",
    )
    format = serializers.ChoiceField(
        choices=FORMATS, required=False, help_text="csv: the whole frame as a file, on record."
    )


class FrameEntrySchema(Schema):
    """One member of a stratum's frame."""

    category = serializers.CharField()
    stratum = serializers.CharField()
    order = Whole(help_text="From 1 in the stratum's random order; the first ones are drawn.")
    key = serializers.CharField()
    checksum = serializers.CharField()
    draw_number = serializers.CharField(help_text="64 random bits as decimal digits.")
    state = serializers.ChoiceField(choices=STATES)


class VerificationSchema(Schema):
    """Whether drawing again from the stored frame and seed gives the stored sample."""

    is_same = serializers.BooleanField()
    differences = serializers.ListField(child=serializers.CharField())


class ChangedItemSchema(Schema):
    """A drawn item that the catalogue now has otherwise or not at all."""

    item = Whole(source="item.pk")
    key = serializers.CharField(source="item.key")
    reason = serializers.ChoiceField(
        choices=DIFFERENCES, help_text="image, mask: there is another one since."
    )


class UnitSchema(Schema):
    """A unit of the sample: an item, or one slice of a volume."""

    identifies = {"unit": "number"}

    number = Whole(help_text="Stands for the unit in reports.")
    category = serializers.CharField(source="item_version.item.category.name")
    key = serializers.CharField(source="frame_entry.key")
    slice_number = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=SampledItem.Kind.values)
    labelled = serializers.BooleanField()
    is_added = serializers.SerializerMethodField(help_text="Taken from the reserve later.")
    hidden_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawal_reason = serializers.CharField()

    def get_slice_number(self, unit: SampledItem) -> int | None:
        """From 1 at the inferior end; null of a whole item."""
        return None if unit.slice_index is None else unit.slice_index + 1

    def get_is_added(self, unit: SampledItem) -> bool:
        return unit.added_at is not None


class UnitChangeSchema(ReasonSchema):
    """What becomes of a unit that nobody reported."""

    change = serializers.ChoiceField(choices=Change.values)
    whole_image = serializers.BooleanField(
        default=True, help_text="The same with the other drawn slices of its volume."
    )
