"""What the commands share: on whose behalf they act."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import CommandError, CommandParser
from django.http import Http404
from django.utils.translation import gettext as _

from sts_qa.accounts.models import User
from sts_qa.accounts.queries import only_superuser
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.protocols.queries import latest_version, latest_versions
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.access import membership_of


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


def dataset_named(name: str, user: User) -> Dataset:
    """Return the dataset of that name, as far as `user` may see it.

    Raises
    ------
    CommandError
        When there is none for this person, or the person rates in an open study of it.
    """
    found = Dataset.objects.filter(name=name).first()
    try:
        if found is None:
            raise Http404
        return dataset_or_404(user, found.pk)
    except Http404:
        raise CommandError(
            _("%(user)s has no dataset named %(name)s.") % {"user": user.username, "name": name}
        ) from None
    except PermissionDenied as refusal:
        raise CommandError(f"{user.username}: {refusal}") from None


def coordinated_study(name: str, user: User) -> Study:
    """Return the study of that name; superusers need no role in it.

    Raises
    ------
    CommandError
        When there is none, or `user` does not coordinate it.
    """
    study = Study.objects.filter(name=name).first()
    if study is None:
        raise CommandError(_("There is no study called “%s”.") % name)
    membership = membership_of(user, study)
    coordinates = membership is not None and membership.role == Membership.Role.COORDINATOR
    if not coordinates and not (membership is None and user.is_superuser):
        raise CommandError(
            _("%(user)s does not coordinate “%(study)s”.") % {"user": user.username, "study": name}
        )
    return study


def protocol_named(slug: str) -> ProtocolVersion:
    """Return the newest version of the protocol of that short name.

    Raises
    ------
    CommandError
        When there is none.
    """
    version = latest_version(slug)
    if version is None:
        known = ", ".join(version.protocol.slug for version in latest_versions())
        raise CommandError(
            _("There is no protocol “%(name)s”; there are: %(known)s.")
            % {"name": slug, "known": known}
        )
    return version


def _active_user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(_("--as %(name)s: there is no such user.") % {"name": username})
    if not user.is_active:
        raise CommandError(_("--as %(name)s: this account is closed.") % {"name": username})
    return user
