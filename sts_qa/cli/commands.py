"""What the commands share: on whose behalf they act."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from sts_qa.accounts.models import User
from sts_qa.accounts.queries import only_superuser


def add_acting_user(parser: CommandParser) -> None:
    """Give a command the option `--as USER`."""
    parser.add_argument(
        "--as",
        dest="acting_user",
        metavar="USER",
        default="",
        help="User name on whose behalf the command acts and is recorded; "
        "by default the only superuser.",
    )


def acting_user(options: dict[str, Any]) -> User:
    """Return the person whom `--as` names, or the only superuser.

    Raises
    ------
    CommandError
        When there is no such person, or it is not clear who is meant.
    """
    if username := options.get("acting_user"):
        return _active_user(username)
    if (user := only_superuser()) is not None:
        return user
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        raise CommandError(_("There is more than one superuser: say who acts with --as USER."))
    raise CommandError(
        _(
            "There is no superuser to act: say who acts with --as USER, or make one with "
            "manage.py create_coordinator USER --superuser."
        )
    )


def _active_user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(_("--as %(name)s: there is no such user.") % {"name": username})
    if not user.is_active:
        raise CommandError(_("--as %(name)s: this account is closed.") % {"name": username})
    return user
