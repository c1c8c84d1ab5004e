"""Raters that are programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from sts_qa.studies.models import Membership, Study


def program_label(membership: Membership) -> str:
    """Return the name under which every page and report shows a program; it is no secret."""
    return _("%(name)s %(version)s (program)") % {
        "name": membership.model_name,
        "version": membership.model_version,
    }


def active_programs(study: Study) -> list[Membership]:
    """Return the study's programs that were not withdrawn, by their labels in reports."""
    programs = study.memberships.exclude(model_name="").filter(withdrawn_at__isnull=True)
    return list(programs.order_by("pseudonym", "pk"))


def program_of(study: Study, number: int) -> Membership | None:
    """Return the study's program with this member number and its account, withdrawn ones too."""
    programs = study.memberships.exclude(model_name="").select_related("user")
    return programs.filter(pk=number).first()


def has_programs(study: Study) -> bool:
    """Say whether a program rates in the study, or did so."""
    return study.memberships.exclude(model_name="").exists()


def programs_last(memberships: Iterable[Membership]) -> list[Membership]:
    """Return people and then programs, each in the order given."""
    return sorted(memberships, key=lambda membership: membership.is_program)


def is_program_account(user: Any) -> bool:
    """Say whether the account is a program's: nobody logs in to it, and no person gets it."""
    return Membership.objects.filter(user=user).exclude(model_name="").exists()
