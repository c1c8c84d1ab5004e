"""Protocols: versioned rubrics. The JSON content is the document; criteria are its rows."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Protocol(models.Model):
    """A rubric through all its versions."""

    slug = models.SlugField(max_length=60, unique=True)
    built_in = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class ProtocolVersion(models.Model):
    """One version; frozen for good by the first main rating given under it."""

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    checksum = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["protocol", "number"], name="protocol_version_once")
        ]
        ordering = ["protocol", "-number"]

    def __str__(self) -> str:
        return f"{self.protocol_id} {self.number}"


class Criterion(models.Model):
    """One question of a protocol version. Higher is always better."""

    class Scope(models.TextChoices):
        IMAGE = "image", _("Image")
        ANNOTATION = "annotation", _("Annotation")

    version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="criteria")
    code = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField()
    scope = models.CharField(max_length=12, choices=Scope)
    minimum = models.DecimalField(max_digits=8, decimal_places=3)
    maximum = models.DecimalField(max_digits=8, decimal_places=3)
    # Digits after the decimal point a score may have; 0 means whole numbers
    decimals = models.PositiveSmallIntegerField(default=0)
    # Ordinal criteria also report counts per level and the median
    ordinal = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="criterion_code_once")
        ]
        ordering = ["version", "position"]
        verbose_name_plural = "criteria"

    def __str__(self) -> str:
        return self.code
