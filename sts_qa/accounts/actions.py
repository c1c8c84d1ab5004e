"""What changes an account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sts_qa.accounts.models import LogInFailure, User
from sts_qa.accounts.queries import FORGET_FAILURES_AFTER, NOTICE_VERSION, name_hash
from sts_qa.audit import actions as audit

THEMES = ("light", "dark", "auto")


@transaction.atomic
def create_coordinator(
    *, username: str, password: str, acting_user: Any, superuser: bool = False
) -> User:
    """Make an account that may import data, write protocols and create studies.

    Raises
    ------
    django.core.exceptions.ValidationError
        When the name is taken or not allowed, or the password too weak.
    """
    user = User(username=username, is_superuser=superuser, is_staff=False)
    user.set_unusable_password()
    user.full_clean()
    validate_password(password, user)
    user.set_password(password)
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="can_coordinate"))
    audit.record(
        action="account.created",
        acting_user=acting_user,
        subject=user,
        details={"account": str(user.opaque_id), "coordinator": True, "superuser": superuser},
    )
    return user


@transaction.atomic
def accept_notice(*, acting_user: User) -> None:
    """Record that the person read and accepted the current notice on what is recorded."""
    acting_user.notice_version = NOTICE_VERSION
    acting_user.notice_accepted_at = timezone.now()
    acting_user.save(update_fields=["notice_version", "notice_accepted_at"])
    audit.record(
        action="notice.accepted",
        acting_user=acting_user,
        subject=acting_user,
        details={"version": NOTICE_VERSION},
    )


@transaction.atomic
def change_password(*, acting_user: User, password: str) -> None:
    acting_user.set_password(password)
    acting_user.save(update_fields=["password"])
    audit.record(action="account.password_changed", acting_user=acting_user, subject=acting_user)


def set_theme(*, acting_user: User, theme: str) -> None:
    acting_user.theme = theme
    acting_user.save(update_fields=["theme"])


def set_language(*, acting_user: User, language: str) -> None:
    acting_user.language = language
    acting_user.save(update_fields=["language"])


@transaction.atomic
def count_log_in_failure(*, username: str) -> None:
    """Count one more failed log-in under this name; each makes the next one wait longer."""
    now = timezone.now()
    LogInFailure.objects.filter(last_at__lt=now - FORGET_FAILURES_AFTER).delete()
    failure, _ = LogInFailure.objects.get_or_create(
        name_hash=name_hash(username), defaults={"last_at": now}
    )
    LogInFailure.objects.filter(pk=failure.pk).update(count=F("count") + 1, last_at=now)


def forget_log_in_failures(*, username: str) -> None:
    LogInFailure.objects.filter(name_hash=name_hash(username)).delete()
