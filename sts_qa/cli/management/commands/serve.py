"""`manage.py serve`: bring the database up to date, then run web server and worker together."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from sts_qa.accounts.models import User
from sts_qa.cli.processes import CannotServeError, Installation, check_port_is_free


class Command(BaseCommand):
    help = "Bring the database up to date, then run the web server and the worker until Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check_port_is_free(settings.BIND)
            self.stdout.write(f"Data folder: {settings.DATA_FOLDER}")
            call_command("check")
            call_command("migrate", interactive=False, verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            if settings.DEMONSTRATION:
                call_command("load_demonstration")
            else:
                self._ask_for_first_coordinator()
            Installation(self._say).run()
        except CannotServeError as error:
            raise CommandError(str(error)) from error

    def _ask_for_first_coordinator(self) -> None:
        if User.objects.filter(is_superuser=True, is_active=True).exists():
            return
        if sys.stdin.isatty():
            self._say("This installation has no coordinator yet.")
            call_command("create_coordinator", superuser=True)
        else:
            self._say(
                "This installation has no coordinator yet: "
                "run `.venv/bin/python manage.py create_coordinator --superuser`."
            )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
