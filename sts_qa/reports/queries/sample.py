"""Counts of the sample per category: frame, drawn, withdrawn, added."""

from __future__ import annotations

from django.db.models import Count, Q

from sts_qa.studies.models import SampledItem, Study


def sample_counts(study: Study) -> dict[str, dict[str, int]]:
    """Return the numbers of units by category name; slices count as units in a slice study."""
    counts: dict[str, dict[str, int]] = {}
    for stratum in study.strata.select_related("category"):
        row = counts.setdefault(
            stratum.category.name, {"frame": 0, "drawn": 0, "withdrawn": 0, "added": 0}
        )
        row["frame"] += stratum.frame
    units = (
        study.sample.filter(kind=SampledItem.Kind.MAIN)
        .values("stratum__category__name")
        .annotate(
            drawn=Count("id", filter=Q(added_at__isnull=True)),
            withdrawn=Count("id", filter=Q(withdrawn_at__isnull=False)),
            added=Count("id", filter=Q(added_at__isnull=False)),
        )
    )
    for unit in units:
        row = counts[unit["stratum__category__name"]]
        for name in ("drawn", "withdrawn", "added"):
            row[name] = unit[name]
    return counts
