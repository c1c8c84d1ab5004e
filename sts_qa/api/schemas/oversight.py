"""Progress, problems, questions, clarifications and late ratings, as coordinators get them.

Nothing here tells a score, so it is open while results are sealed.
"""

from __future__ import annotations

from django.conf import settings
from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.api.schemas.studies import DoneSchema, ReasonSchema
from sts_qa.rating.actions.clarifications import LONGEST_CLARIFICATION
from sts_qa.rating.models import ProblemReport, Rating
from sts_qa.studies.models import Study

LONGEST_NOTE = 250


class CategoryDoneSchema(DoneSchema):
    category = serializers.CharField()


class FlagsSchema(Schema):
    """Signs of careless rating; shares in percent, null without anything to count."""

    ratings = Whole()
    longest_run = Whole(help_text="Most ratings in a row with equal scores.")
    percent_one_value = serializers.FloatField(allow_null=True)
    percent_cannot_judge = serializers.FloatField(allow_null=True)
    percent_skipped = serializers.FloatField(allow_null=True)


class RaterProgressSchema(Schema):
    """How far one rater is, and at which pace."""

    member = Whole(source="membership.pk")
    label = serializers.CharField()
    is_program = serializers.BooleanField(source="membership.is_program")
    is_withdrawn = serializers.BooleanField()
    overall = DoneSchema()
    categories = CategoryDoneSchema(many=True)
    dropped_repeats = Whole(help_text="Repeats whose least distance could not be kept.")
    median_seconds = serializers.FloatField(allow_null=True, help_text="Active time of a rating.")
    hours_left = serializers.FloatField(allow_null=True)
    finish = serializers.DateTimeField(allow_null=True, help_text="At the pace so far.")
    last_seen_at = serializers.DateTimeField(source="membership.last_seen_at", allow_null=True)
    flags = FlagsSchema()


class StudyProgressSchema(Schema):
    """How the rating goes on."""

    state = serializers.ChoiceField(choices=Study.State.values)
    people = DoneSchema(help_text="Of people who are not withdrawn.")
    programs = DoneSchema(help_text="Of programs that are not withdrawn.")
    raters = RaterProgressSchema(many=True)
    open_problems = Whole()
    open_questions = Whole()
    waiting_late_ratings = Whole()


class RaterLabelSchema(Schema):
    """A rater under the label in reports."""

    rater = Whole(source="pseudonym", help_text="1 of R1.")
    is_program = serializers.BooleanField()


class UnitOfAssignmentSchema(Schema):
    """The unit of the sample that something is about."""

    unit = Whole(source="number", help_text="Its number in reports.")
    category = serializers.CharField(source="item_version.item.category.name")
    key = serializers.CharField(source="item_version.item.key")


class AboutSchema(Schema):
    """Who has sent it, about what."""

    id = serializers.UUIDField(source="public_id")
    by = RaterLabelSchema(source="assignment.membership")
    about = UnitOfAssignmentSchema(source="assignment.sampled_item")


class ProblemFilterSchema(Schema):
    decided = serializers.BooleanField(required=False)


class OverseenProblemSchema(AboutSchema):
    """A rater's report that something is wrong with an item."""

    identifies = {"problem": "id"}

    slice_number = Whole(allow_null=True, help_text="From 1.")
    kind = serializers.ChoiceField(choices=ProblemReport.Kind.values)
    text = serializers.CharField()
    is_planned_repeat = serializers.BooleanField(
        help_text="A duplicate by design: the rater has seen the item and its hidden repeat."
    )
    is_hidden = serializers.SerializerMethodField(help_text="From all raters for now.")
    reported_at = serializers.DateTimeField()
    decision = serializers.ChoiceField(
        choices=["", *ProblemReport.Decision.values], help_text="Empty while undecided."
    )
    decision_note = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)

    def get_is_hidden(self, report: ProblemReport) -> bool:
        return report.assignment.sampled_item.hidden_at is not None


class ProblemDecisionSchema(Schema):
    """What becomes of a reported item."""

    decision = serializers.ChoiceField(
        choices=ProblemReport.Decision.values,
        help_text="replace: withdraw it and take the next of the reserve.",
    )
    note = serializers.CharField(
        max_length=LONGEST_NOTE,
        default="",
        allow_blank=True,
        help_text="Why; needed unless it is kept. Kept in the log for good. Write no names.",
    )


class QuestionFilterSchema(Schema):
    settled = serializers.BooleanField(required=False)


class AskedQuestionSchema(AboutSchema):
    """A rater's question to the coordinators."""

    identifies = {"question": "id"}

    slice_number = Whole(allow_null=True, help_text="From 1.")
    text = serializers.CharField()
    asked_at = serializers.DateTimeField()
    clarification = Whole(
        source="clarification.number", allow_null=True, default=None, help_text="That answers it."
    )
    closed_at = serializers.DateTimeField(allow_null=True, help_text="Settled without one.")
    closing_note = serializers.CharField()


class NoteSchema(Schema):
    """Why a question needs no clarification."""

    note = serializers.CharField(
        max_length=LONGEST_NOTE, help_text="Kept in the log for good. Write no names."
    )


class ClarificationSchema(Schema):
    """What the coordinators explain to every rater; published once, never changed."""

    number = Whole()
    texts = serializers.DictField(child=serializers.CharField(), help_text="By language.")
    ratings_before = Whole(help_text="Ratings that were current when it was published.")
    acknowledged_by = Whole(help_text="Raters who still take part and have read it.")
    published_at = serializers.DateTimeField()


class TextsSchema(Schema):
    """A text in every language that a rater reads."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            code: serializers.CharField(
                required=False, allow_blank=True, max_length=LONGEST_CLARIFICATION
            )
            for code, _name in settings.LANGUAGES
        }


class NewClarificationSchema(Schema):
    """A clarification to publish."""

    number = Whole(
        min_value=1,
        max_value=2**31 - 1,
        help_text="The next one: the last clarification's plus 1. It tells that nobody else has "
        "published one meanwhile, and sent again it gives the first answer.",
    )
    texts = TextsSchema()
    questions = serializers.ListField(
        child=serializers.UUIDField(),
        default=list,
        max_length=1000,
        help_text="Open questions that it answers.",
    )


class LateFilterSchema(Schema):
    admitted = serializers.BooleanField(required=False)


class LateRatingSchema(AboutSchema):
    """A rating that came too late to count, until a coordinator admits it."""

    identifies = {"late_rating": "id"}

    late_reason = serializers.ChoiceField(choices=Rating.LateReason.values)
    submitted_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    is_outdated = serializers.BooleanField(
        help_text="The rater has scored the item again since, and that counts."
    )
    corrects = serializers.BooleanField(
        help_text="It would take the place of a rating that counts."
    )
    admitted_at = serializers.DateTimeField(allow_null=True)


class AdmissionSchema(ReasonSchema):
    """Why a late rating is to count."""
