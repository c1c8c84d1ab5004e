"""`manage.py exclude_items DATASET --file list.csv`: take items out of the frame, on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import ngettext

from sts_qa.accounts.models import User
from sts_qa.cli.commands import acting_user, add_acting_user, dataset_named
from sts_qa.screening.actions import decide
from sts_qa.screening.errors import ScreeningRefused
from sts_qa.screening.exclusion_file import Exclusion, read_exclusions
from sts_qa.screening.models import ScreeningDecision
from sts_qa.screening.queries import excluded_item_ids


class Command(BaseCommand):
    help = (
        "Excludes items of a dataset from samples that are drawn later. The file is a CSV whose "
        "first line names its columns: key (path of the item in the dataset), reason "
        f"({', '.join(ScreeningDecision.Reason.values)}) and, if wanted, note. A file with an "
        "error in any row changes nothing. Exit status: 0 all done, 1 nothing or not all done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", help="Name of the dataset.")
        parser.add_argument("--file", required=True, metavar="CSV", help="List of items.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Check the file and say what would be done."
        )
        add_acting_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = acting_user(options)
        dataset = dataset_named(options["dataset"], user)
        try:
            data = Path(options["file"]).read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from error
        found = read_exclusions(dataset, data)
        for problem in found.errors:
            self.stderr.write(str(problem))
        if found.errors:
            text = ngettext(
                "Nothing is excluded: correct the %(count)s error above.",
                "Nothing is excluded: correct the %(count)s errors above.",
                len(found.errors),
            )
            raise CommandError(text % {"count": len(found.errors)})
        before = excluded_item_ids(dataset)
        if not options["dry_run"]:
            self._exclude(found.exclusions, user)
        counts = {
            "count": len(found.exclusions),
            "already": sum(exclusion.item.pk in before for exclusion in found.exclusions),
            "name": dataset.name,
        }
        text = ngettext(
            "%(count)s item of %(name)s is excluded; %(already)s of them was before.",
            "%(count)s items of %(name)s are excluded; %(already)s of them were before.",
            len(found.exclusions),
        )
        if options["dry_run"]:
            text = ngettext(
                "%(count)s item of %(name)s would be excluded; %(already)s of them is.",
                "%(count)s items of %(name)s would be excluded; %(already)s of them are.",
                len(found.exclusions),
            )
        self.stdout.write(text % counts)

    def _exclude(self, exclusions: list[Exclusion], user: User) -> None:
        """Take one decision after the other, so that nobody who rates meanwhile has to wait."""
        for done, exclusion in enumerate(exclusions):
            try:
                decide(
                    item=exclusion.item,
                    outcome=ScreeningDecision.Outcome.EXCLUDE,
                    reason=exclusion.reason,
                    note=exclusion.note,
                    acting_user=user,
                )
            except ScreeningRefused as refusal:
                text = ngettext(
                    "Line %(line)s: %(text)s The %(done)s item before it is excluded.",
                    "Line %(line)s: %(text)s The %(done)s items before it are excluded.",
                    done,
                )
                raise CommandError(
                    text % {"line": exclusion.line, "text": refusal, "done": done}
                ) from refusal
