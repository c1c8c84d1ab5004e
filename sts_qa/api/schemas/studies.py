"""Studies and their plans as the API tells them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import NOT_PROVIDED
from django.utils.translation import gettext as _
from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.studies.actions.create import PLAN_FIELDS
from sts_qa.studies.forms.sizes import plain
from sts_qa.studies.models import NAME_LENGTH, Membership, Study

SMALLEST_SHARE = Decimal("0.00000001")


class Share(serializers.DecimalField):
    """An exact share of 1, as text without needless zeros."""

    def __init__(self, decimals: int, smallest: Decimal, **options: Any) -> None:
        super().__init__(
            max_digits=decimals + 1,
            decimal_places=decimals,
            min_value=smallest,
            max_value=Decimal(1),
            **options,
        )

    def to_representation(self, value: Any) -> str:
        return plain(Decimal(str(value)))


class SizeSchema(Schema):
    """How much is drawn of a category or stratum: a share of it, or a number."""

    fraction = Share(8, SMALLEST_SHARE, required=False)
    number = Whole(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Give either a fraction or a number."))
        return attrs


class StudyPlanSchema(Schema):
    """The plan of a study."""

    unit = serializers.ChoiceField(
        choices=Study.Unit.values, help_text="slice: slices of each drawn volume are rated."
    )
    stratification = serializers.ChoiceField(choices=Study.Stratification.values)
    fraction = Share(8, SMALLEST_SHARE, help_text="Share drawn of each category, such as 0.30.")
    sizes = serializers.DictField(
        child=SizeSchema(),
        help_text="Exceptions, by category (A-PXI) or stratum (A-PXI/labelled).",
    )
    slices_per_volume = Whole(min_value=1, max_value=500)
    slices_within_mask = serializers.BooleanField()
    seed = Whole(help_text="The same seed and frame give the same sample on any machine.")
    raters_per_item = Whole(
        min_value=1, max_value=100, allow_null=True, help_text="Null: every rater, every item."
    )
    order = serializers.ChoiceField(choices=Study.Order.values)
    practice_items = Whole(max_value=100)
    repeat_share = Share(4, Decimal(0), help_text="Share that each rater sees twice.")
    repeat_distance = Whole(min_value=1, max_value=100_000)
    gate_skips_rest = serializers.BooleanField()
    coordinators_may_rate = serializers.BooleanField()
    allows_program_ratings = serializers.BooleanField(
        help_text="Whether people may submit by a program; raters that are programs always may."
    )
    view_policy = serializers.ChoiceField(choices=Study.ViewPolicy.values)
    carries_window = serializers.BooleanField()
    live_results = serializers.BooleanField(
        help_text="Whether results can be seen before the study is closed."
    )
    seconds_per_radiograph = Whole(min_value=1, max_value=36_000)
    seconds_per_slice = Whole(min_value=1, max_value=36_000)
    seconds_per_volume = Whole(min_value=1, max_value=36_000)

    def validate_sizes(self, sizes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return the sizes as a plan stores them."""
        return {
            name: {"number": size["number"]}
            if "number" in size
            else {"fraction": plain(size["fraction"])}
            for name, size in sizes.items()
        }


class PlanChangesSchema(StudyPlanSchema):
    """What is to change in the plan of a draft; the rest stays."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for name in PLAN_FIELDS:
            fields[name].required = False
        return fields


class NewPlanSchema(StudyPlanSchema):
    """A plan of which all may be left out that has a usual value; the seed is random then."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for name in PLAN_FIELDS:
            fields[name].required = False
            fields[name].default = _usual(name)
        return fields


def _usual(name: str) -> Any:
    """Return the plan field's value where nobody chooses; a share as an exact number."""
    if name == "seed":
        return serializers.empty
    field: Any = Study._meta.get_field(name)
    usual = field.default
    if usual is NOT_PROVIDED:
        return None
    if callable(usual):
        return usual()
    return Decimal(str(usual)) if name in ("fraction", "repeat_share") else usual


class NewStudySchema(NewPlanSchema):
    """A study to make: what it is of, by which protocol, and its plan."""

    name = serializers.CharField(
        max_length=NAME_LENGTH,
        help_text="Raters see it. Do not name a category or an expected result.",
    )
    dataset = Whole()
    protocol = serializers.CharField(help_text="Its short name; the newest version is taken.")


