"""Who takes part in a study, and how they are let in."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sts_qa.studies.models.study import Study

LONGEST_MODEL_NAME = 60
LONGEST_MODEL_VERSION = 40


class Membership(models.Model):
    """One person's one role in one study. It is withdrawn, never deleted."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        RATER = "rater", _("Rater")
        OBSERVER = "observer", _("Observer")

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="study_memberships"
    )
    role = models.CharField(max_length=12, choices=Role)
    # A coordinator who must also rate; printed as "unblinded raters"
    also_rates = models.BooleanField(default=False)
    # Number shown instead of the name in reports; given in random order when the study starts
    pseudonym = models.PositiveSmallIntegerField(null=True, blank=True)
    order_seed = models.PositiveBigIntegerField(null=True, blank=True)
    # Pairs of successive showings of one subject that lie closer than the repeat distance
    close_pairs = models.PositiveIntegerField(default=0)
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    only_the_rest = models.BooleanField(default=False)
    # A rater that is a program has both; a person neither
    model_name = models.CharField(max_length=LONGEST_MODEL_NAME, blank=True)
    model_version = models.CharField(max_length=LONGEST_MODEL_VERSION, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # Kept up with each submission, so that progress never counts rows; main and repeat only
    assigned_count = models.PositiveIntegerField(default=0)
    rated_count = models.PositiveIntegerField(default=0)
    # Showings so far; the rater's counter counts these
    shown_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "user"], name="one_role_per_person"),
            models.UniqueConstraint(fields=["study", "pseudonym"], name="pseudonym_once"),
            models.UniqueConstraint(
                fields=["study", "model_name", "model_version"],
                condition=~Q(model_name=""),
                name="one_program_per_version",
            ),
            models.CheckConstraint(
                condition=Q(model_name="", model_version="")
                | (~Q(model_name="") & ~Q(model_version="") & Q(role="rater", also_rates=False)),
                name="program_is_a_named_rater",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.role} {self.user_id}"

    @property
    def is_active(self) -> bool:
        return self.withdrawn_at is None

    @property
    def rates(self) -> bool:
        return self.role == self.Role.RATER or self.also_rates

    @property
    def is_program(self) -> bool:
        return bool(self.model_name)

    @property
    def is_expert(self) -> bool:
        """A person whose ratings count; a program's never do unless a report asks for it."""
        return self.rates and not self.is_program


class Invitation(models.Model):
    """A single-use link that lets a person set a password; only its hash is kept."""

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class Panel(models.Model):
    """The raters behind the tables, as chosen and recorded; the latest one holds."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="panels")
    memberships = models.ManyToManyField(Membership, related_name="panels")
    reason = models.TextField(blank=True)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    chosen_at = models.DateTimeField(auto_now_add=True)
    after_results_seen = models.BooleanField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.study_id}: panel {self.pk}"
