"""How far each rater is, for the coordinator. Nothing here tells a score."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Min, Q
from django.utils import timezone

from sts_qa.catalogue.models import Category
from sts_qa.rating.models import Rating
from sts_qa.studies.models import Assignment, Membership, Study
from sts_qa.studies.queries.programs import program_label

MILLISECONDS = 1000
# A first session says nothing of the nights and days off between sessions
SHORTEST_SPAN = timedelta(days=1)


@dataclass(frozen=True)
class Done:
    """Ratings given of those due."""

    done: int
    total: int


@dataclass(frozen=True)
class RaterProgress:
    """One rater's completeness and pace; a program has no finish to estimate."""

    membership: Membership
    label: str
    overall: Done
    categories: list[Done]
    # For want of their distance; they are no part of the counts
    dropped_repeats: int
    median_seconds: float | None
    hours_left: float | None
    finish: datetime | None


def study_categories(study: Study) -> list[Category]:
    """Return the categories of the sample in the dataset's order."""
    return list(
        Category.objects.filter(pk__in=study.strata.values("category")).order_by("position", "name")
    )


def rater_progress(study: Study) -> list[RaterProgress]:
    """Return every rater of a started study: people, then programs, the withdrawn ones last."""
    categories = study_categories(study)
    counts = _counts_by_category(study)
    seconds = _active_seconds(study)
    first = _first_ratings(study)
    dropped = _dropped_repeats(study)
    members = study.memberships.filter(pseudonym__isnull=False).select_related("user")
    ordered = sorted(
        members,
        key=lambda member: (member.is_program, member.withdrawn_at is not None, str(member.user)),
    )
    return [
        _progress(
            membership,
            [counts.get((membership.pk, category.pk), Done(0, 0)) for category in categories],
            dropped.get(membership.pk, 0),
            seconds.get(membership.pk, []),
            first.get(membership.pk),
        )
        for membership in ordered
    ]


def _progress(
    membership: Membership,
    categories: list[Done],
    dropped_repeats: int,
    seconds: list[float],
    first: datetime | None,
) -> RaterProgress:
    overall = Done(membership.rated_count, membership.assigned_count)
    left = overall.total - overall.done
    typical = median(seconds) if seconds else None
    return RaterProgress(
        membership=membership,
        label=program_label(membership) if membership.is_program else str(membership.user),
        overall=overall,
        categories=categories,
        dropped_repeats=dropped_repeats,
        median_seconds=typical,
        hours_left=None if typical is None else left * typical / 3600,
        finish=_finish(membership, overall, first, left),
    )


def _finish(
    membership: Membership, overall: Done, first: datetime | None, left: int
) -> datetime | None:
    """Return when the rest would be done at the pace since the first rating, nights included."""
    if first is None or not overall.done or left <= 0 or membership.withdrawn_at is not None:
        return None
    if membership.is_program:
        return None
    now = timezone.now()
    per_rating = max(now - first, SHORTEST_SPAN) / overall.done
    return now + left * per_rating


def _counts_by_category(study: Study) -> dict[tuple[int, int], Done]:
    rows = (
        Assignment.objects.filter(membership__study=study, dropped_at__isnull=True)
        .exclude(kind=Assignment.Kind.PRACTICE)
        .values("membership", "sampled_item__stratum__category")
        .annotate(total=Count("pk"), done=Count("pk", filter=Q(is_rated=True)))
        .order_by()
    )
    return {
        (row["membership"], row["sampled_item__stratum__category"]): Done(row["done"], row["total"])
        for row in rows
    }


def _dropped_repeats(study: Study) -> dict[int, int]:
    rows = (
        Assignment.objects.filter(
            membership__study=study,
            kind=Assignment.Kind.REPEAT,
            drop_reason="repeat_distance",
        )
        .values("membership")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return dict(rows.values_list("membership", "count"))


def _active_seconds(study: Study) -> dict[int, list[float]]:
    """Return the active times by membership; who submits by a program may state none, sent as 0."""
    seconds: dict[int, list[float]] = defaultdict(list)
    times = (
        counting_ratings(study)
        .filter(active_ms__gt=0)
        .values_list("assignment__membership", "active_ms")
    )
    for membership_id, milliseconds in times.iterator(chunk_size=5000):
        seconds[membership_id].append(milliseconds / MILLISECONDS)
    return seconds


def _first_ratings(study: Study) -> dict[int, datetime]:
    rows = counting_ratings(study).values("assignment__membership").annotate(at=Min("received_at"))
    return {row["assignment__membership"]: row["at"] for row in rows.order_by()}


def counting_ratings(study: Study):
    """Return the current ratings of main items and repeats that are still in the sample."""
    return Rating.objects.filter(
        assignment__membership__study=study,
        assignment__dropped_at__isnull=True,
        is_current=True,
    ).exclude(assignment__kind=Assignment.Kind.PRACTICE)
