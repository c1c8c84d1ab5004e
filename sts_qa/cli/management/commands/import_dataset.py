"""`manage.py import_dataset`: plan and apply an import in the foreground."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from tqdm import tqdm

from sts_qa.accounts.queries import may_coordinate
from sts_qa.catalogue.actions import apply_import, cancel_import, create_dataset, start_import
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.layouts import AUTO, LAYOUTS
from sts_qa.catalogue.models import Dataset, ImportEntry, ImportRun
from sts_qa.catalogue.queries import visible_datasets
from sts_qa.cli.commands import acting_user, add_acting_user
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job

FILE_ERRORS_STATUS = 3
LISTED = (ImportEntry.Outcome.ERROR, ImportEntry.Outcome.HELD_BACK)


class Command(BaseCommand):
    help = (
        "Imports a folder of images and masks, or what has changed in it since the last import. "
        "Files that cannot be read, and items held back because of their mask, are listed with "
        "the reason. Exit status: 0 all is well, 3 some files have errors (the rest is imported), "
        "1 nothing is imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="folder of the dataset, or the CSV manifest in it")
        parser.add_argument("--name", required=True, help="name of the dataset, new or known")
        parser.add_argument("--layout", choices=[AUTO, *LAYOUTS], default=AUTO)
        parser.add_argument(
            "--dry-run", action="store_true", help="make the plan and print it; change nothing"
        )
        add_acting_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        person = acting_user(options)
        if not may_coordinate(person):
            raise CommandError(_("%(name)s may not import datasets.") % {"name": person.username})
        try:
            run = self._import(person, options)
        except CatalogueRefused as error:
            raise CommandError(str(error)) from error
        errors = run.summary["counts"][ImportEntry.Outcome.ERROR]
        if errors:
            raise CommandError(
                _("%(count)s files have errors.") % {"count": errors},
                returncode=FILE_ERRORS_STATUS,
            )

    def _import(self, person: Any, options: dict[str, Any]) -> ImportRun:
        dataset = Dataset.objects.filter(name=options["name"].strip()).first()
        if dataset is None:
            dataset = create_dataset(name=options["name"], acting_user=person)
        elif not visible_datasets(person).filter(pk=dataset.pk).exists():
            raise CommandError(
                _("%(person)s is no member of %(dataset)s.")
                % {"person": person.username, "dataset": dataset.name}
            )
        run = start_import(
            dataset=dataset, root=options["path"], layout=options["layout"], acting_user=person
        )
        assert run.job is not None
        self._do(run.job, _("Reading"))
        run.refresh_from_db()
        if options["dry_run"]:
            run = cancel_import(run=run, acting_user=person)
        else:
            self._do(apply_import(run=run, acting_user=person), _("Importing"))
            run.refresh_from_db()
        self._print(run, is_plan=options["dry_run"])
        return run

    def _do(self, job: Job, title: str) -> None:
        """Do the job here, with a bar on the terminal, and stop when it fails."""
        with tqdm(desc=title, unit=" files", disable=not sys.stderr.isatty()) as bar:

            def show(done: int, total: int, _message: str) -> None:
                bar.total = total
                bar.n = done
                bar.refresh()

            job = run_job(job, on_progress=show)
        if job.state == Job.State.CANCELLED:
            raise CommandError(_("Cancelled."))
        if job.state != Job.State.DONE:
            raise CommandError(job.error)

    def _print(self, run: ImportRun, *, is_plan: bool) -> None:
        for entry in run.entries.filter(outcome__in=LISTED).order_by("outcome", "key").iterator():
            self.stdout.write(f"{entry.get_outcome_display()}: {entry.key}: {entry.reason}")
        title = _("Plan for %(dataset)s") if is_plan else _("Imported into %(dataset)s")
        self.stdout.write(
            title % {"dataset": run.dataset.name} + f" ({_('layout')} {run.summary['layout']})"
        )
        for name, parts in run.summary["categories"].items():
            self.stdout.write(
                _("  %(name)s: %(labelled)s labelled, %(unlabelled)s unlabelled")
                % {
                    "name": name,
                    "labelled": parts.get("labelled", 0),
                    "unlabelled": parts.get("unlabelled", 0),
                }
            )
        for outcome, label in ImportEntry.Outcome.choices:
            self.stdout.write(f"  {label}: {run.summary['counts'][outcome]}")
        self.stdout.write(
            _("  Size %(size).1f MB, room needed %(needed).1f MB, free %(free).1f MB")
            % {
                "size": run.summary["total_bytes"] / 2**20,
                "needed": run.summary["needed_bytes"] / 2**20,
                "free": run.summary["free_bytes"] / 2**20,
            }
        )
