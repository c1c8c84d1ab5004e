"""Ratings that were given elsewhere come into a study of their own, and nothing else ever does."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sts_qa.rating.errors import RatingError
from sts_qa.rating.models import Rating
from sts_qa.studies.models import Study


def check_not_imported(study: Study, channel: str = Rating.Channel.PAGE) -> None:
    """Refuse to rate in a study of imported ratings, and to submit as if imported in another.

    Raises
    ------
    RatingError
        In both cases.
    """
    if study.imported:
        raise RatingError("imported", _("The ratings of this study were imported; none is added."))
    # Simulated ratings of a demonstration are nobody's, and marked so in every table
    if channel == Rating.Channel.IMPORT and not study.simulated:
        raise RatingError("imported", _("Imported ratings make a study of their own."))
