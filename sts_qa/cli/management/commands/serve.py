"""`manage.py serve`: bring the database up to date, then run web server and worker together."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from sts_qa.accounts.models import User
from sts_qa.cli.processes import CannotServeError, check_port_is_free, overseer_command


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
        except CannotServeError as error:
            raise CommandError(str(error)) from error
        self._become_overseer()

    def _become_overseer(self) -> None:
        """Go on as a small program: all that is loaded here by now would stay for as long."""
        connections.close_all()
        self.stdout.flush()
        self.stderr.flush()
        command = overseer_command()
        os.chdir(settings.BASE_FOLDER)
        os.execv(command[0], command)

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
