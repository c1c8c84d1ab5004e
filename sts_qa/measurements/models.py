"""Values of automated metrics, with the version of the function that made them."""

from django.conf import settings
from django.db import models


class MetricRun(models.Model):
    """One computation of metrics over a dataset."""

    dataset = models.ForeignKey(
        "catalogue.Dataset", on_delete=models.PROTECT, related_name="metric_runs"
    )
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.PROTECT, related_name="+")
    metrics = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.dataset_id}: metrics {self.pk}"


class Measurement(models.Model):
    """One metric of one item version. Not applicable is a missing value with a reason, never 0."""

    item_version = models.ForeignKey(
        "catalogue.ItemVersion", on_delete=models.PROTECT, related_name="measurements"
    )
    # Null: the item's own mask or none at all; else a further mask that is compared
    mask = models.ForeignKey(
        "catalogue.MaskVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    metric = models.CharField(max_length=60)
    metric_version = models.PositiveSmallIntegerField()
    value = models.FloatField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    # Volumes: one value per axial slice, from the inferior end; null where not applicable
    slice_values = models.JSONField(null=True)
    # Volumes: quartiles, worst 5%, number of the worst slice from 0, and in the units of the file
    # the grey values that count as black, white and metal
    summary = models.JSONField(null=True)
    run = models.ForeignKey(MetricRun, on_delete=models.PROTECT, related_name="measurements")
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item_version", "metric", "metric_version"],
                condition=models.Q(mask__isnull=True),
                name="measurement_once",
            ),
            models.UniqueConstraint(
                fields=["item_version", "mask", "metric", "metric_version"],
                condition=models.Q(mask__isnull=False),
                name="mask_measurement_once",
            ),
        ]
        indexes = [models.Index(fields=["metric", "value"])]

    def __str__(self) -> str:
        return f"{self.item_version_id}: {self.metric}"
