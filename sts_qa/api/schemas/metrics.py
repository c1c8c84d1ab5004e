"""Automated metrics as the API tells them."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.catalogue.models import ImageKind
from sts_qa.measurements.export_tables import SHAPES
from sts_qa.measurements.exports import FORMATS
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.metrics.table.entry import Family

DIRECTIONS = ["up", "down", "none"]


class NewMetricsSchema(Schema):
    """Which metrics are to be computed."""

    only = serializers.ListField(
        child=serializers.ChoiceField(choices=list(METRICS)),
        required=False,
        allow_empty=False,
        max_length=len(METRICS),
        help_text="By default all that apply.",
    )


class MissingSchema(Schema):
    """How many items have no value, and why."""

    reason = serializers.CharField(help_text="Stable, in English.")
    count = Whole()


class NamedMetricSchema(Schema):
    """What is known of a metric."""

    metric = serializers.CharField(source="about.name")
    version = Whole(source="about.version", help_text="Of the function that computes it.")
    family = serializers.ChoiceField(
        source="about.family", choices=[family.value for family in Family]
    )
    label = serializers.CharField()
    unit = serializers.CharField(source="about.unit", help_text="1: a pure number.")
    direction = serializers.ChoiceField(
        source="about.direction", choices=DIRECTIONS, help_text="Which way is better."
    )
    mask = serializers.CharField(
        help_text="Name of the further mask that the item's own is compared with; else empty."
    )


class MetricSummarySchema(NamedMetricSchema):
    """The values of one metric over a category; null where there is no value."""

    count = Whole(help_text="Number of items with a value.")
    lowest = serializers.FloatField(allow_null=True)
    quartile_1 = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True)
    quartile_3 = serializers.FloatField(allow_null=True)
    highest = serializers.FloatField(allow_null=True)
    missing = MissingSchema(many=True, help_text="The commonest reason first.")


class CategoryMetricsSchema(Schema):
    """The metrics of one category."""

    category = serializers.CharField()
    items = Whole()
    metrics = MetricSummarySchema(many=True)


class MetricsSchema(Schema):
    """The metrics of a dataset at a glance."""

    is_computing = serializers.BooleanField(help_text="Whether a job computes them or waits.")
    categories = CategoryMetricsSchema(many=True)


class ValuesQuerySchema(Schema):
    """Which values are listed, and as what."""

    metric = serializers.ChoiceField(choices=list(METRICS), required=False)
    category = serializers.CharField(required=False, help_text="Name of a category.")
    format = serializers.ChoiceField(
        choices=list(FORMATS),
        required=False,
        help_text="All values as a file, on record; `Accept` may ask for it too.",
    )
    shape = serializers.ChoiceField(
        choices=list(SHAPES),
        required=False,
        help_text="Of a file: one row per value (`long`, the default) or per item (`wide`).",
    )


class SlicesSchema(Schema):
    """The values of a volume's axial slices, and the file's grey values on which they stand."""

    counted = Whole(source="slices", help_text="Number of slices with a value.")
    quartile_1 = serializers.FloatField(allow_null=True)
    quartile_3 = serializers.FloatField(allow_null=True)
    worst_5_percent = serializers.FloatField(allow_null=True)
    worst_slice = Whole(allow_null=True, help_text="From the inferior end, from 1.")
    black = serializers.FloatField(
        allow_null=True, help_text="Measured as 0: percentile 0.5 of the volume."
    )
    white = serializers.FloatField(
        allow_null=True, help_text="Measured as 255: percentile 99.5 of the volume."
    )
    metal_level = serializers.FloatField(allow_null=True, help_text="Above it is metal.")


class ValueSchema(Schema):
    """One metric of one item; without a value, the reason."""

    identifies = {"item_id": "item"}

    item = Whole(help_text="Id of the item.")
    key = serializers.CharField()
    category = serializers.CharField()
    kind = serializers.ChoiceField(choices=ImageKind.values)
    labelled = serializers.BooleanField()
    metric = serializers.CharField()
    metric_version = Whole()
    value = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(help_text="Stable, in English; empty where there is a value.")
    unit = serializers.CharField()
    mask = serializers.CharField(
        help_text="Name of the further mask that the item's own is compared with; else empty."
    )
    slices = SlicesSchema(allow_null=True, help_text="Of a volume's slices, where there are any.")


class ItemMetricSchema(NamedMetricSchema):
    """One metric of an item with its place in the item's category."""

    value = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(help_text="Stable, in English; empty where there is a value.")
    percentile = serializers.FloatField(
        allow_null=True, help_text="Place among the values of the category, 0 to 100."
    )
    slices = SlicesSchema(allow_null=True, help_text="Of a volume's slices, where there are any.")
