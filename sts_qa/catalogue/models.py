"""Datasets, categories, items, masks, and the imports that brought them in.

Import only adds: a changed file becomes a new version of its item, and nothing is ever deleted.
"""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 120
MASK_NAME_LENGTH = 80


def _salt() -> str:
    return secrets.token_hex(16)


class Dataset(models.Model):
    """A named collection of images and masks; seen by its members only."""

    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    # Sources below this folder are read in place; empty when the files were uploaded
    root = models.CharField(max_length=1000, blank=True)
    subject_salt = models.CharField(max_length=32, default=_salt, editable=False)
    is_demonstration = models.BooleanField(default=False)
    # How the images are to be seen; a study takes these over when it starts. Presets for volumes
    # and radiographs: {"name": {"en": "Bone"}, "kind": "volume", "percentiles": ["0.5", "99.5"]},
    # or "centre" and "width" in place of percentiles
    window_presets = models.JSONField(default=list, blank=True)
    values_are_hounsfield = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DatasetMember(models.Model):
    """A person who sees the dataset in the catalogue."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dataset_memberships"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.dataset_id}: {self.user_id}"


class Category(models.Model):
    """A stratum of the dataset, such as A-PXI. An empty group means a group of its own."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="categories")
    name = models.CharField(max_length=NAME_LENGTH)
    group = models.CharField(max_length=NAME_LENGTH, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    # Of radiographs, whose files rarely say: millimetres per pixel, or the height of a pixel over
    # its width; all null means square pixels of unknown size
    pixel_height_mm = models.FloatField(null=True, blank=True)
    pixel_width_mm = models.FloatField(null=True, blank=True)
    pixel_ratio = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="category_name_once")
        ]
        ordering = ["dataset", "position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class ImageKind(models.TextChoices):
    RADIOGRAPH = "radiograph", _("Radiograph")
    VOLUME = "volume", _("Volume")


class Item(models.Model):
    """One image or one volume, known by its path relative to the dataset root."""

    class State(models.TextChoices):
        PRESENT = "present", _("Present")
        UNREADABLE = "unreadable", _("Unreadable")
        MISSING = "missing", _("Missing")

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="items")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="items")
    # Relative path with "/" in Unicode normal form C; the key of the sampling frame
    key = models.CharField(max_length=700)
    kind = models.CharField(max_length=12, choices=ImageKind)
    labelled = models.BooleanField(default=False)
    attributes = models.JSONField(default=dict)
    subject = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=64, blank=True)
    # As of the last import
    state = models.CharField(max_length=12, choices=State, default=State.PRESENT)
    state_reason = models.CharField(max_length=300, blank=True)
    current_version = models.OneToOneField(
        "ItemVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "key"], name="item_key_once")]
        indexes = [models.Index(fields=["category", "labelled", "key"])]

    def __str__(self) -> str:
        return self.key


class ImportRun(models.Model):
    """One import: its plan, then its application."""

    class State(models.TextChoices):
        PLANNING = "planning", _("Planning")
        PLANNED = "planned", _("Planned")
        APPLYING = "applying", _("Applying")
        APPLIED = "applied", _("Applied")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="imports")
    root = models.CharField(max_length=1000)
    layout = models.CharField(max_length=20)
    keep_files = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State, default=State.PLANNING)
    job = models.ForeignKey(
        "jobs.Job", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Number of entries per outcome, sizes in bytes, free disk space
    summary = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.dataset_id}: import {self.pk}"


class ImportEntry(models.Model):
    """What a plan says of one file; applied entries are ticked off, so that a run can resume."""

    class Outcome(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("Unchanged")
        MISSING = "missing", _("Missing")
        ERROR = "error", _("Error")
        HELD_BACK = "held_back", _("Held back")
        IGNORED = "ignored", _("Ignored")

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="entries")
    key = models.CharField(max_length=700)
    outcome = models.CharField(max_length=12, choices=Outcome)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    # Category, mask, facts of image and mask: all that applying needs
    content = models.JSONField(default=dict)
    applied = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="import_entry_once")]
        indexes = [models.Index(fields=["run", "outcome"]), models.Index(fields=["run", "applied"])]
        verbose_name_plural = "import entries"

    def __str__(self) -> str:
        return f"{self.key}: {self.outcome}"


class FileVersion(models.Model):
    """What is known of one state of one file, whether image or mask."""

    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    # Absolute path or fsspec address of these bytes
    location = models.CharField(max_length=1500)
    shape = models.JSONField()
    dtype = models.CharField(max_length=16)
    # Millimetres per array axis; null where the file does not say
    spacing = models.JSONField(null=True)
    affine = models.JSONField(null=True)
    run = models.ForeignKey(
        ImportRun, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class MaskVersion(FileVersion):
    """One state of one mask. `name` is empty for the item's own mask, else who or what drew it."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="masks")
    name = models.CharField(max_length=MASK_NAME_LENGTH, blank=True)
    key = models.CharField(max_length=700)
    values = models.JSONField(default=list)
    nonzero = models.PositiveBigIntegerField()
    # First and last index with mask pixels along each array axis; null for an empty mask
    extent = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "name", "number"], name="mask_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.number})"


class ItemVersion(FileVersion):
    """One state of an image together with its own mask; what a sample pins."""

    class MaskError(models.TextChoices):
        NONE = "", _("No error")
        MISSING = "missing", _("The mask is missing")
        UNREADABLE = "unreadable", _("The mask cannot be read")
        SHAPE = "shape", _("Image and mask differ in size")
        AFFINE = "affine", _("Image and mask lie at different places")
        AMBIGUOUS = "ambiguous", _("More than one mask fits the image")

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="versions")
    channels = models.PositiveSmallIntegerField(default=1)
    orientation = models.CharField(max_length=3, blank=True)
    scale_slope = models.FloatField(default=1.0)
    scale_intercept = models.FloatField(default=0.0)
    notices = models.JSONField(default=list)
    mask = models.ForeignKey(
        MaskVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # An item with a mask error is held back from every frame until someone decides
    mask_error = models.CharField(max_length=12, choices=MaskError, blank=True)
    mask_error_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="item_version_once")]

    def __str__(self) -> str:
        return f"{self.item_id} ({self.number})"

    @property
    def checksum(self) -> str:
        """SHA-256 of the image, and of its mask behind a plus sign where it has one."""
        return f"{self.sha256}+{self.mask.sha256}" if self.mask else self.sha256
