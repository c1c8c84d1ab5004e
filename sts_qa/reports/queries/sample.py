"""Counts of the sample per category: frame, drawn, withdrawn, added."""

from __future__ import annotations

from django.db.models import Count, Q

from sts_qa.studies.models import SampledItem, Study

COUNTED = ("drawn", "withdrawn", "added", "units")


def sample_counts(study: Study) -> dict[str, dict[str, int]]:
    """Return numbers of items by category name, and of units (slices, in a slice study).

    A volume of which some slices are withdrawn counts as withdrawn once.
    """
    counts: dict[str, dict[str, int]] = {}
    for stratum in study.strata.select_related("category"):
        row = counts.setdefault(stratum.category.name, dict.fromkeys(("frame", *COUNTED), 0))
        row["frame"] += stratum.frame
    units = (
        study.sample.filter(kind=SampledItem.Kind.MAIN)
        .values("stratum__category__name")
        .annotate(
            drawn=Count("frame_entry", distinct=True, filter=Q(added_at__isnull=True)),
            withdrawn=Count("frame_entry", distinct=True, filter=Q(withdrawn_at__isnull=False)),
            added=Count("frame_entry", distinct=True, filter=Q(added_at__isnull=False)),
            units=Count("id", filter=Q(withdrawn_at__isnull=True)),
        )
        .values_list("stratum__category__name", *COUNTED)
    )
    for category, *numbers in units:
        counts[category] |= dict(zip(COUNTED, numbers, strict=True))
    return counts
