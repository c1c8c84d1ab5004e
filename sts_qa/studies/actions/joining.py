"""What every way of joining a study has in common."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sts_qa.accounts.models import User
from sts_qa.audit.actions import record, study_chain
from sts_qa.studies.actions.assign import assign
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.languages import language_problem_of
from sts_qa.studies.queries.programs import is_program_account


def check_open(study: Study) -> None:
    if study.state == Study.State.CLOSED:
        raise StudyError(_("This study is closed; nobody can be added."))


def new_membership(study: Study, user: User, role: str) -> Membership:
    if not user.is_active:
        raise StudyError(_("The account of %s is closed.") % user, field="username")
    if is_program_account(user):
        text = _("This account belongs to a program; a person needs one of their own.")
        raise StudyError(text, field="username")
    try:
        with transaction.atomic():
            return Membership.objects.create(study=study, user=user, role=role)
    except IntegrityError:
        raise StudyError(
            _("%s takes part in this study already; a person has one role in it.") % user,
            field="username",
        ) from None


def start_rating(study: Study, membership: Membership, keys: list[str]) -> None:
    """Let a person begin in a running study, whose protocol must speak the person's language."""
    if problem := language_problem_of(study, membership.user):
        raise StudyError(problem)
    start_numbered(study, membership, keys)


def start_numbered(study: Study, membership: Membership, keys: list[str]) -> None:
    """Give the next label, and the assignments in an own order."""
    last = study.memberships.aggregate(last=Max("pseudonym"))["last"] or 0
    membership.pseudonym = last + 1
    membership.save(update_fields=["pseudonym"])
    assign(study, membership, keys)


def record_member(
    study: Study,
    acting_user: Any,
    membership: Membership,
    action: str,
    details: dict,
    note: str = "",
) -> None:
    record(
        chain=study_chain(study.pk),
        action=action,
        acting_user=acting_user,
        subject=membership,
        details={"person": str(membership.user.opaque_id), **details},
        note=note,
    )
