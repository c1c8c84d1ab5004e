"""Questions of raters, and the clarifications that answer them for everybody."""

import uuid

from django.conf import settings
from django.db import models


class Clarification(models.Model):
    """What the coordinators explain to every rater; published once, never changed.

    It explains: criteria, ranges and bands stay as the protocol has them.
    """

    study = models.ForeignKey(
        "studies.Study", on_delete=models.PROTECT, related_name="clarifications"
    )
    # From 1 within the study
    number = models.PositiveIntegerField()
    # By language: {"en": "...", "zh-hans": "..."}
    texts = models.JSONField()
    # Main and repeat ratings that were current at that moment
    ratings_before = models.PositiveIntegerField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="clarification_number_once")
        ]
        ordering = ["study", "number"]

    def __str__(self) -> str:
        return f"{self.study_id}: clarification {self.number}"


class Acknowledgement(models.Model):
    """A rater has read a clarification."""

    clarification = models.ForeignKey(
        Clarification, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    membership = models.ForeignKey(
        "studies.Membership", on_delete=models.PROTECT, related_name="acknowledgements"
    )
    acknowledged_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clarification", "membership"], name="acknowledged_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clarification_id}: {self.membership_id}"


class Question(models.Model):
    """A rater's question to the coordinators, who alone see it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assignment = models.ForeignKey(
        "studies.Assignment", on_delete=models.PROTECT, related_name="questions"
    )
    text = models.TextField()
    idempotency_key = models.CharField(max_length=64)
    asked_at = models.DateTimeField(auto_now_add=True)
    clarification = models.ForeignKey(
        Clarification, null=True, blank=True, on_delete=models.PROTECT, related_name="questions"
    )
    # Settled without a clarification, and why
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closing_note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "idempotency_key"], name="one_question_per_submission"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}: question"

    @property
    def is_settled(self) -> bool:
        return self.clarification_id is not None or self.closed_at is not None
