"""`manage.py verify_sample STUDY`: draw a sample again and compare it with the stored one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from sts_qa.studies.models import Study
from sts_qa.studies.queries.verification import sample_differences


class Command(BaseCommand):
    help = (
        "Draws the sample of a study again from its stored frame and seed. Exit status: 0 it is "
        "the stored one, 1 it is not; the differences are printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")

    def handle(self, *args: Any, study: str, **options: Any) -> None:
        found = Study.objects.filter(name=study).first()
        if found is None:
            raise CommandError(_("There is no study called “%s”.") % study)
        if found.drawn_at is None:
            raise CommandError(_("The sample of this study is not drawn yet."))
        differences = sample_differences(found)
        for difference in differences:
            self.stdout.write(difference)
        if differences:
            raise CommandError(_("No: this is not the sample that the stored frame and seed give."))
        self.stdout.write(
            _("Yes: drawing again with seed %(seed)d gives the same sample; frame hash %(hash)s.")
            % {"seed": found.seed, "hash": found.frame_hash}
        )
