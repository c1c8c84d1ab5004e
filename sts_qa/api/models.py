"""Tokens with which programs log in, and the answers kept for requests that are sent again."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TOKEN_NAME_LENGTH = 120
KEY_LENGTH = 200


class Scope(models.TextChoices):
    """What a token may do; `manage` includes `read`, `rate` includes neither."""

    READ = "read", _("Read")
    RATE = "rate", _("Rate")
    MANAGE = "manage", _("Manage")


# What a rater that is a program needs and no more; the study is always the program's
PROGRAM_SCOPES = (Scope.READ, Scope.RATE)


class Token(models.Model):
    """A program's access in the name of one account; of its secret only the hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens"
    )
    name = models.CharField(max_length=TOKEN_NAME_LENGTH)
    secret_hash = models.CharField(max_length=64, unique=True)
    # The secret's first characters, by which a person knows it again
    prefix = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    # The only study whose data it reaches; null means all of the account's
    study = models.ForeignKey(
        "studies.Study", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    # To the minute
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def scope_names(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes]

    def allows(self, scope: str) -> bool:
        return scope in self.scopes or (scope == Scope.READ and Scope.MANAGE in self.scopes)


class IdempotentAnswer(models.Model):
    """What a request with an idempotency key was answered, to be answered again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=KEY_LENGTH)
    # Of method, address and body
    fingerprint = models.CharField(max_length=64)
    # Null while the request is being carried out
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"
