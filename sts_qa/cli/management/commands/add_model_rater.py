"""`manage.py add_model_rater NAME VERSION --study STUDY`: let a program rate."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from sts_qa.cli.commands import acting_user, add_acting_user, coordinated_study
from sts_qa.studies.actions import create_model_rater
from sts_qa.studies.errors import StudyError
from sts_qa.studies.queries.programs import program_label


class Command(BaseCommand):
    help = (
        "Lets a program, such as a model, rate in a study: the whole sample, in an order of its "
        "own. It never counts as an expert, and sends its ratings by the API."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model_name", metavar="NAME")
        parser.add_argument("model_version", metavar="VERSION")
        parser.add_argument("--study", required=True, metavar="NAME")
        add_acting_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        person = acting_user(options)
        try:
            membership = create_model_rater(
                study=coordinated_study(options["study"], person),
                name=options["model_name"],
                version=options["model_version"],
                acting_user=person,
            )
        except StudyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(program)s takes part in “%(study)s” as member %(number)d.")
            % {
                "program": program_label(membership),
                "study": options["study"],
                "number": membership.pk,
            }
        )
