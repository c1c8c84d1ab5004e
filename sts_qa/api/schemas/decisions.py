"""Screening decisions as the API tells them."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.screening.actions import NOTE_LENGTH
from sts_qa.screening.models import ScreeningDecision

MOST_DECISIONS = 500
OUTCOMES = ScreeningDecision.Outcome.values
REASONS = ScreeningDecision.Reason.values


class NewDecisionSchema(Schema):
    """Keep or exclude, with the reason."""

    outcome = serializers.ChoiceField(choices=OUTCOMES)
    reason = serializers.ChoiceField(choices=REASONS)
    note = serializers.CharField(
        max_length=NOTE_LENGTH,
        default="",
        allow_blank=True,
        help_text="Needed where the reason is `other`.",
    )
    version = Whole(
        required=False,
        help_text="Number of the version that was looked at; refused when there is a newer one.",
    )


class ItemDecisionSchema(NewDecisionSchema):
    """The same, naming the item."""

    item = Whole(help_text="Id of the item.")


class NewDecisionsSchema(Schema):
    """Decisions on several items."""

    decisions = ItemDecisionSchema(
        many=True, allow_empty=False, min_length=1, max_length=MOST_DECISIONS
    )
    dry_run = serializers.BooleanField(
        default=False, help_text="Only say what would become of each; nothing is written."
    )


class DecisionFilterSchema(Schema):
    """Which decisions are listed."""

    outcome = serializers.ChoiceField(choices=OUTCOMES, required=False)
    reason = serializers.ChoiceField(choices=REASONS, required=False)
    holds = serializers.BooleanField(
        required=False, help_text="Only those that hold, or only those that hold no longer."
    )


class DecisionSchema(Schema):
    """One decision on one item."""

    identifies = {"item_id": "item"}

    id = Whole(source="decision.pk")
    item = Whole(source="decision.item_id")
    key = serializers.CharField(source="decision.item.key")
    version = Whole(allow_null=True, help_text="Number of the version that it was taken on.")
    outcome = serializers.ChoiceField(source="decision.outcome", choices=OUTCOMES)
    reason = serializers.ChoiceField(source="decision.reason", choices=REASONS)
    note = serializers.CharField(source="decision.note")
    decided_by = serializers.CharField(source="decision.decided_by.username")
    decided_at = serializers.DateTimeField(source="decision.decided_at")
    holds = serializers.BooleanField(help_text="Whether it is the latest one of its item.")


class DecisionResultSchema(Schema):
    """What became of one of several decisions."""

    item = Whole()
    status = serializers.ChoiceField(
        choices=["decided", "unchanged", "refused"],
        help_text="`unchanged`: the same person has decided so already, in the same words.",
    )
    detail = serializers.CharField(help_text="Why it was refused; else empty.")
    decision = DecisionSchema(allow_null=True, help_text="Null when refused, or in a dry run.")


class DecisionResultsSchema(Schema):
    """What became of each decision, in the order in which they were sent."""

    results = DecisionResultSchema(many=True)
