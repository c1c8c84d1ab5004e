"""Ratings and what surrounds them. A rating is append-only; a change is a new rating."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Rating(models.Model):
    """One submission of one assignment."""

    class Channel(models.TextChoices):
        PAGE = "page", _("Page")
        API = "api", _("API")
        IMPORT = "import", _("Import")

    class LateReason(models.TextChoices):
        RATER_WITHDRAWN = "rater_withdrawn", _("The rater was withdrawn")
        STUDY_PAUSED = "study_paused", _("The study was paused")
        STUDY_CLOSED = "study_closed", _("The study was closed")
        ITEM_WITHDRAWN = "item_withdrawn", _("The item was withdrawn")
        ITEM_HIDDEN = "item_hidden", _("The item was hidden")
        REPEAT_DROPPED = "repeat_dropped", _("The repeat was dropped")
        REOPENED_TOO_LATE = "reopened_too_late", _("It was changed after too many other items")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assignment = models.ForeignKey(
        "studies.Assignment", on_delete=models.PROTECT, related_name="ratings"
    )
    protocol_version = models.ForeignKey(
        "protocols.ProtocolVersion", on_delete=models.PROTECT, related_name="ratings"
    )
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    is_current = models.BooleanField(default=True)
    # A late one stays outside tables until a coordinator admits it
    is_late = models.BooleanField(default=False)
    late_reason = models.CharField(max_length=20, choices=LateReason, blank=True)
    admitted_at = models.DateTimeField(null=True, blank=True)
    admitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    idempotency_key = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    comment = models.TextField(blank=True)

    # Time in milliseconds: active is from pixels painted to submit without pauses and absence
    active_ms = models.PositiveIntegerField()
    wall_ms = models.PositiveIntegerField()
    waiting_ms = models.PositiveIntegerField()
    viewer_state = models.JSONField(default=dict)
    language = models.CharField(max_length=12)
    # Number of the last clarification that the rater had acknowledged; 0 for none
    clarification_seen = models.PositiveIntegerField(default=0)
    reading_conditions = models.ForeignKey(
        "ReadingConditions",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="ratings",
    )
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.PAGE)
    showing = models.PositiveIntegerField(null=True, blank=True)
    # As the rater's browser says, and as the server saw it
    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(is_current=True), name="one_current_rating"
            ),
            models.UniqueConstraint(
                fields=["assignment", "idempotency_key"], name="one_rating_per_submission"
            ),
        ]
        indexes = [models.Index(fields=["assignment", "-id"])]

    def __str__(self) -> str:
        return str(self.public_id)


class Score(models.Model):
    """One criterion's value in a rating: a number, or exactly one code."""

    class Code(models.TextChoices):
        NOT_APPLICABLE = "not_applicable", _("Not applicable")
        CANNOT_JUDGE = "cannot_judge", _("Cannot judge")
        NOT_ASKED = "not_asked", _("Not asked")

    class CannotJudge(models.TextChoices):
        REGION = "region", _("The region is not in the image")
        OVERLAY = "overlay", _("The overlay is unusable")
        FIELD = "field", _("Outside my field")
        OTHER = "other", _("Other")

    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(
        "protocols.Criterion", on_delete=models.PROTECT, related_name="scores"
    )
    value = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    code = models.CharField(max_length=16, choices=Code, blank=True)
    reason = models.CharField(max_length=8, choices=CannotJudge, blank=True)
    reason_text = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rating", "criterion"], name="score_once"),
            models.CheckConstraint(
                condition=Q(value__isnull=False, code="") | (Q(value__isnull=True) & ~Q(code="")),
                name="value_or_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rating_id}/{self.criterion_id}"


class Draft(models.Model):
    """What a rater has typed and not yet submitted; the only rating data that is overwritten."""

    assignment = models.OneToOneField(
        "studies.Assignment", on_delete=models.PROTECT, related_name="draft"
    )
    content = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"draft of {self.assignment_id}"


class ProblemReport(models.Model):
    """A rater's report that something is wrong with an item, and the coordinator's decision."""

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", _("Duplicate")
        PRIVACY = "privacy", _("Privacy")
        WRONG_MASK = "wrong_mask", _("Wrong mask")
        UNREADABLE = "unreadable", _("Unreadable")
        ORIENTATION = "orientation", _("Orientation")
        OTHER = "other", _("Other")

    class Decision(models.TextChoices):
        KEEP = "keep", _("Keep the item")
        WITHDRAW = "withdraw", _("Withdraw the item")
        REPLACE = "replace", _("Withdraw the item and take the next of the reserve")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assignment = models.ForeignKey(
        "studies.Assignment", on_delete=models.PROTECT, related_name="problem_reports"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.TextField(blank=True)
    idempotency_key = models.CharField(max_length=64)
    reported_at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    decision_note = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "idempotency_key"], name="one_report_per_submission"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.kind}"


class ReadingConditions(models.Model):
    """Room and monitor, as a rater states them once for each log-in."""

    class Room(models.TextChoices):
        DIM = "dim", _("Dim")
        BRIGHT = "bright", _("Bright")

    class Monitor(models.TextChoices):
        DIAGNOSTIC = "diagnostic", _("Diagnostic monitor")
        OFFICE = "office", _("Office monitor")
        LAPTOP = "laptop", _("Laptop")
        TABLET = "tablet", _("Tablet")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reading_conditions"
    )
    room = models.CharField(max_length=8, choices=Room)
    monitor = models.CharField(max_length=12, choices=Monitor)
    # Whether the 5% patch was told from black and the 95% patch from white
    sees_dark_patch = models.BooleanField()
    sees_bright_patch = models.BooleanField()
    stated_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.room}, {self.monitor}"
