"""Signs of careless rating that tell no score, so that they may show while results are sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from django.db.models import Count, Q

from sts_qa.rating.models import Score
from sts_qa.studies.models import Assignment, Study

ScoreRow = tuple[tuple[int, Decimal | None, str], ...]


@dataclass
class RaterFlags:
    """Counts over one rater's current ratings; percentages are None without anything to count."""

    ratings: int = 0
    longest_run: int = 0
    with_several_scores: int = 0
    with_one_value: int = 0
    asked_scores: int = 0
    not_judged: int = 0
    shown: int = 0
    skipped: int = 0

    @property
    def percent_one_value(self) -> float | None:
        """Items with the same value in all fields, of those with two numbers or more."""
        return _percent(self.with_one_value, self.with_several_scores)

    @property
    def percent_cannot_judge(self) -> float | None:
        return _percent(self.not_judged, self.asked_scores)

    @property
    def percent_skipped(self) -> float | None:
        return _percent(self.skipped, self.shown)


def rater_flags(study: Study) -> dict[int, RaterFlags]:
    """Return the flags of every rater by membership id, streaming scores in the order shown."""
    flags: dict[int, RaterFlags] = {}
    for membership_id, rows in groupby(_score_rows(study), key=itemgetter(0)):
        flags[membership_id] = _flags_of(row for _, row in rows)
    for membership_id, shown, skipped in _skips(study):
        entry = flags.setdefault(membership_id, RaterFlags())
        entry.shown, entry.skipped = shown, skipped
    return flags


def _score_rows(study: Study) -> Iterator[tuple[int, ScoreRow]]:
    """Yield (membership id, the scores of one rating), rater by rater in the order shown."""
    scores = (
        Score.objects.filter(
            rating__assignment__membership__study=study,
            rating__assignment__dropped_at__isnull=True,
            rating__is_current=True,
        )
        .exclude(rating__assignment__kind=Assignment.Kind.PRACTICE)
        .order_by(
            "rating__assignment__membership",
            "rating__showing",
            "rating",
            "criterion__position",
        )
        .values_list(
            "rating__assignment__membership", "rating", "criterion__position", "value", "code"
        )
    )
    for (membership_id, _), group in groupby(
        scores.iterator(chunk_size=5000), key=itemgetter(0, 1)
    ):
        yield membership_id, tuple((position, value, code) for *_, position, value, code in group)


def _flags_of(rows: Iterator[ScoreRow]) -> RaterFlags:
    flags = RaterFlags()
    for row, equal in groupby(rows):
        run = sum(1 for _ in equal)
        flags.longest_run = max(flags.longest_run, run)
        values = [value for _, value, _ in row if value is not None]
        not_judged = sum(code == Score.Code.CANNOT_JUDGE for *_, code in row)
        flags.ratings += run
        flags.asked_scores += run * (len(values) + not_judged)
        flags.not_judged += run * not_judged
        if len(values) > 1:
            flags.with_several_scores += run
            flags.with_one_value += run * (len(set(values)) == 1)
    return flags


def _skips(study: Study):
    return (
        Assignment.objects.filter(membership__study=study, first_shown_at__isnull=False)
        .exclude(kind=Assignment.Kind.PRACTICE)
        .values("membership")
        .annotate(shown=Count("pk"), skipped=Count("pk", filter=Q(skips__gt=0)))
        .order_by()
        .values_list("membership", "shown", "skipped")
    )


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
