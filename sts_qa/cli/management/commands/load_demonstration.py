"""`manage.py load_demonstration`: phantoms, a study to rate in, and a closed one with simulated
ratings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from sts_qa.cli.demonstration.accounts import log_ins
from sts_qa.cli.demonstration.loading import load


class Command(BaseCommand):
    help = (
        "Fills the data folder of a demonstration (STS_QA_DEMONSTRATION=true) with accounts, "
        "images and two studies. Again: goes on where it was stopped, and changes nothing once "
        "everything is there."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if load(self._say):
            self._say(_("The demonstration is loaded."))
        else:
            self._say(_("The demonstration is all there; nothing was changed."))
        self._say(_("Address: %(address)s") % {"address": settings.ADDRESS})
        self._say(_("Log in as any of these; the passwords hold for this demonstration only:"))
        for account in log_ins():
            self._say(f"  {account['username']:<12}  {account['password']}  {account['role']}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
