"""Raters that are programs."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sts_qa.accounts.models import User
from sts_qa.audit.actions import record
from sts_qa.studies.actions.assign import open_units
from sts_qa.studies.actions.joining import check_open, record_member, start_numbered
from sts_qa.studies.actions.sample import unit_key
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.models.people import LONGEST_MODEL_NAME, LONGEST_MODEL_VERSION


def create_model_rater(*, study: Study, name: str, version: str, acting_user: Any) -> Membership:
    """Let a program rate: the whole sample, in an order of its own, blinded like everyone.

    It never counts as an expert, so it takes no share of work that raters share. Its account is
    made here; nobody can log in to it, and it sends its ratings with a token.

    Raises
    ------
    StudyError
        When name or version is missing or too long, the program takes or took part already, or
        the study is closed.
    """
    name, version = name.strip(), version.strip()
    _check_names(name, version)
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        check_open(study)
        if study.memberships.filter(model_name=name, model_version=version).exists():
            raise StudyError(
                _(
                    "%(name)s %(version)s takes or took part in this study already. Another run "
                    "of it needs another version."
                )
                % {"name": name, "version": version},
                field="version",
            )
        membership = Membership.objects.create(
            study=study,
            user=_create_account(name, version, acting_user),
            role=Membership.Role.RATER,
            model_name=name,
            model_version=version,
        )
        if study.started_at is not None:
            start_numbered(study, membership, [unit_key(unit) for unit in open_units(study)])
        details = {"role": membership.role, "model": {"name": name, "version": version}}
        record_member(study, acting_user, membership, "program.added", details)
    return membership


def _create_account(name: str, version: str, acting_user: Any) -> User:
    user = User(username=f"program-{secrets.token_hex(6)}", first_name=f"{name} {version}")
    user.set_unusable_password()
    user.full_clean(exclude=["password"])
    user.save()
    record(
        action="account.created", acting_user=acting_user, subject=user, details={"program": True}
    )
    return user


def _check_names(name: str, version: str) -> None:
    if not name or not version:
        raise StudyError(_("A program needs a name and a version."))
    if len(name) > LONGEST_MODEL_NAME or len(version) > LONGEST_MODEL_VERSION:
        raise StudyError(
            _("At most %(name)d characters for the name and %(version)d for the version.")
            % {"name": LONGEST_MODEL_NAME, "version": LONGEST_MODEL_VERSION}
        )
    if not (name + version).isprintable():
        field = "version" if name.isprintable() else "name"
        raise StudyError(_("Name and version are one line of text each."), field)
