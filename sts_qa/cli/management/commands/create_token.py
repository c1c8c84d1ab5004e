"""`manage.py create_token MEMBER --study STUDY --name NAME`: let a program log in to rate."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.api.actions import create_token
from sts_qa.api.errors import TokenRefused
from sts_qa.api.models import PROGRAM_SCOPES
from sts_qa.cli.commands import acting_user, add_acting_user, coordinated_study
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.programs import program_label, program_of

MOST_DAYS = 365


class Command(BaseCommand):
    help = (
        "Makes a token with which a program that rates in a study logs in to the API. Standard "
        "output is its secret alone, which nothing tells again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "member", type=int, metavar="MEMBER", help="Number that add_model_rater printed."
        )
        parser.add_argument("--study", required=True, metavar="STUDY")
        parser.add_argument("--name", required=True, metavar="NAME", help="Where the program runs.")
        parser.add_argument(
            "--days",
            type=_days,
            default=30,
            metavar="N",
            help=f"After how many it ends: 1 to {MOST_DAYS}, by default 30.",
        )
        add_acting_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        person = acting_user(options)
        study = coordinated_study(options["study"], person)
        program = _program(study, options["member"])
        try:
            token, secret = create_token(
                user=program.user,
                name=options["name"],
                scopes=PROGRAM_SCOPES,
                study=study,
                expires_at=timezone.now() + timedelta(days=options["days"]),
                acting_user=person,
            )
        except TokenRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(secret)
        self.stderr.write(
            _("Token of %(program)s until %(day)s. It is shown only this once.")
            % {"program": program_label(program), "day": token.expires_at.date().isoformat()},
            # No error
            style_func=str,
        )


def _program(study: Study, number: int) -> Membership:
    found = program_of(study, number)
    if found is None:
        raise CommandError(
            _("Member %(number)d of “%(study)s” is no program.")
            % {"number": number, "study": study.name}
        )
    return found


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        wrong = _("%(text)s is no whole number from 1 to %(most)d")
        raise ArgumentTypeError(wrong % {"text": text, "most": MOST_DAYS})
    return int(text)
