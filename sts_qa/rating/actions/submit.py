"""Taking ratings. A score is neither lost nor counted twice, whatever is sent how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sts_qa.audit.actions import Act, record_many, study_chain
from sts_qa.protocols.actions import freeze_version
from sts_qa.rating.actions.deciding import Decided, Sent, Standing, decide, read_standing
from sts_qa.rating.actions.imported import check_not_imported
from sts_qa.rating.actions.locking import held_study, locked_membership
from sts_qa.rating.actions.submission import Submission
from sts_qa.rating.errors import NoAccess, RatingError, RowsRefused
from sts_qa.rating.models import Draft, Rating, Score
from sts_qa.rating.queries.access import may_submit_by_program
from sts_qa.rating.queries.queue import progress_of
from sts_qa.studies.models import Assignment, Membership

# Others wait for the study, on SQLite for the database, while so many are written
ROWS_AT_ONCE = 100


@dataclass(frozen=True)
class Submitted:
    """The answer to a submission: its rating, the rater's progress, and whether it is a resend."""

    rating: Rating
    progress: dict[str, int]
    is_resend: bool


@dataclass(frozen=True)
class Outcome:
    """What became of one of many submissions: its rating, or why there is none."""

    rating: Rating | None
    is_resend: bool = False
    error: RatingError | None = None


def submit_rating(
    *,
    assignment: Assignment,
    submission: Submission,
    language: str,
    acting_user: Any,
    channel: str = Rating.Channel.PAGE,
) -> Submitted:
    """Store a rating of the assignment in one transaction.

    The same submission again gets the first answer. What arrives when it no longer counts (a
    withdrawn rater, a study that is not running, an item taken away) is stored as late.

    Raises
    ------
    NoAccess
        When a person's program sends it and the study does not take that.
    InvalidSubmission
        When a score breaks the protocol, or the key was used for another submission.
    Replaced
        When the rating to be replaced is not the current one. Nothing is written.
    """
    sent = Sent(assignment.token, submission)
    with transaction.atomic():
        standing = _locked_standing(assignment.membership, [sent], acting_user, channel)
        decided = decide(standing, sent, language=language, channel=channel)
        _write([decided], standing, acting_user)
        return Submitted(decided.rating, progress_of(standing.membership), decided.is_resend)


def submit_ratings(
    *,
    membership: Membership,
    sent: Sequence[Sent],
    all_or_nothing: bool,
    language: str,
    acting_user: Any,
    channel: str,
) -> list[Outcome]:
    """Store many ratings of one rater, each as `submit_rating` would, in the order given.

    With `all_or_nothing` in one transaction. Else some at a time, each on its own: what is stored
    stays, and sending all again gets the first answers for it.

    Raises
    ------
    NoAccess
        When a person's program sends them and the study does not take that.
    RowsRefused
        With `all_or_nothing`, when some cannot be stored; none is then.
    """
    outcomes: list[Outcome] = []
    size = max(len(sent), 1) if all_or_nothing else ROWS_AT_ONCE
    for start in range(0, len(sent), size):
        some = sent[start : start + size]
        with transaction.atomic():
            standing = _locked_standing(membership, some, acting_user, channel)
            found = [_decide(standing, one, language, channel) for one in some]
            refused = {row: one for row, one in enumerate(found) if isinstance(one, RatingError)}
            if all_or_nothing and refused:
                raise RowsRefused(refused)
            _write([one for one in found if isinstance(one, Decided)], standing, acting_user)
        outcomes += map(_outcome, found)
    return outcomes


def _decide(standing: Standing, one: Sent, language: str, channel: str) -> Decided | RatingError:
    try:
        return decide(standing, one, language=language, channel=channel)
    except RatingError as error:
        return error


def _outcome(found: Decided | RatingError) -> Outcome:
    if isinstance(found, RatingError):
        return Outcome(None, error=found)
    return Outcome(found.rating, found.is_resend)


def _locked_standing(
    membership: Membership, sent: Sequence[Sent], acting_user: Any, channel: str
) -> Standing:
    study = held_study(membership.study_id)
    check_not_imported(study, channel)
    membership = locked_membership(membership.pk, study)
    if channel == Rating.Channel.API:
        check_programs_may(membership)
    return read_standing(membership, sent, acting_user)


def check_programs_may(membership: Membership) -> None:
    """Refuse ratings by a person's program where the study does not take them.

    Raises
    ------
    NoAccess
    """
    if not may_submit_by_program(membership):
        raise NoAccess(
            "program_ratings",
            _("In this study people rate on the page; their programs cannot submit ratings."),
        )


def _write(decided: Sequence[Decided], standing: Standing, acting_user: Any) -> None:
    new = [one for one in decided if not one.is_resend]
    counting = [one.rating.assignment for one in new if one.rating.is_current]
    if counting:
        _count(counting, standing.membership, acting_user)
    standing.numbering.store(acting_user, rated=counting)
    if new:
        _store(new)
        _record(new, standing.membership, acting_user)


def _store(new: Sequence[Decided]) -> None:
    superseded = [one.replaced.pk for one in new if one.replaced is not None]
    if superseded:
        Rating.objects.filter(pk__in=superseded).update(is_current=False)
    Rating.objects.bulk_create([one.rating for one in new])
    for one in new:
        for score in one.scores:
            score.rating_id = one.rating.pk
    Score.objects.bulk_create([score for one in new for score in one.scores])


def _count(assignments: Sequence[Assignment], membership: Membership, acting_user: Any) -> None:
    """Move the rater's progress and queue on by ratings that count from now.

    Of the locked rows themselves it changes the objects only: the numbering writes them once.
    """
    Draft.objects.filter(assignment__in=[one.pk for one in assignments]).delete()
    if any(one.kind == Assignment.Kind.MAIN for one in assignments):
        freeze_version(version=membership.study.protocol_version, acting_user=acting_user)
    for one in assignments:
        membership.rated_count += not one.is_rated and one.kind != Assignment.Kind.PRACTICE
        one.is_rated = True


def _record(new: Sequence[Decided], membership: Membership, acting_user: Any) -> None:
    record_many(
        chain=study_chain(membership.study_id),
        action="rating.submitted",
        acting_user=acting_user,
        acts=[Act(one.rating, _details(one.rating)) for one in new],
    )


def _details(rating: Rating) -> dict[str, Any]:
    details = {"assignment": rating.assignment_id, "body_hash": rating.body_hash}
    return {**details, "late": rating.late_reason} if rating.is_late else details
