"""A person's decisions on what belongs in the dataset."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ScreeningDecision(models.Model):
    """Keep or exclude, with a reason. Append-only: the latest one of an item holds."""

    class Outcome(models.TextChoices):
        EXCLUDE = "exclude", _("Exclude")
        KEEP = "keep", _("Keep")

    class Reason(models.TextChoices):
        INVALID = "invalid", _("Invalid or incomplete")
        DUPLICATE = "duplicate", _("Duplicate")
        OUTLIER = "outlier", _("Outlier")
        PRIVACY = "privacy", _("Privacy information not fully removed")
        POOR_QUALITY = "poor_quality", _("Poor quality")
        MASK = "mask", _("Mask")
        OTHER = "other", _("Other")

    item = models.ForeignKey(
        "catalogue.Item", on_delete=models.PROTECT, related_name="screening_decisions"
    )
    # What the person saw; a decision to keep a held-back item holds for this version only
    item_version = models.ForeignKey(
        "catalogue.ItemVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=16, choices=Reason)
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["item", "-id"])]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.outcome}"