class PlanTrySchema(NewPlanSchema):
    """A plan to work out; nothing is stored."""

    dataset = Whole()
    planned_raters = Whole(min_value=1, max_value=1000, default=5)


class NamedDatasetSchema(Schema):
    id = Whole()
    name = serializers.CharField()


class UsedProtocolSchema(Schema):
    slug = serializers.CharField(source="protocol.slug")
    version = Whole(source="number")
    checksum = serializers.CharField()


class DoneSchema(Schema):
    """Ratings given of those due, without practice."""

    done = Whole()
    total = Whole()


class StudyFilterSchema(Schema):
    """Which studies are listed."""

    state = serializers.ChoiceField(choices=Study.State.values, required=False)


class StudyEntrySchema(Schema):
    """A study in which the account takes part."""

    identifies = {"study_id": "id"}

    id = serializers.UUIDField(source="study.public_id")
    name = serializers.CharField(source="study.name")
    state = serializers.ChoiceField(source="study.state", choices=Study.State.values)
    role = serializers.ChoiceField(source="membership.role", choices=Membership.Role.values)
    rates = serializers.BooleanField(source="membership.rates")
    is_withdrawn = serializers.BooleanField()
    own_ratings = DoneSchema(allow_null=True, help_text="Of who rates.")
    dataset = NamedDatasetSchema(allow_null=True, help_text="Null to raters.")
    protocol = UsedProtocolSchema(source="study.protocol_version")
    simulated = serializers.BooleanField(source="study.simulated")
    imported = serializers.BooleanField(source="study.imported")
    created_at = serializers.DateTimeField(source="study.created_at")


class UnsealingSchema(Schema):
    """When results were opened before closing, and after how many of the ratings."""

    at = serializers.DateTimeField(source="unsealed_at")
    ratings = Whole(source="ratings_at_unsealing")
    due = Whole(source="ratings_due_at_unsealing")
    program_ratings = Whole(
        source="program_ratings_at_unsealing",
        allow_null=True,
        help_text="Of programs; null where they were not counted then.",
    )
    program_due = Whole(source="program_ratings_due_at_unsealing", allow_null=True)


class StudySchema(StudyPlanSchema):
    """A study with its plan, as coordinators and observers see it."""

    identifies = {"study_id": "id"}

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=Study.State.values)
    role = serializers.ChoiceField(choices=Membership.Role.values, help_text="The account's own.")
    dataset = NamedDatasetSchema()
    protocol = UsedProtocolSchema(source="protocol_version")
    is_sealed = serializers.BooleanField(help_text="Whether scores may not be seen yet.")
    unsealed = UnsealingSchema(allow_null=True)
    simulated = serializers.BooleanField()
    imported = serializers.BooleanField()
    frame_hash = serializers.CharField(help_text="Empty until the sample is drawn.")
    algorithm_version = serializers.CharField(help_text="Of the draw; empty before it.")
    ratings = DoneSchema(help_text="Of people who are not withdrawn.")
    program_ratings = DoneSchema(help_text="Of programs that are not withdrawn.")
    created_at = serializers.DateTimeField()
    drawn_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class ReasonSchema(Schema):
    """Why something is done."""

    reason = serializers.CharField(
        max_length=300, help_text="Kept in the log for good. Write no names."
    )


class StratumCountsSchema(Schema):
    """How a stratum's items came to be drawn or not; found = the four reasons + frame."""

    category = serializers.CharField(help_text="Empty in the sum over all strata.")
    stratum = serializers.CharField(help_text="labelled, unlabelled or all; empty in the sum.")
    found = Whole()
    unreadable = Whole()
    missing = Whole()
    held_back = Whole()
    excluded = Whole()
    frame = Whole()
    drawn = Whole()


class WorkloadSchema(Schema):
    """What one rater does, and the hours that it takes."""

    radiographs = Whole()
    volumes = Whole()
    slices = Whole()
    repeats = Whole()
    hours = serializers.FloatField()
    raters = Whole(help_text="Raters reckoned with.")


class PlannedSampleSchema(Schema):
    """What a plan would draw from the dataset as it is now."""

    strata = StratumCountsSchema(many=True)
    total = StratumCountsSchema()
    workload = WorkloadSchema()
