"""The event log: append-only, one hash chain per study, per dataset and for the installation."""

from django.db import models

INSTALLATION = "installation"


class Chain(models.Model):
    """Head of one chain; locked while an event is added to it."""

    name = models.CharField(max_length=64, unique=True)
    length = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return self.name


class AppendOnly(models.QuerySet):
    """Rows that are added and read, and nothing else."""

    def update(self, **values):
        raise TypeError("The event log is append-only: events cannot be changed.")

    def delete(self):
        raise TypeError("The event log is append-only: events cannot be deleted.")


class Event(models.Model):
    """One recorded act. People and objects are named by opaque id only, never by name.

    Free text stands beside the chain: blanked by law or court order, it leaves the chain whole.
    """

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=36, blank=True)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    details = models.JSONField()
    # What a person wrote; may name somebody, so only its salted hash is in the details
    note = models.TextField(blank=True)
    note_salt = models.CharField(max_length=32, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = AppendOnly.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="event_number_once")
        ]
        indexes = [models.Index(fields=["object_type", "object_id"])]
        ordering = ["chain", "number"]

    def __str__(self) -> str:
        return f"{self.chain_id}/{self.number} {self.action}"

    def save(self, *args, **kwargs):
        if self.pk is not None:
            raise TypeError("The event log is append-only: an event cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("The event log is append-only: an event cannot be deleted.")
