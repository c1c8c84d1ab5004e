"""Who takes part in a study, and in which studies a person takes part."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.accounts.languages import own_name
from sts_qa.studies.models import Invitation, Membership, Study
from sts_qa.studies.queries.programs import program_label


@dataclass(frozen=True)
class Member:
    """One membership as its study's pages show it."""

    membership: Membership
    label: str
    state: str

    @property
    def state_label(self) -> str:
        return {
            "active": _("Takes part"),
            "invited": _("Invited"),
            "expired": _("Invitation not used"),
            "withdrawn": _("Withdrawn"),
            "imported": _("Rated elsewhere"),
        }[self.state]

    @property
    def language_name(self) -> str:
        """The name of the language that the person chose, empty where none was."""
        return own_name(self.membership.user.language)


def members_of(study: Study, *, with_names: bool) -> list[Member]:
    """Return everyone who takes or took part, coordinators first, programs last.

    `with_names` is for coordinators: others read the pseudonym, never the name behind it.
    """
    memberships = study.memberships.select_related("user", "replaces__user").prefetch_related(
        "invitations"
    )
    order = ["coordinator", "observer", "rater"]
    # By number, not by joining, where names are withheld: the order of joining would tell them
    members = sorted(
        memberships,
        key=lambda m: (
            order.index(m.role),
            m.is_program,
            0 if with_names else m.pseudonym or 0,
            m.pk,
        ),
    )
    return [Member(m, _label(m, with_names), _state(m)) for m in members]


def _label(membership: Membership, with_names: bool) -> str:
    if membership.is_program:
        return program_label(membership)
    return str(membership.user) if with_names else rater_label(membership)


def rater_label(membership: Membership) -> str:
    """Return the label under which reports name a rater; the role where there is none."""
    if membership.pseudonym is None:
        return str(membership.get_role_display())
    return f"R{membership.pseudonym}"


def _state(membership: Membership) -> str:
    if membership.withdrawn_at is not None:
        return "withdrawn"
    if membership.study.imported and membership.rates:
        return "imported"
    if membership.is_program or membership.user.has_usable_password():
        return "active"
    # Nobody logs in as one of those who stand for simulated ratings
    if membership.study.simulated:
        return "active"
    return "invited" if any(is_usable(i) for i in membership.invitations.all()) else "expired"


def panel_candidates(study: Study) -> QuerySet[Membership]:
    """Return the people whose ratings a table may use, by their labels in reports."""
    people = study.memberships.filter(pseudonym__isnull=False, model_name="")
    return people.order_by("pseudonym")


def count_of_raters(study: Study) -> int:
    """Count the people who rate and were not withdrawn, without coordinators who rate too."""
    raters = study.memberships.filter(role=Membership.Role.RATER, model_name="")
    return raters.filter(withdrawn_at__isnull=True).count()


def studies_of(user) -> QuerySet[Membership]:
    """Return the person's memberships, newest first, withdrawn ones too, each with its study."""
    return (
        Membership.objects.filter(user=user)
        .select_related("study__dataset", "study__protocol_version__protocol")
        .order_by("-id")
    )


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def invitation_of(secret: str) -> Invitation | None:
    """Return the invitation behind a link, whatever its state, or None."""
    return (
        Invitation.objects.select_related("membership__user", "membership__study")
        .filter(token_hash=hash_secret(secret))
        .first()
    )


def is_usable(invitation: Invitation) -> bool:
    return (
        invitation.used_at is None
        and invitation.cancelled_at is None
        and invitation.expires_at > timezone.now()
        and invitation.membership.withdrawn_at is None
    )


def may_invite(user, membership: Membership) -> bool:
    """Say whether `user` may make the link that sets the account's first password.

    Only who coordinates every study that awaits the account may: in the hands of others the link
    would open somebody else's study.
    """
    if user is None or user.is_superuser:
        return True
    if membership.user.is_superuser:
        return False
    elsewhere = Membership.objects.filter(
        user_id=membership.user_id, withdrawn_at__isnull=True
    ).exclude(
        study__memberships__in=Membership.objects.filter(
            user=user, role=Membership.Role.COORDINATOR, withdrawn_at__isnull=True
        )
    )
    return not elsewhere.exists()
