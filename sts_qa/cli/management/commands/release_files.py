"""`manage.py release_files`: remove kept copies and volume stores that can be made again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from sts_qa.cli.commands import acting_user, add_acting_user
from sts_qa.studies.actions.release import release_files
from sts_qa.studies.errors import StudyError
from sts_qa.studies.queries.stored_files import StoredFile, stored_files


class Command(BaseCommand):
    help = (
        "Removes kept copies and volume stores that no drawn, running or paused study needs and "
        "whose source file is still there, unchanged; uploaded files always stay. Sources are "
        "read to compare them, so this takes its time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
        add_acting_user(parser)

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        person = acting_user(options)
        if not person.is_superuser:
            raise CommandError(
                _("%s is no superuser; this concerns the files of all datasets.") % person.username
            )
        found: dict[str, list[StoredFile]] = {}
        try:
            for file in stored_files() if dry_run else release_files(acting_user=person):
                found.setdefault(file.held_by, []).append(file)
                if not file.held_by:
                    self.stdout.write(f"{file.path} {filesizeformat(file.size_bytes)}")
        except StudyError as error:
            raise CommandError(str(error)) from error
        self._print_sums(found, dry_run)

    def _print_sums(self, found: dict[str, list[StoredFile]], dry_run: bool) -> None:
        titles = {
            "": _("would be removed") if dry_run else _("removed"),
            "study": _("kept: a study needs them"),
            "upload": _("kept: uploaded, there is no other copy"),
            "source": _("kept: the source file is gone or has changed"),
            "unknown": _("kept: of no image or mask known here"),
        }
        for held_by, title in titles.items():
            files = found.get(held_by, [])
            if files or not held_by:
                size = filesizeformat(sum(file.size_bytes for file in files))
                self.stdout.write(f"{title}: {len(files)} ({size})")
