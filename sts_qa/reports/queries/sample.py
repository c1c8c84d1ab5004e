"""Counts of the sample per category: frame, drawn, withdrawn, added."""

from __future__ import annotations

from django.db.models import Count, Q

from sts_qa.studies.models import SampledItem, Study


def sample_counts(study: Study) -> dict[str, dict[str, int]]:
    """Return numbers of items by category name, and of units (slices, in a slice study).

    A volume of which some slices are withdrawn counts as withdrawn once.
    """
    counts: dict[str, dict[str, int]] = {}
    for stratum in study.strata.select_related("category"):
        row = counts.setdefault(
            stratum.category.name, dict.fromkeys(("frame", "drawn", "withdrawn", "added"), 0)
        )
        row["frame"] += stratum.frame
        row["units"] = 0
    units = (
        study.sample.filter(kind=SampledItem.Kind.MAIN)
        .values("stratum__category__name")
        .annotate(
            drawn=Count("frame_entry", distinct=True, filter=Q(added_at__isnull=True)),
            withdrawn=Count("frame_entry", distinct=True, filter=Q(withdrawn_at__isnull=False)),
            added=Count("frame_entry", distinct=True, filter=Q(added_at__isnull=False)),
            units=Count("id", filter=Q(withdrawn_at__isnull=True)),
        )
    )
    for unit in units:
        category = unit.pop("stratum__category__name")
        counts[category].update(unit)
    return counts
