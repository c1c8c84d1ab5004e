"""`manage.py create_coordinator USER`: make the account of a coordinator."""

import getpass
import sys
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from sts_qa.accounts import actions
from sts_qa.accounts.queries import only_superuser


class Command(BaseCommand):
    help = "Makes an account that may import data, write protocols and create studies."

    def add_arguments(self, parser):
        parser.add_argument("username", nargs="?", help="Asked for when it is not given.")
        parser.add_argument(
            "--superuser", action="store_true", help="May also make coordinators and see all jobs."
        )
        parser.add_argument(
            "--password-file",
            metavar="FILE",
            help="Take the password from the first line of FILE; otherwise it is asked for.",
        )

    def handle(self, *args, username, superuser, password_file, **options):
        username = username or _ask_username()
        while True:
            password = _from_file(password_file) if password_file else _ask_password()
            try:
                actions.create_coordinator(
                    username=username,
                    password=password,
                    superuser=superuser,
                    acting_user=only_superuser(),
                )
                break
            except ValidationError as error:
                reason = f"{username}: {' '.join(error.messages)}"
                # A name that is refused stays refused, whatever password is typed next
                if password_file or hasattr(error, "error_dict"):
                    raise CommandError(reason) from None
                self.stderr.write(reason)
        self.stdout.write(_("The account %(name)s was made.") % {"name": username})


def _from_file(name: str) -> str:
    try:
        lines = Path(name).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            _("--password-file %(name)s cannot be read: %(error)s") % {"name": name, "error": error}
        ) from None
    if not lines or not lines[0]:
        raise CommandError(_("--password-file %(name)s: the first line is empty.") % {"name": name})
    return lines[0]


def _ask_username() -> str:
    if not sys.stdin.isatty():
        raise CommandError(_("Give the user name of the new account."))
    name = ""
    while not name:
        name = input(_("User name: ")).strip()
    return name


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise CommandError(
            _("There is no terminal to ask for the password: give it with --password-file FILE.")
        )
    while True:
        password = getpass.getpass(_("Password: "))
        if getpass.getpass(_("Password again: ")) == password:
            return password
        print(_("The two passwords differ; type them again."), file=sys.stderr)
