"""People who take part in the studies of benchmarks."""

from __future__ import annotations

from typing import Any

PASSWORD = "enough for a benchmark"


def add_rater(study: Any, name: str, person: Any, *, role: str = "rater") -> None:
    """Add a person who has used the invitation and read the notice; as a rater, or as `role`."""
    from sts_qa.accounts.actions import accept_notice
    from sts_qa.studies import actions as studies
    from sts_qa.studies.queries.people import invitation_of

    user = studies.create_account(username=name, acting_user=person)
    member = studies.add_member(study=study, user=user, role=role, acting_user=person)
    secret = studies.create_invitation(membership=member, acting_user=person)
    invitation = invitation_of(secret)
    assert invitation is not None
    user = studies.use_invitation(invitation=invitation, password=PASSWORD)
    accept_notice(acting_user=user)
