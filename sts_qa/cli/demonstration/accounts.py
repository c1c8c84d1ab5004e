"""Accounts of the demonstration. Their passwords are known to everyone who reads this."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sts_qa.accounts.actions import create_coordinator
from sts_qa.accounts.models import User
from sts_qa.studies import actions as studies
from sts_qa.studies.actions.people import hash_secret
from sts_qa.studies.models import Invitation, Membership, Study

PASSWORD = "see-the-teeth"
COORDINATOR = "coordinator"
RATERS = tuple(f"rater{number}" for number in range(1, 6))
# Stand for the model that simulates ratings: nobody can log in as one of them
SIMULATED_RATERS = tuple(f"simulated{number}" for number in range(1, 6))


def log_ins() -> list[dict[str, str]]:
    people = [(COORDINATOR, _("Coordinator"))] + [(name, _("Rater")) for name in RATERS]
    return [{"username": name, "password": PASSWORD, "role": role} for name, role in people]


def coordinator() -> User:
    """Return the coordinator, who is the superuser for whom commands act without --as."""
    found = User.objects.filter(username=COORDINATOR).first()
    if found is not None:
        return found
    return create_coordinator(
        username=COORDINATOR, password=PASSWORD, superuser=True, acting_user=None
    )


def add_raters(study: Study, usernames: tuple[str, ...], acting_user: User) -> list[Membership]:
    """Let people take part, in the order of their names; accounts are made where missing."""
    members = {member.user.username: member for member in study.memberships.select_related("user")}
    for username in usernames:
        if username not in members:
            user = User.objects.filter(username=username).first() or studies.create_account(
                username=username, acting_user=acting_user
            )
            members[username] = studies.add_member(study=study, user=user, acting_user=acting_user)
    return [members[username] for username in usernames]


def accept_invitations(members: list[Membership], acting_user: User) -> None:
    """Set the known password of those who have none, by the invitation that anyone would use."""
    for member in members:
        if not member.user.has_usable_password():
            secret = studies.create_invitation(membership=member, acting_user=acting_user)
            invitation = Invitation.objects.get(token_hash=hash_secret(secret))
            studies.use_invitation(invitation=invitation, password=PASSWORD)
