"""What tables say of ratings that were given elsewhere."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _

from sts_qa.rating.models import Rating
from sts_qa.studies.models import Study


def imported_note() -> str:
    return _("Imported ratings: not collected with this program.")


def imported_origin(study: Study) -> dict[str, str]:
    """Return the provenance lines in place of those on the drawing, which nobody knows."""
    day = study.created_at.date().isoformat()
    text = _("not collected with this program; imported on %s; how items were chosen is not known")
    return {_("Imported ratings"): text % day}


def is_time_known(rating: Rating, study: Study) -> bool:
    """Say whether an imported rating says when it was given; else it has the moment of import."""
    return study.closed_at is None or rating.submitted_at < study.closed_at


def days_of_ratings(study: Study) -> tuple[datetime | None, datetime | None]:
    """Return when the first and the last of the ratings were given, as far as the file says."""
    times = _ratings(study).filter(submitted_at__lt=study.closed_at)
    ends = times.aggregate(first=Min("submitted_at"), last=Max("submitted_at"))
    return ends["first"], ends["last"]


def _ratings(study: Study) -> QuerySet[Rating]:
    return Rating.objects.filter(assignment__sampled_item__study=study)
