"""Pausing, resuming, closing, and seeing results before closing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.audit.actions import record, study_chain
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Membership, Study


def pause_study(*, study: Study, acting_user: Any) -> Study:
    return _change_state(study, acting_user, {Study.State.RUNNING}, Study.State.PAUSED, "paused")


def resume_study(*, study: Study, acting_user: Any) -> Study:
    return _change_state(study, acting_user, {Study.State.PAUSED}, Study.State.RUNNING, "resumed")


def close_study(*, study: Study, acting_user: Any) -> Study:
    """Close for good, complete or not; results are open from here on, kept bytes are released."""
    with transaction.atomic():
        closed = _change_state(
            study,
            acting_user,
            {Study.State.RUNNING, Study.State.PAUSED},
            Study.State.CLOSED,
            "closed",
        )
        closed.closed_at = timezone.now()
        closed.save(update_fields=["closed_at"])
        closed.kept_files.update(released_at=closed.closed_at)
    return closed


def unseal_results(*, study: Study, reason: str, acting_user: Any) -> Study:
    """Open results before closing; every table says from then on how many ratings there were.

    Raises
    ------
    StudyError
        When no reason is given, or the study was not started, is closed or unsealed already.
    """
    if not reason.strip():
        raise StudyError(_("Say why the results must be seen before the study is closed."))
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        if study.started_at is None:
            raise StudyError(_("This study was not started; there are no results to unseal."))
        if not study.is_sealed:
            raise StudyError(_("The results of this study are open already."))
        done, due = rating_counts(study)
        by_programs, due_by_programs = program_rating_counts(study)
        study.unsealed_at = timezone.now()
        study.unsealed_by = acting_user
        study.ratings_at_unsealing = done
        study.ratings_due_at_unsealing = due
        study.program_ratings_at_unsealing = by_programs
        study.program_ratings_due_at_unsealing = due_by_programs
        study.save(
            update_fields=[
                "unsealed_at",
                "unsealed_by",
                "ratings_at_unsealing",
                "ratings_due_at_unsealing",
                "program_ratings_at_unsealing",
                "program_ratings_due_at_unsealing",
            ]
        )
        record(
            chain=study_chain(study.pk),
            action="results.unsealed",
            acting_user=acting_user,
            subject=study,
            details={
                "ratings": done,
                "due": due,
                "program_ratings": by_programs,
                "program_due": due_by_programs,
            },
            note=reason,
        )
    return study


def rating_counts(study: Study) -> tuple[int, int]:
    """Return the ratings given and due, of people who are not withdrawn."""
    return _counts(study.memberships.filter(model_name=""))


def program_rating_counts(study: Study) -> tuple[int, int]:
    """Return the ratings given and due, of programs that are not withdrawn.

    Only tables that hold ratings of programs depend on them to call a study complete.
    """
    return _counts(study.memberships.exclude(model_name=""))


def _counts(memberships: QuerySet[Membership]) -> tuple[int, int]:
    counts = memberships.filter(withdrawn_at__isnull=True).aggregate(
        done=Sum("rated_count"), due=Sum("assigned_count")
    )
    return counts["done"] or 0, counts["due"] or 0


def _change_state(
    study: Study, acting_user: Any, allowed: set[str], state: str, verb: str
) -> Study:
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        if study.state not in allowed:
            raise StudyError(
                _("This study is %(state)s; that cannot be done now.")
                % {"state": Study.State(study.state).label.lower()}
            )
        done, due = rating_counts(study)
        study.state = state
        study.save(update_fields=["state"])
        record(
            chain=study_chain(study.pk),
            action=f"study.{verb}",
            acting_user=acting_user,
            subject=study,
            details={"ratings": done, "due": due},
        )
    return study
