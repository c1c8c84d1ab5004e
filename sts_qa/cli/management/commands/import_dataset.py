"""`manage.py import_dataset`: plan and apply an import in the foreground."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from sts_qa.accounts.queries import may_coordinate
from sts_qa.catalogue.actions import (
    apply_import,
    cancel_import,
    checked_place,
    create_dataset,
    start_import,
)
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.layouts import AUTO, LAYOUTS
from sts_qa.catalogue.models import Dataset, ImportEntry
from sts_qa.catalogue.preview import preview_import
from sts_qa.catalogue.queries import visible_datasets
from sts_qa.catalogue.queries.imports import is_at_work
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
            dataset = _dataset(options["name"].strip(), person)
            if dataset is None and options["dry_run"]:
                errors = self._preview(options)
            else:
                errors = self._import(dataset, person, options)
        except CatalogueRefused as error:
            raise CommandError(str(error)) from error
        if errors:
            raise CommandError(
                ngettext("%d file has errors.", "%d files have errors.", errors) % errors,
                returncode=FILE_ERRORS_STATUS,
            )

    def _preview(self, options: dict[str, Any]) -> int:
        """Print what importing into a new dataset would do; return the number of errors."""
        with _bar(_("Reading")) as bar:
            summary, entries = preview_import(
                name=options["name"],
                root=checked_place(options["path"]),
                layout=options["layout"],
                on_progress=lambda done, total: _show(bar, done, total),
            )
        entries.sort(key=lambda entry: (entry.outcome, entry.key))
        self._print_entries(entry for entry in entries if entry.outcome in LISTED)
        self._print_summary(_("Plan for %(name)s") % {"name": options["name"]}, summary)
        return summary["counts"][ImportEntry.Outcome.ERROR]

    def _import(self, dataset: Dataset | None, person: Any, options: dict[str, Any]) -> int:
        """Plan, and apply unless it is a dry run; return the number of errors."""
        if dataset is None:
            checked_place(options["path"])
            dataset = create_dataset(name=options["name"], acting_user=person)
        self._finish_others(dataset)
        run = start_import(
            dataset=dataset, root=options["path"], layout=options["layout"], acting_user=person
        )
        self._do(run.job, _("Reading"))
        title = _("Plan for %(name)s")
        if options["dry_run"]:
            cancel_import(run=run, acting_user=person)
        else:
            self._do(apply_import(run=run, acting_user=person), _("Importing"))
            title = _("Imported into %(name)s")
        run.refresh_from_db()
        entries = run.entries.filter(outcome__in=LISTED).order_by("outcome", "key")
        self._print_entries(entries.iterator())
        self._print_summary(title % {"name": dataset.name}, run.summary)
        return run.summary["counts"][ImportEntry.Outcome.ERROR]

    def _finish_others(self, dataset: Dataset) -> None:
        """Take up an import that was killed, or wait for the one that a worker is doing."""
        for other in dataset.imports.select_related("job").order_by("id"):
            if other.job is not None and is_at_work(other):
                self.stdout.write(_("Finishing another import of this dataset first."))
                with _bar(_("Other import")) as bar:
                    run_job(other.job, on_progress=lambda *progress: _show(bar, *progress))

    def _do(self, job: Job | None, title: str) -> None:
        """Do the job here, with a bar on the terminal, and stop when it fails."""
        assert job is not None
        with _bar(title) as bar:
            job = run_job(job, on_progress=lambda *progress: _show(bar, *progress))
        if job.state == Job.State.CANCELLED:
            raise CommandError(_("Cancelled."))
        if job.state != Job.State.DONE:
            raise CommandError(job.error)

    def _print_entries(self, entries: Iterable[ImportEntry]) -> None:
        for entry in entries:
            self.stdout.write(f"{entry.get_outcome_display()}: {entry.key}: {entry.reason}")

    def _print_summary(self, title: str, summary: dict[str, Any]) -> None:
        layout = _("layout")
        self.stdout.write(f"{title} ({layout} {summary['layout']})")
        for name, parts in summary["categories"].items():
            self.stdout.write(
                _("  %(name)s: %(labelled)s labelled, %(unlabelled)s unlabelled")
                % {
                    "name": name,
                    "labelled": parts.get("labelled", 0),
                    "unlabelled": parts.get("unlabelled", 0),
                }
            )
        for outcome, label in ImportEntry.Outcome.choices:
            self.stdout.write(f"  {label}: {summary['counts'][outcome]}")
        self.stdout.write(
            _("  Size %(size).1f MB, room needed %(needed).1f MB, free %(free).1f MB")
            % {
                "size": summary["total_bytes"] / 2**20,
                "needed": summary["needed_bytes"] / 2**20,
                "free": summary["free_bytes"] / 2**20,
            }
        )


def _dataset(name: str, person: Any) -> Dataset | None:
    """Return the dataset of that name, or None when there is none yet."""
    dataset = Dataset.objects.filter(name=name).first()
    if dataset and not visible_datasets(person).filter(pk=dataset.pk).exists():
        raise CommandError(
            _("%(person)s is no member of %(dataset)s.")
            % {"person": person.username, "dataset": dataset.name}
        )
    return dataset


def _bar(title: str) -> tqdm:
    return tqdm(desc=title, unit=" files", disable=not sys.stderr.isatty())


def _show(bar: tqdm, done: int, total: int, _message: str = "") -> None:
    bar.total, bar.n = total, done
    bar.refresh()
