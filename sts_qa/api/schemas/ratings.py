"""Ratings as programs send them and as they are told."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from sts_qa.api.problem_kinds import PROBLEMS
from sts_qa.api.schemas.common import AnyObject, FaultSchema, Schema, Whole
from sts_qa.rating.actions.submission import LONGEST_REASON_TEXT, MOST_VIEWER_STATE
from sts_qa.rating.body import LONGEST_COMMENT, LONGEST_KEY, MOST_WHOLE
from sts_qa.rating.models import Rating, Score

MOST_ROWS = 10_000
# Whether a repeat was dropped is told as an item taken away: nobody is told what was a repeat
TOLD_REASONS = [
    reason for reason in Rating.LateReason.values if reason != Rating.LateReason.REPEAT_DROPPED
]
MILLISECONDS = {"required": False, "max_value": MOST_WHOLE, "default": 0}


class AsSent(Schema):
    """Described here, and read by the rating page's own reader, which tells what is wrong."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError(_("Give a JSON object."))
        return data


class ScoreSchema(Schema):
    """One criterion's score: `value` alone, or `code` with `reason`."""

    value = serializers.CharField(
        required=False, help_text='A number as text, such as "17", with the decimals allowed.'
    )
    code = serializers.ChoiceField(choices=[Score.Code.CANNOT_JUDGE.value], required=False)
    reason = serializers.ChoiceField(
        choices=Score.CannotJudge.values, required=False, help_text="Why it cannot be judged."
    )
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_REASON_TEXT,
        help_text="Needed with the reason `other`.",
    )


class NewRatingSchema(AsSent):
    """The scores of one assignment."""

    scores = serializers.DictField(
        child=ScoreSchema(),
        help_text="By code of criterion: every one that the assignment asks, and no other.",
    )
    replaces = serializers.UUIDField(
        allow_null=True,
        required=False,
        help_text="Id of the current rating, to change it; null or left out for the first one.",
    )
    comment = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_COMMENT, trim_whitespace=False
    )
    active_ms = Whole(**MILLISECONDS, help_text="Time of looking and scoring; 0 if not known.")
    wall_ms = Whole(**MILLISECONDS, help_text="Time from showing to submitting.")
    waiting_ms = Whole(**MILLISECONDS, help_text="Time of waiting for pixels.")
    viewer_state = AnyObject(
        required=False, help_text=f"At most {MOST_VIEWER_STATE} bytes, kept as it is."
    )
    submitted_at = serializers.DateTimeField(
        required=False, help_text="By the sender's clock, with its zone; now if left out."
    )
    clarification_seen = Whole(
        required=False,
        max_value=MOST_WHOLE,
        default=0,
        help_text="Number of the last clarification that was taken into account.",
    )


class RatingRowSchema(NewRatingSchema):
    """One of many ratings."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # Any other type refuses the row, and by the mode the call or not
        return data

    assignment = serializers.CharField(help_text="Token of the assignment.")
    idempotency_key = serializers.RegexField(
        r"^[!-~]+$",
        max_length=LONGEST_KEY,
        help_text="A new random text for each rating; one sent again for the same assignment gets "
        "the first answer.",
    )


class NewRatingsSchema(Schema):
    """Many ratings of one rater."""

    mode = serializers.ChoiceField(
        choices=["all_or_nothing", "per_row"],
        help_text="What becomes of the others when one cannot be stored, or is not what the "
        "schema allows: nothing is stored and the answer is 422, or the others are.",
    )
    ratings = RatingRowSchema(many=True, min_length=1, max_length=MOST_ROWS)


class ProgressSchema(Schema):
    """How far the rater is, practice apart."""

    rated = Whole()
    total = Whole()
    shown = Whole()


class GivenRatingSchema(Schema):
    """A rating that was stored."""

    id = serializers.UUIDField()
    is_late = serializers.BooleanField(
        help_text="Kept, and outside tables until a coordinator admits it."
    )
    late_reason = serializers.ChoiceField(choices=TOLD_REASONS, required=False)


class SubmittedSchema(Schema):
    """The answer to one rating."""

    rating = GivenRatingSchema()
    progress = ProgressSchema()


class RowOutcomeSchema(Schema):
    """What became of one of many ratings, in the order sent."""

    assignment = serializers.CharField(help_text="As sent; empty where that was no text.")
    outcome = serializers.ChoiceField(choices=["stored", "late", "refused"])
    replayed = serializers.BooleanField(help_text="Whether it had been sent before.")
    rating = GivenRatingSchema(allow_null=True)
    problem = serializers.ChoiceField(
        choices=list(PROBLEMS), allow_null=True, help_text="Kind of problem; null when stored."
    )
    errors = FaultSchema(many=True)


class ManySubmittedSchema(Schema):
    """The answer to many ratings."""

    stored = Whole()
    late = Whole()
    refused = Whole()
    progress = ProgressSchema()
    results = RowOutcomeSchema(many=True)


class OwnRatingSchema(Schema):
    """A rating of one's own that counts."""

    identifies = {"assignment_token": "assignment"}

    assignment = serializers.CharField(help_text="Token of the assignment.")
    number = Whole(allow_null=True, help_text="As shown on the counter; null for practice.")
    id = serializers.UUIDField()
    channel = serializers.ChoiceField(choices=Rating.Channel.values)
    received_at = serializers.DateTimeField()
    reopenable = serializers.BooleanField(
        help_text="Whether it can still be looked at and changed."
    )
    scores = serializers.DictField(
        child=ScoreSchema(),
        allow_null=True,
        help_text="Null once it can no longer be reopened, and to a rater that is a program while "
        "the study is sealed.",
    )
    comment = serializers.CharField(allow_null=True, help_text="Null when the scores are.")
