"""`manage.py import_masks`: a second annotator's or a model's masks beside the items' own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.catalogue.actions import start_mask_import
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.cli.commands import acting_user, add_acting_user, dataset_named
from sts_qa.jobs.terminal import run_with_bar

SOME_REFUSED = 3


class Command(BaseCommand):
    help = (
        "Imports a folder of masks as further masks of a dataset's items, such as those of a "
        "second annotator or a model, or what has changed in it since. Raters never see them. "
        "Exit status: 0 all is well, 3 some files were refused (the rest is imported), "
        "1 nothing is imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", help="name of the dataset")
        parser.add_argument("folder", help="folder of the masks, named as the items' own would be")
        parser.add_argument("--name", required=True, help="who or what drew the masks")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done; change nothing"
        )
        add_acting_user(parser)

    def handle(self, *args: Any, dataset: str, folder: str, **options: Any) -> None:
        person = acting_user(options)
        try:
            job = start_mask_import(
                dataset=dataset_named(dataset, person),
                root=folder,
                name=options["name"],
                dry_run=options["dry_run"],
                acting_user=person,
            )
        except CatalogueRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self._print(run_with_bar(job).result, dry_run=options["dry_run"])

    def _print(self, result: dict[str, Any], *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write(_("Nothing was imported; this is what would be done:"))
        for error in result["errors"]:
            self.stdout.write(f"{error['where']}: {error['reason']}")
        text = _(
            "%(added)d added, %(changed)d changed, %(unchanged)d unchanged, %(refused)d refused."
        )
        self.stdout.write(text % result)
        if result["refused"]:
            text = ngettext("%d file was refused.", "%d files were refused.", result["refused"])
            raise CommandError(text % result["refused"], returncode=SOME_REFUSED)
