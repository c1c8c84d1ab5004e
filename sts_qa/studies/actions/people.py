"""Who takes part: adding, inviting, withdrawing and replacing."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.accounts.models import User
from sts_qa.audit.actions import record
from sts_qa.studies.actions.assign import open_units
from sts_qa.studies.actions.joining import (
    check_open,
    new_membership,
    record_member,
    start_rating,
)
from sts_qa.studies.actions.panel import record_changed_panel
from sts_qa.studies.actions.sample import unit_key
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Invitation, Membership, Study
from sts_qa.studies.queries.panel import current_panel
from sts_qa.studies.queries.people import hash_secret, is_usable, may_invite

INVITATION_DAYS = 14


def create_account(
    *, username: str, full_name: str = "", language: str = "", acting_user: Any
) -> User:
    """Make an account without a password; only an invitation can set one.

    The invitation and all pages speak `language` to the person, until the person switches.
    """
    user = User(username=username, first_name=full_name, language=language)
    user.set_unusable_password()
    user.full_clean(exclude=["password"])
    with transaction.atomic():
        user.save()
        record(action="account.created", acting_user=acting_user, subject=user)
    return user


def add_member(
    *, study: Study, user: User, role: str = Membership.Role.RATER, acting_user: Any
) -> Membership:
    """Let a person take part. A rater who joins a running study rates the whole sample."""
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        check_open(study)
        if role == Membership.Role.RATER:
            _check_work_not_shared(study)
        membership = new_membership(study, user, role)
        if membership.rates and study.started_at is not None:
            start_rating(study, membership, [unit_key(unit) for unit in open_units(study)])
        record_member(study, acting_user, membership, "member.added", {"role": role})
    return membership


def set_also_rates(*, membership: Membership, also_rates: bool, acting_user: Any) -> Membership:
    """Let a coordinator rate too, or no longer; reports count such raters as unblinded.

    Raises
    ------
    StudyError
        When the study's plan does not let coordinators rate, or it is too late to change.
    """
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=membership.study_id)
        check_open(study)
        membership = Membership.objects.select_for_update().get(pk=membership.pk)
        if membership.role != Membership.Role.COORDINATOR or membership.withdrawn_at is not None:
            raise StudyError(_("Only a coordinator of the study can be let rate too."))
        if also_rates and not study.coordinators_may_rate:
            raise StudyError(_("The plan of this study does not let coordinators rate."))
        if not also_rates and study.started_at is not None:
            raise StudyError(_("The study was started; who rates stays a rater of it."))
        if membership.also_rates == also_rates:
            return membership
        membership.also_rates = also_rates
        membership.save(update_fields=["also_rates"])
        if also_rates and study.started_at is not None:
            _check_work_not_shared(study)
            start_rating(study, membership, [unit_key(unit) for unit in open_units(study)])
        details = {"also_rates": also_rates}
        record_member(study, acting_user, membership, "coordinator.also_rates", details)
    return membership


def withdraw_member(*, membership: Membership, reason: str, acting_user: Any) -> Membership:
    """Take a person's access away at once; what was rated stays.

    Where results can be seen by then, the panel without the rater is recorded as chosen so.

    Raises
    ------
    StudyError
        When no reason is given, the study has no other coordinator, or its raters are final.
    """
    with transaction.atomic():
        # The study before the membership, as a rater's submission locks them
        study = Study.objects.select_for_update().get(pk=membership.study_id)
        before, _choice = current_panel(study)
        membership = _withdraw(study, membership, reason, acting_user)
        if membership in before:
            record_changed_panel(
                study=study,
                before=before,
                leaving=membership,
                reason=reason,
                acting_user=acting_user,
            )
    return membership


def _withdraw(study: Study, membership: Membership, reason: str, acting_user: Any) -> Membership:
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    _check_reason(reason)
    if membership.withdrawn_at is not None:
        raise StudyError(_("This person was withdrawn already."))
    if membership.rates:
        _check_raters_open(study)
    others = study.memberships.filter(
        role=Membership.Role.COORDINATOR, withdrawn_at__isnull=True
    ).exclude(pk=membership.pk)
    if membership.role == Membership.Role.COORDINATOR and not others.exists():
        raise StudyError(_("A study keeps at least one coordinator."))
    membership.withdrawn_at = timezone.now()
    membership.save(update_fields=["withdrawn_at"])
    open_links = membership.invitations.filter(used_at=None, cancelled_at=None)
    open_links.update(cancelled_at=membership.withdrawn_at)
    record_member(study, acting_user, membership, "member.withdrawn", {}, reason)
    return membership


def replace_rater(
    *,
    membership: Membership,
    user: User,
    only_the_rest: bool = False,
    reason: str,
    acting_user: Any,
) -> Membership:
    """Withdraw a rater and let another begin in an order of their own.

    `only_the_rest` leaves out what the former rater has rated; by default the new rater gets all
    that the former one was to rate.

    Raises
    ------
    StudyError
        When no reason is given, or the rater cannot be replaced by this person.
    """
    if membership.role != Membership.Role.RATER:
        raise StudyError(_("Only a rater can be replaced."))
    if membership.is_program:
        raise StudyError(_("Nobody takes a program's place; withdraw it, and add another."))
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=membership.study_id)
        _check_reason(reason)
        _check_raters_open(study)
        membership = Membership.objects.get(pk=membership.pk)
        if membership.replaced_by.exists():
            raise StudyError(
                _("This rater was replaced already. Replace the person who took the place.")
            )
        before, choice = current_panel(study)
        if membership.withdrawn_at is None:
            _withdraw(study, membership, reason, acting_user)
        replacement = new_membership(study, user, Membership.Role.RATER)
        replacement.replaces = membership
        replacement.only_the_rest = only_the_rest
        replacement.save(update_fields=["replaces", "only_the_rest"])
        if study.started_at is not None:
            start_rating(study, replacement, _keys_to_take_over(membership, only_the_rest))
        details = {"replaces": membership.pk, "only_the_rest": only_the_rest}
        record_member(study, acting_user, replacement, "rater.replaced", details, reason)
        if choice is None or membership in before:
            record_changed_panel(
                study=study,
                before=before,
                # Where the new rater has only the rest, the former one's ratings stay in the tables
                leaving=None if only_the_rest else membership,
                joining=replacement,
                reason=reason,
                acting_user=acting_user,
            )
    return replacement


def _keys_to_take_over(membership: Membership, only_the_rest: bool) -> list[str]:
    main = membership.assignments.filter(kind="main", sampled_item__withdrawn_at__isnull=True)
    if only_the_rest:
        main = main.filter(is_rated=False)
    units = main.select_related("sampled_item__frame_entry")
    return [unit_key(assignment.sampled_item) for assignment in units]


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise StudyError(_("Say why the person is withdrawn or replaced."))


def _check_raters_open(study: Study) -> None:
    if study.state == Study.State.CLOSED:
        raise StudyError(
            _(
                "This study is closed and its raters are final. Choose the panel instead to say "
                "whose ratings the tables use."
            )
        )


def _check_work_not_shared(study: Study) -> None:
    """A rater who came after the work was shared out would rate items beyond their number."""
    if study.started_at is not None and study.raters_per_item is not None:
        raise StudyError(
            ngettext(
                "Each item of this study has %(n)d rater, and the work was shared out when it was "
                "started. Replace a rater instead of adding one.",
                "Each item of this study has %(n)d raters, and the work was shared out when it was "
                "started. Replace a rater instead of adding one.",
                study.raters_per_item,
            )
            % {"n": study.raters_per_item}
        )


def create_invitation(*, membership: Membership, acting_user: Any) -> str:
    """Return the secret of a new single-use link; earlier open links stop working.

    Raises
    ------
    StudyError
        When the account has its password, or its first one is another study's to set.
    """
    _check_invitable(membership, acting_user)
    secret = secrets.token_urlsafe(24)
    now = timezone.now()
    with transaction.atomic():
        membership.invitations.filter(used_at=None, cancelled_at=None).update(cancelled_at=now)
        Invitation.objects.create(
            membership=membership,
            token_hash=hash_secret(secret),
            created_by=acting_user,
            expires_at=now + timedelta(days=INVITATION_DAYS),
        )
        record_member(membership.study, acting_user, membership, "invitation.created", {})
    return secret


def first_invitation(*, membership: Membership, acting_user: Any) -> str:
    """Return a new link's secret, empty where the account needs none or another study invited it.

    For who was just added: `create_invitation` would refuse where no link is to be had.
    """
    if membership.user.has_usable_password() or not may_invite(acting_user, membership):
        return ""
    return create_invitation(membership=membership, acting_user=acting_user)


def _check_invitable(membership: Membership, acting_user: Any) -> None:
    if membership.withdrawn_at is not None:
        raise StudyError(_("This person was withdrawn from the study."))
    if membership.study.imported and membership.rates:
        raise StudyError(_("Nobody logs in as a rater whose ratings were imported."))
    if membership.is_program:
        raise StudyError(_("Nobody logs in as a program; it rates with a token."))
    if membership.user.has_usable_password():
        raise StudyError(
            _("%s has a password already and needs no invitation: logging in is enough.")
            % membership.user
        )
    if not may_invite(acting_user, membership):
        raise StudyError(
            _(
                "%s was invited by another study and has not set a password yet. The link from "
                "there opens this study too; ask that study's coordinator for a new one if it is "
                "lost."
            )
            % membership.user
        )


def use_invitation(*, invitation: Invitation, password: str | None) -> User:
    """Accept an invitation; the person's first password is set here and nowhere else.

    Raises
    ------
    StudyError
        When the link was used, cancelled or is too old.
    django.core.exceptions.ValidationError
        When the password is too weak.
    """
    with transaction.atomic():
        invitation = (
            Invitation.objects.select_for_update()
            .select_related("membership__user", "membership__study")
            .get(pk=invitation.pk)
        )
        if not is_usable(invitation):
            raise StudyError(_("This invitation was used already or is no longer valid."))
        user = invitation.membership.user
        if not user.has_usable_password():
            validate_password(password or "", user)
            user.set_password(password)
            user.save(update_fields=["password"])
        invitation.used_at = timezone.now()
        invitation.save(update_fields=["used_at"])
        membership = invitation.membership
        record_member(membership.study, user, membership, "invitation.used", {})
    return user
