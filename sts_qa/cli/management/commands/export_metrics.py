"""`manage.py export_metrics DATASET -o FILE`: write all values of a dataset's metrics to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import override

from sts_qa.cli.commands import acting_user, add_acting_user, dataset_named
from sts_qa.cli.output import write_whole
from sts_qa.measurements.export_tables import SHAPES
from sts_qa.measurements.exports import FORMATS, export_metrics


class Command(BaseCommand):
    help = (
        "Writes all values of a dataset's metrics to a file, and the reason where one is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", help="Name of the dataset.")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
        parser.add_argument("--format", default="csv", choices=sorted(FORMATS))
        parser.add_argument(
            "--shape",
            default="long",
            choices=sorted(SHAPES),
            help="long: one row per value; wide: one row per item.",
        )
        parser.add_argument(
            "--language",
            default="en",
            choices=[code for code, _name in settings.LANGUAGES],
            help="Language of the explanations in a spreadsheet.",
        )
        add_acting_user(parser)

    def handle(self, *args: Any, dataset: str, **options: Any) -> None:
        user = acting_user(options)
        chosen = dataset_named(dataset, user)
        with override(options["language"]):
            blocks = export_metrics(
                dataset=chosen,
                shape=options["shape"],
                file_format=options["format"],
                acting_user=user,
            )
            size = write_whole(options["output"], blocks)
        self.stdout.write(
            _("Wrote %(bytes)d bytes to %(file)s.") % {"bytes": size, "file": options["output"]}
        )
