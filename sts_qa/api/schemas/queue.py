"""What a rater is told of a study and of assignments: the meaning of the rating page's own JSON."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.api.schemas.ratings import ProgressSchema, ScoreSchema
from sts_qa.protocols.models import Criterion
from sts_qa.protocols.rubric import KINDS
from sts_qa.rating.actions.problems import LONGEST_TEXT
from sts_qa.rating.actions.questions import LONGEST_QUESTION
from sts_qa.rating.models import ProblemReport
from sts_qa.studies.models import Study

PIXEL_TYPES = ["uint8", "uint16", "int16", "float32"]


class CounterSchema(Schema):
    """The number that the rater's counter shows, and its end."""

    number = Whole()
    total = Whole()


class CutSchema(Schema):
    """Which plane an axis of this one runs through, and whether the other way round."""

    plane = serializers.CharField()
    reverse = serializers.BooleanField()


class EdgesSchema(Schema):
    """Letters of the patient's directions at the edges of the picture."""

    top = serializers.CharField()
    right = serializers.CharField()
    bottom = serializers.CharField()
    left = serializers.CharField()


class PixelPlaneSchema(Schema):
    """One plane of an image and where its pixels are."""

    rows = Whole()
    columns = Whole()
    slices = Whole()
    first_slice = Whole(help_text="The one shown first, counted from 0.")
    pixel_height = serializers.FloatField()
    pixel_width = serializers.FloatField()
    edges = EdgesSchema(allow_null=True)
    rows_cut = CutSchema(allow_null=True)
    columns_cut = CutSchema(allow_null=True)
    url = serializers.CharField(
        help_text="Pixels row by row, little-endian, channels last; put the number of the slice in "
        "place of {slice}."
    )


class PresetSchema(Schema):
    """A window on the values, by its ends or by percentiles."""

    code = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    percentiles = serializers.ListField(child=serializers.FloatField(), required=False)


class HistogramSchema(Schema):
    """Counts of values over equal parts of a range."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    counts = serializers.ListField(child=serializers.IntegerField())


class PixelImageSchema(Schema):
    """An image: its values and its planes. Real value = slope * stored value + intercept."""

    kind = serializers.ChoiceField(choices=KINDS)
    channels = Whole()
    dtype = serializers.ChoiceField(choices=PIXEL_TYPES)
    slope = serializers.FloatField()
    intercept = serializers.FloatField()
    window = serializers.ListField(
        child=serializers.FloatField(), help_text="Ends of the window that every rater sees first."
    )
    range = serializers.ListField(child=serializers.FloatField())
    unit = serializers.CharField(allow_null=True)
    presets = PresetSchema(many=True)
    histogram = HistogramSchema(allow_null=True)
    oblique = serializers.FloatField(help_text="Degrees between the array and the body.")
    pixels = serializers.CharField(help_text="Where the shape of the pixels is known from.")
    pixel_ratio = serializers.FloatField()
    bytes = Whole(help_text="Of all pixels, uncompressed.")
    picture = serializers.CharField(help_text="Address of an 8-bit PNG through a window.")
    planes = serializers.DictField(child=PixelPlaneSchema())


class MaskPlaneSchema(Schema):
    """Where the mask's pixels are; put the number of the slice in place of {slice}."""

    url = serializers.CharField()
    slices = serializers.ListField(
        child=Whole(),
        min_length=2,
        max_length=2,
        allow_null=True,
        help_text="First and last slice with mask pixels, from 0; else null.",
    )


class PixelMaskSchema(Schema):
    """A mask: 1 inside, 0 outside, one byte per pixel, over the same planes."""

    planes = serializers.DictField(child=MaskPlaneSchema())


class CurrentRatingSchema(Schema):
    """The rating of an assignment that counts now."""

    id = serializers.UUIDField()
    scores = serializers.DictField(
        child=ScoreSchema(),
        allow_null=True,
        help_text="Null to a rater that is a program while the study is sealed.",
    )
    comment = serializers.CharField(allow_null=True, help_text="Null when the scores are.")


class DraftSchema(Schema):
    """What was typed on the page and not yet submitted."""

    scores = serializers.DictField()
    comment = serializers.CharField()
    sequence = serializers.IntegerField()
    saved_at = serializers.DateTimeField()


class AssignmentSchema(Schema):
    """An item to rate. Nothing in it tells which item of the dataset it is."""

    # A volume's: other images have no planes to choose from
    identifies = {
        "assignment_token": "token",
        "plane": "image/planes/axial/rows_cut/plane",
        "index": "image/planes/axial/first_slice",
    }

    token = serializers.CharField()
    practice = serializers.BooleanField(help_text="Practice enters no table.")
    counter = CounterSchema()
    image = PixelImageSchema()
    mask = PixelMaskSchema(allow_null=True)
    criteria = serializers.ListField(
        child=serializers.CharField(), help_text="Codes of the criteria to score."
    )
    not_applicable = serializers.ListField(child=serializers.CharField())
    rating = CurrentRatingSchema(allow_null=True)


