"""People who log in."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person; named by `opaque_id` wherever a record must outlive the name."""

    opaque_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    language = models.CharField(max_length=12, blank=True)
    theme = models.CharField(max_length=8, default="auto")
    # Which text of the notice on what is recorded the person accepted, and when
    notice_version = models.PositiveSmallIntegerField(default=0)
    notice_accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("can_coordinate", _("Can import data, write protocols and create studies"))]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class LogInFailure(models.Model):
    """Failed log-ins in a row under one name, whether or not an account has it."""

    # HMAC of the name: what people type there by mistake may be a password
    name_hash = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name_hash[:8]}: {self.count}"
