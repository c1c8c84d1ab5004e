"""Who may see and do what in a study. Every view and endpoint goes through these."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from sts_qa.studies.models import Membership, Study


def membership_of(user, study: Study) -> Membership | None:
    """Return the person's active membership, or None."""
    return Membership.objects.filter(study=study, user=user, withdrawn_at__isnull=True).first()


def coordinated_study_or_404(user, public_id) -> tuple[Study, Membership]:
    """Return the study when `user` coordinates it.

    Raises
    ------
    Http404
        When the study does not exist or the person has nothing to do with it.
    PermissionDenied
        When the person takes part in it in another role.
    """
    study, membership = study_or_404(user, public_id)
    if membership.role != Membership.Role.COORDINATOR:
        raise PermissionDenied
    return study, membership


def overseen_study_or_404(user, public_id) -> tuple[Study, Membership]:
    """Return the study when `user` coordinates or observes it; raises as its sibling above."""
    study, membership = study_or_404(user, public_id)
    if membership.role == Membership.Role.RATER:
        raise PermissionDenied
    return study, membership


def coordinated_items_or_404(user, public_id) -> tuple[Study, Membership]:
    """Return the study for a page that tells its items' keys or categories, to coordinators.

    Raises
    ------
    Http404
        As `coordinated_study_or_404`.
    PermissionDenied
        Also when the person rates in another open study of the dataset.
    """
    study, membership = coordinated_study_or_404(user, public_id)
    _refuse_raters_of(study, user)
    return study, membership


def overseen_items_or_404(user, public_id) -> tuple[Study, Membership]:
    """Return the study for a page that tells its items, to observers too; raises as above."""
    study, membership = overseen_study_or_404(user, public_id)
    _refuse_raters_of(study, user)
    return study, membership


def _refuse_raters_of(study: Study, user) -> None:
    if rates_openly(user, study.dataset_id):
        raise PermissionDenied(
            _("You rate images of this dataset in an open study, and this page names them.")
        )


def study_or_404(user, public_id) -> tuple[Study, Membership]:
    """Return the study and the person's membership, or answer 404 to anyone else."""
    membership = (
        Membership.objects.select_related("study")
        .filter(study__public_id=public_id, user=user, withdrawn_at__isnull=True)
        .first()
    )
    if membership is None:
        raise Http404
    return membership.study, membership


def rates_openly(user, dataset_id: int) -> bool:
    """Say whether the person rates in a study of the dataset that is not closed.

    Who does gets no report, catalogue or metric page of that dataset, unless the study lets
    coordinators rate.
    """
    return (
        Membership.objects.filter(
            user=user,
            role=Membership.Role.RATER,
            withdrawn_at__isnull=True,
            study__dataset_id=dataset_id,
        )
        .exclude(study__state=Study.State.CLOSED)
        .exists()
    )


def openly_rated_dataset_ids(user) -> set[int]:
    """Return the datasets for which `rates_openly` holds."""
    rated = Membership.objects.filter(
        user=user, role=Membership.Role.RATER, withdrawn_at__isnull=True
    ).exclude(study__state=Study.State.CLOSED)
    return set(rated.values_list("study__dataset_id", flat=True))
