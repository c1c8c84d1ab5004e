"""Who may do what at the level of the installation."""

from __future__ import annotations

from sts_qa.accounts.models import User

NOTICE_VERSION = 1


def may_coordinate(user) -> bool:
    return bool(user.is_authenticated and user.has_perm("accounts.can_coordinate"))


def only_superuser() -> User | None:
    """Return the superuser when there is exactly one, for commands without `--as`."""
    superusers = list(User.objects.filter(is_superuser=True, is_active=True)[:2])
    return superusers[0] if len(superusers) == 1 else None