class OpenAssignmentSchema(Schema):
    """An assignment that is not rated yet."""

    identifies = {"assignment_token": "token"}

    token = serializers.CharField()
    practice = serializers.BooleanField()
    kind = serializers.ChoiceField(choices=KINDS)
    criteria = serializers.ListField(child=serializers.CharField())
    url = serializers.CharField(help_text="Address of the assignment, with its pixels.")


class RubricBandSchema(Schema):
    """Scores from `start` to `end`, both included, and their label."""

    start = serializers.FloatField()
    end = serializers.FloatField()
    label = serializers.CharField()


class RubricLevelSchema(Schema):
    """One score with a meaning of its own."""

    value = serializers.FloatField()
    label = serializers.CharField()
    text = serializers.CharField()
    is_gloss = serializers.BooleanField(help_text="Whether it is not the source's wording.")
    source = serializers.CharField()


class RubricGuidanceSchema(Schema):
    """Help with a criterion."""

    text = serializers.CharField()
    is_gloss = serializers.BooleanField(help_text="Whether it is not the source's wording.")
    source = serializers.CharField()


class RubricCriterionSchema(Schema):
    """One criterion in one language."""

    code = serializers.CharField()
    position = Whole()
    scope = serializers.ChoiceField(choices=Criterion.Scope.values)
    minimum = serializers.FloatField()
    maximum = serializers.FloatField()
    decimals = Whole()
    ordinal = serializers.BooleanField()
    title = serializers.CharField()
    question = serializers.CharField()
    minimum_end = serializers.CharField()
    maximum_end = serializers.CharField()
    bands = RubricBandSchema(many=True)
    levels = RubricLevelSchema(many=True)
    guidance = RubricGuidanceSchema(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)
    required_structures = serializers.ListField(child=serializers.CharField())
    required_structures_are_gloss = serializers.BooleanField()
    applies_to_slice_without_mask_pixels = serializers.BooleanField()


class GateSchema(Schema):
    """Below `minimum` on this criterion the others may be left out."""

    criterion = serializers.CharField()
    minimum = serializers.FloatField()


class RubricSchema(Schema):
    """The protocol as raters read it, for one kind of image."""

    slug = serializers.CharField()
    version = Whole()
    checksum = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    language = serializers.CharField()
    requested_language = serializers.CharField()
    is_fallback = serializers.BooleanField()
    title = serializers.CharField()
    description = serializers.CharField()
    source = serializers.CharField()
    gate = GateSchema(allow_null=True)
    criteria = RubricCriterionSchema(many=True)


class RatedStudySchema(Schema):
    """The study as far as a rater is told."""

    state = serializers.ChoiceField(
        choices=[*Study.State.values, "withdrawn"], help_text="Open to the rater while running."
    )
    name = serializers.CharField()
    simulated = serializers.BooleanField()
    view_policy = serializers.CharField()
    carries_window = serializers.BooleanField()
    rapid = serializers.BooleanField(help_text="Whether one digit is a whole score.")


class OpenClarificationSchema(Schema):
    """A clarification that the rater has not acknowledged."""

    number = Whole()
    published_at = serializers.DateTimeField()
    lang = serializers.CharField()
    text = serializers.CharField()


class OpenClarificationsSchema(Schema):
    """The last clarification acknowledged, and those that wait."""

    acknowledged = Whole()
    open = OpenClarificationSchema(many=True)


class QueueSchema(Schema):
    """What a rater needs to go on: the current assignment first, then those that follow."""

    study = RatedStudySchema()
    progress = ProgressSchema()
    rubrics = serializers.DictField(child=RubricSchema(), help_text="By kind of image.")
    gate = GateSchema(allow_null=True, help_text="Where the study lets it skip the rest.")
    clarifications = OpenClarificationsSchema()
    assignments = AssignmentSchema(many=True)


class ShownSchema(Schema):
    """The counter of an assignment on screen."""

    counter = CounterSchema()


class SkippedSchema(Schema):
    """How far the rater is after putting an item off."""

    progress = ProgressSchema()


class NewProblemSchema(Schema):
    """A report that something is wrong with an item."""

    kind = serializers.ChoiceField(choices=ProblemReport.Kind.values)
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_TEXT,
        help_text="Needed with the kind `other`.",
    )


class ProblemReceiptSchema(Schema):
    """What a report did."""

    hidden = serializers.BooleanField(
        help_text="Whether the item is hidden from all raters until it is decided."
    )


class NewQuestionSchema(Schema):
    """A question to the coordinators, who alone see it."""

    text = serializers.CharField(max_length=LONGEST_QUESTION)


class AcknowledgedSchema(Schema):
    """The last clarification acknowledged."""

    acknowledged = Whole()
