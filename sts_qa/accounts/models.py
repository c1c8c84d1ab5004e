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
