"""Who may rate what. Every page and endpoint of a rater goes through these."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sts_qa.rating.errors import NoAccess
from sts_qa.studies.models import Assignment, Membership, Study

CLOSED_DOORS = {
    "withdrawn": gettext_lazy(
        "You no longer take part in this study. What you have submitted is kept."
    ),
    Study.State.DRAFT: gettext_lazy("This study has not started yet."),
    Study.State.PAUSED: gettext_lazy("This study is paused. What you have submitted is kept."),
    Study.State.CLOSED: gettext_lazy("This study is closed. What you have submitted is kept."),
}

# What `check_shown` lets through, for queries
NOT_TAKEN_OUT = Q(
    sampled_item__hidden_at__isnull=True,
    sampled_item__withdrawn_at__isnull=True,
    dropped_at__isnull=True,
)


def rating_membership_or_404(user: Any, public_id: Any) -> Membership:
    """Return the person's membership as a rater, also when withdrawn or not yet started.

    Raises
    ------
    Http404
        When the study does not exist or the person has nothing to do with it.
    PermissionDenied
        When the person takes part in it without rating.
    """
    membership = (
        Membership.objects.select_related("study__protocol_version")
        .filter(study__public_id=public_id, user=user)
        .first()
    )
    if membership is None:
        raise Http404
    if not membership.rates:
        raise PermissionDenied
    return membership


def own_assignment_or_404(user: Any, token: str) -> Assignment:
    """Return the person's own assignment, whatever the state of study, person and item."""
    assignment = (
        Assignment.objects.select_related(
            "membership__study__protocol_version",
            "sampled_item__item_version__item",
            "sampled_item__item_version__mask",
        )
        .filter(token=token, membership__user=user)
        .first()
    )
    if assignment is None:
        raise Http404
    return assignment


def viewed_assignment_or_404(user: Any, token: str) -> Assignment:
    """Return the person's own assignment with what showing its pixels needs and nothing more.

    Dozens are asked for with every volume, and most of the time of `own_assignment_or_404` goes
    into columns that pixels do not need.
    """
    found = list(_VIEWED.filter(token=token, membership__user=user))
    if not found:
        raise Http404
    return found[0]


_VIEWED = Assignment.objects.select_related(
    "membership__study",
    "sampled_item__item_version__item",
    "sampled_item__item_version__mask",
).only(
    *("token", "kind", "showing", "is_rated", "dropped_at"),
    *(f"membership__{name}" for name in ("withdrawn_at", "shown_count")),
    *(f"membership__study__{name}" for name in ("state", "repeat_share", "repeat_distance")),
    *(f"sampled_item__{name}" for name in ("hidden_at", "withdrawn_at", "slice_index", "labelled")),
    *(
        f"sampled_item__item_version__{name}"
        for name in ("sha256", "location", "shape", "dtype", "affine")
    ),
    "sampled_item__item_version__item__kind",
    "sampled_item__item_version__mask__sha256",
    "sampled_item__item_version__mask__location",
)


def submitted_assignment_or_404(user: Any, token: str) -> Assignment:
    """Return the person's own assignment as submitting takes it: the rest is read under lock."""
    found = list(_SUBMITTED.filter(token=token, membership__user=user))
    if not found:
        raise Http404
    return found[0]


_SUBMITTED = Assignment.objects.select_related("membership").only("token", "membership__study")


def may_submit_by_program(membership: Membership) -> bool:
    """Say whether ratings sent by a program count as this rater's.

    A rater that is a program has no other way; a person's program only where the study allows it.
    """
    return membership.is_program or membership.study.allows_program_ratings


def closed_door(membership: Membership) -> str:
    """Return why the rater cannot rate now (a key of `CLOSED_DOORS`), or an empty string."""
    if not membership.is_active:
        return "withdrawn"
    state = membership.study.state
    return "" if state == Study.State.RUNNING else state


def check_open(membership: Membership, *, or_paused: bool = False) -> None:
    """Let only active raters of a running study go on, with `or_paused` of a paused one too."""
    door = closed_door(membership)
    if door and not (or_paused and door == Study.State.PAUSED):
        raise NoAccess(door, str(CLOSED_DOORS[door]))


def is_taken_out(membership: Membership, token: str) -> bool:
    """Say whether the item that the rater has on screen was taken out meanwhile."""
    return membership.assignments.filter(token=token).exclude(NOT_TAKEN_OUT).exists()


def check_shown(assignment: Assignment) -> None:
    """Let nobody see an item that is hidden or withdrawn.

    A repeat that was dropped is gone in the same way: told from a withdrawn item, it would be known
    to be a repeat.
    """
    unit = assignment.sampled_item
    if unit.hidden_at or unit.withdrawn_at or assignment.dropped_at:
        raise Http404


def may_reopen(assignment: Assignment, membership: Membership) -> bool:
    """Say whether an own rating may be looked at and changed again.

    With hidden repeats only while fewer items than the repeats' least distance were shown since,
    or the first answer could be looked up when the repeat comes.
    """
    study = membership.study
    if not study.repeat_share or assignment.kind == Assignment.Kind.PRACTICE:
        return True
    if assignment.showing is None:
        return True
    return membership.shown_count - assignment.showing < study.repeat_distance


def check_reopening(assignment: Assignment) -> None:
    if assignment.is_rated and not may_reopen(assignment, assignment.membership):
        raise NoAccess("not_reopenable", _("This item was scored too long ago to be opened again."))
