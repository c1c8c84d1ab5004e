"""Write a report of a study to a file."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from sts_qa.cli.commands import acting_user, add_acting_user
from sts_qa.cli.output import write_whole
from sts_qa.reports.actions import NotReadyError, export_report
from sts_qa.reports.options import OptionError
from sts_qa.reports.queries.access import may_read_reports
from sts_qa.reports.registry import REPORTS
from sts_qa.science.tables.writers import WRITERS
from sts_qa.studies.models import Study


class Command(BaseCommand):
    help = "Writes a report of a study to a file. Sealed results are refused (exit status 1)."

    def add_arguments(self, parser):
        parser.add_argument("report", choices=sorted(REPORTS))
        parser.add_argument("--study", required=True, metavar="NAME")
        parser.add_argument("--format", default="csv", choices=sorted(WRITERS))
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
        parser.add_argument(
            "--language",
            default="en",
            choices=[code for code, _name in settings.LANGUAGES],
            help="Language of titles, heads and notes.",
        )
        parser.add_argument(
            "--option",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="what the page lets choose, such as models=beside; may be given more than once",
        )
        add_acting_user(parser)

    def handle(self, *args, **options):
        study = Study.objects.filter(name=options["study"]).first()
        if study is None:
            raise CommandError(_("There is no study called “%s”.") % options["study"])
        user = acting_user(options)
        if not may_read_reports(user, study):
            raise CommandError(
                _(
                    "%(user)s may not read reports of “%(study)s”; "
                    "its coordinators and observers may."
                )
                % {"user": user.username, "study": study.name}
            )
        try:
            file = export_report(
                study=study,
                slug=options["report"],
                file_format=options["format"],
                language=options["language"],
                acting_user=user,
                options=_options(options["option"]),
            )
        except (NotReadyError, OptionError) as error:
            raise CommandError(str(error)) from error
        size = write_whole(options["output"], file.blocks())
        self.stdout.write(
            _("Wrote %(bytes)d bytes to %(file)s.") % {"bytes": size, "file": options["output"]}
        )


def _options(texts: list[str]) -> dict[str, str]:
    """Read NAME=VALUE, each name once."""
    chosen: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or name in chosen:
            raise CommandError(
                _("--option %s: write it as NAME=VALUE, such as models=beside, each name once.")
                % text
            )
        chosen[name] = value
    return chosen
