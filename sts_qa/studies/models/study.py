"""A study: a dataset, a protocol, raters, a sampling plan and its settings."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 120


class Study(models.Model):
    """Its plan may change while it is a draft; once started only recorded acts change it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        CLOSED = "closed", _("Closed")

    class Unit(models.TextChoices):
        ITEM = "item", _("Image or volume")
        SLICE = "slice", _("Axial slice")

    class Stratification(models.TextChoices):
        LABELLED = "labelled", _("Labelled and unlabelled apart")
        NONE = "none", _("Simple random within the category")

    class Order(models.TextChoices):
        RADIOGRAPHS_FIRST = "radiographs_first", _("Radiographs first, then volumes")
        MIXED = "mixed", _("Mixed")

    class ViewPolicy(models.TextChoices):
        FREE = "free", _("Standard view first, then free")
        LOCKED = "locked", _("Standard view only: window and inversion stay as they are")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    dataset = models.ForeignKey(
        "catalogue.Dataset", on_delete=models.PROTECT, related_name="studies"
    )
    protocol_version = models.ForeignKey(
        "protocols.ProtocolVersion", on_delete=models.PROTECT, related_name="studies"
    )
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)

    # Sampling plan; `sizes` holds exact decimals as text, per category or "category/stratum":
    # {"A-PXI": {"fraction": "0.30"}, "C-PXI/labelled": {"number": 50}}
    unit = models.CharField(max_length=8, choices=Unit, default=Unit.ITEM)
    stratification = models.CharField(
        max_length=12, choices=Stratification, default=Stratification.LABELLED
    )
    fraction = models.DecimalField(max_digits=9, decimal_places=8, default="0.30")
    sizes = models.JSONField(default=dict, blank=True)
    slices_per_volume = models.PositiveSmallIntegerField(default=3)
    slices_within_mask = models.BooleanField(default=False)
    seed = models.PositiveBigIntegerField()
    algorithm_version = models.CharField(max_length=12, blank=True)
    # Number of items per reason at the draw, per stratum, lives in Stratum
    frame_hash = models.CharField(max_length=64, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)

    # Design; null means that every rater rates every item
    raters_per_item = models.PositiveSmallIntegerField(null=True, blank=True)
    order = models.CharField(max_length=20, choices=Order, default=Order.RADIOGRAPHS_FIRST)
    practice_items = models.PositiveSmallIntegerField(default=5)
    repeat_share = models.DecimalField(max_digits=5, decimal_places=4, default=0)
    repeat_distance = models.PositiveIntegerField(default=50)
    gate_skips_rest = models.BooleanField(default=False)
    coordinators_may_rate = models.BooleanField(default=False)
    # Otherwise a person's token cannot submit; raters that are programs always may
    allows_program_ratings = models.BooleanField(default=False)
    view_policy = models.CharField(max_length=8, choices=ViewPolicy, default=ViewPolicy.FREE)
    # A window set by a rater holds for the next items of the same image kind
    carries_window = models.BooleanField(default=False)
    # The dataset's settings for viewing as they were at the start: see `studies.queries.viewing`
    viewing = models.JSONField(default=dict, blank=True)
    seconds_per_radiograph = models.PositiveIntegerField(default=30)
    seconds_per_slice = models.PositiveIntegerField(default=30)
    seconds_per_volume = models.PositiveIntegerField(default=180)

    # Results are sealed until the study is closed, unless live from the start or unsealed on record
    live_results = models.BooleanField(default=False)
    unsealed_at = models.DateTimeField(null=True, blank=True)
    unsealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ratings_at_unsealing = models.PositiveIntegerField(null=True, blank=True)
    ratings_due_at_unsealing = models.PositiveIntegerField(null=True, blank=True)
    # Of programs, for the tables that hold their ratings; null also where they were not counted yet
    program_ratings_at_unsealing = models.PositiveIntegerField(null=True, blank=True)
    program_ratings_due_at_unsealing = models.PositiveIntegerField(null=True, blank=True)

    simulated = models.BooleanField(default=False)
    imported = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "studies"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sealed(self) -> bool:
        return not (
            self.live_results or self.unsealed_at is not None or self.state == self.State.CLOSED
        )
