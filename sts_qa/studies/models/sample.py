"""The frame, the sample drawn from it, and who rates what in which order."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sts_qa.studies.models.people import Membership
from sts_qa.studies.models.study import Study


def assignment_token() -> str:
    return secrets.token_urlsafe(18)


class Stratum(models.Model):
    """One stratum of the draw, with the counts that add up from found to drawn.

    found = unreadable + missing + held back + excluded + frame
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="strata")
    category = models.ForeignKey("catalogue.Category", on_delete=models.PROTECT, related_name="+")
    # "labelled", "unlabelled" or "all"; the draw's name is "category/name"
    name = models.CharField(max_length=40)
    # The category's as it was drawn: a later import may give the category another one
    group = models.CharField(max_length=120, blank=True)
    position = models.PositiveSmallIntegerField()
    found = models.PositiveIntegerField()
    unreadable = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()
    held_back = models.PositiveIntegerField()
    excluded = models.PositiveIntegerField()
    frame = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    frame_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "category", "name"], name="stratum_once"),
            models.CheckConstraint(
                condition=Q(
                    found=models.F("unreadable")
                    + models.F("missing")
                    + models.F("held_back")
                    + models.F("excluded")
                    + models.F("frame")
                ),
                name="stratum_adds_up",
            ),
        ]
        ordering = ["study", "position"]
        verbose_name_plural = "strata"

    def __str__(self) -> str:
        return f"{self.category_id}/{self.name}"


class FrameEntry(models.Model):
    """One member of a stratum's frame, in random order: the first are drawn, the rest reserve."""

    stratum = models.ForeignKey(Stratum, on_delete=models.PROTECT, related_name="entries")
    key = models.CharField(max_length=700)
    checksum = models.CharField(max_length=130)
    item_version = models.ForeignKey(
        "catalogue.ItemVersion", on_delete=models.PROTECT, related_name="+"
    )
    # 64 random bits as digits: beyond a signed integer, and SQLite rounds decimals to 15 digits
    draw_number = models.CharField(max_length=20)
    order_number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stratum", "key"], name="frame_key_once"),
            models.UniqueConstraint(fields=["stratum", "order_number"], name="frame_order_once"),
        ]
        ordering = ["stratum", "order_number"]
        verbose_name_plural = "frame entries"

    def __str__(self) -> str:
        return self.key


class SampledItem(models.Model):
    """One unit of the sample: an item, or one axial slice of a volume."""

    class Kind(models.TextChoices):
        MAIN = "main", _("Main")
        PRACTICE = "practice", _("Practice")

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="sample")
    stratum = models.ForeignKey(Stratum, on_delete=models.PROTECT, related_name="sample")
    frame_entry = models.ForeignKey(FrameEntry, on_delete=models.PROTECT, related_name="sample")
    item_version = models.ForeignKey(
        "catalogue.ItemVersion", on_delete=models.PROTECT, related_name="sampled"
    )
    # From 0 at the inferior end; null when the unit is the whole item
    slice_index = models.PositiveIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MAIN)
    # Inclusion probability as an exact fraction
    probability_numerator = models.PositiveBigIntegerField()
    probability_denominator = models.PositiveBigIntegerField()
    # Whether annotation criteria apply; on a slice: whether it has mask pixels decides further
    labelled = models.BooleanField()
    mask_on_slice = models.BooleanField(null=True, blank=True)
    # Number that stands for the item in reports; random order
    number = models.PositiveIntegerField()
    # Taken from the reserve after the draw
    added_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawal_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "item_version"],
                condition=Q(slice_index__isnull=True),
                name="sampled_item_once",
            ),
            models.UniqueConstraint(
                fields=["study", "item_version", "slice_index"],
                condition=Q(slice_index__isnull=False),
                name="sampled_slice_once",
            ),
            models.UniqueConstraint(fields=["study", "number"], name="sampled_number_once"),
        ]
        indexes = [models.Index(fields=["study", "kind"])]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.number}"


class Assignment(models.Model):
    """One rater, one sampled item, one position in that rater's stored order."""

    class Kind(models.TextChoices):
        PRACTICE = "practice", _("Practice")
        MAIN = "main", _("Main")
        REPEAT = "repeat", _("Repeat")

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="assignments")
    sampled_item = models.ForeignKey(
        SampledItem, on_delete=models.PROTECT, related_name="assignments"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    # The stored order, never changed
    position = models.PositiveIntegerField()
    # Where it stands in the queue now: its position until it is skipped
    turn = models.PositiveIntegerField()
    # Stands for the assignment in every URL, so that no URL tells one item from another
    token = models.CharField(max_length=32, unique=True, default=assignment_token)
    is_rated = models.BooleanField(default=False)
    # Counts showings per rater from 1; set when it is first shown
    showing = models.PositiveIntegerField(null=True, blank=True)
    first_shown_at = models.DateTimeField(null=True, blank=True)
    skips = models.PositiveSmallIntegerField(default=0)
    # A repeat whose least distance could not be kept, or an item withdrawn
    dropped_at = models.DateTimeField(null=True, blank=True)
    drop_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "sampled_item", "kind"], name="assigned_once_per_kind"
            ),
            models.UniqueConstraint(fields=["membership", "position"], name="position_once"),
        ]
        indexes = [
            # Finds the next assignments whatever the size of the study
            models.Index(
                fields=["membership", "turn"],
                condition=Q(is_rated=False, dropped_at__isnull=True),
                name="assignment_queue",
            )
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.position}"


class KeptFile(models.Model):
    """Bytes kept for a study from its start until it is closed."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="kept_files")
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    # Below the data folder: the file itself for radiographs, the store file for volumes
    path = models.CharField(max_length=300)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "path"], name="kept_once")]

    def __str__(self) -> str:
        return self.path
