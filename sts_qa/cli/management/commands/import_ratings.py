"""`manage.py import_ratings FILE --study NAME`: old ratings as a closed study of their own."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.cli.commands import acting_user, add_acting_user, dataset_named, protocol_named
from sts_qa.rating.actions.import_ratings import ImportReport, import_ratings
from sts_qa.rating.import_form import COLUMN_LABELS, listed
from sts_qa.rating.queries.import_plan import FORM_NAMES, ImportOptions
from sts_qa.science.ratings_file import FORMS, ReadingOptions
from sts_qa.science.ratings_file.limits import MOST_BYTES
from sts_qa.studies.errors import StudyError


class Command(BaseCommand):
    help = (
        "Imports ratings that were given elsewhere, from CSV or XLSX, as a new closed study. A "
        "file with an error in any row changes nothing; each error is named by row and column. "
        "Items and raters are made as placeholders where the dataset has no images. Exit status: "
        "0 all is well, 1 nothing is imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="CSV or XLSX file")
        parser.add_argument("--study", required=True, metavar="NAME", help="name of the new study")
        parser.add_argument("--dataset", metavar="NAME", help="whose items the file names")
        parser.add_argument("--protocol", metavar="PROTOCOL", help="its short name")
        parser.add_argument("--form", choices=FORMS, default="auto")
        parser.add_argument(
            "--range",
            nargs=2,
            type=_number,
            metavar=("LOWEST", "HIGHEST"),
            help="of the scores, for a protocol that is made of the file's criteria",
        )
        parser.add_argument(
            "--annotation", default="", metavar="NAME,NAME,...", help="criteria that judge masks"
        )
        parser.add_argument("--criterion", default="score", help="name of the only criterion")
        parser.add_argument(
            "--score-columns", default="", metavar="NAME,NAME,...", help="* for any characters"
        )
        for role in COLUMN_LABELS:
            parser.add_argument(f"--{role}-column", default="", metavar="COLUMN")
        parser.add_argument("--sheet", default="", help="of a workbook; by default the first")
        parser.add_argument("--encoding", default="", help="of a text file")
        parser.add_argument("--delimiter", default="", help="of a text file")
        parser.add_argument(
            "--dry-run", action="store_true", help="check the file and say what would be done"
        )
        add_acting_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        person = acting_user(options)
        dataset = dataset_named(options["dataset"], person) if options["dataset"] else None
        version = protocol_named(options["protocol"]) if options["protocol"] else None
        try:
            report = import_ratings(
                name=options["study"],
                table=_content(options["file"]),
                options=_options(options),
                dataset=dataset,
                protocol_version=version,
                acting_user=person,
                dry_run=options["dry_run"],
            )
        except StudyError as error:
            raise CommandError(str(error)) from error
        self._print_errors(report)
        self._print_counts(report)

    def _print_errors(self, report: ImportReport) -> None:
        for error in report.errors:
            parts = []
            if error.row:
                parts.append(_("Row %d") % error.row)
            if error.column:
                parts.append(_("column %s") % error.column)
            place = ", ".join(parts)
            self.stderr.write(f"{place}: {error.message}" if place else error.message)
        if report.error_count:
            text = ngettext(
                "Nothing is imported: correct the %(count)s error above.",
                "Nothing is imported: correct the %(count)s errors above.",
                report.error_count,
            )
            raise CommandError(text % {"count": report.error_count})

    def _print_counts(self, report: ImportReport) -> None:
        self.stdout.write(
            _("Nothing was imported; this is what would be done:")
            if report.is_dry_run
            else _("The study “%s” is made:") % report.name
        )
        lines: list[tuple[str, object]] = [
            (_("form"), FORM_NAMES.get(report.form, report.form)),
            (_("items"), report.items),
            (_("of these without images"), report.new_items),
            (_("raters"), len(report.raters)),
            *(_named(_("of these programs"), report.programs)),
            *(_named(_("of these withdrawn"), report.withdrawn_raters)),
            (_("ratings"), report.ratings),
            (_("scores"), report.scores),
            (_("empty cells"), report.missing_cells),
            (_("rows left out"), report.left_out),
            (_("columns not read"), ", ".join(report.unread_columns) or "-"),
        ]
        lines += [
            (criterion.code, f"{criterion.shown_range} ({criterion.range_source_label})")
            for criterion in report.criteria
        ]
        width = max(len(str(label)) for label, _value in lines)
        for label, value in lines:
            self.stdout.write(f"  {label:<{width}}  {value}")


def _named(label: str, names: tuple[str, ...]) -> list[tuple[str, object]]:
    """Return a line for raters that are unlike the others, none where there are none."""
    return [(label, f"{len(names)}: {', '.join(names)}")] if names else []


def _options(options: dict[str, Any]) -> ImportOptions:
    columns = {role: options[f"{role}_column"] for role in COLUMN_LABELS}
    reading = ReadingOptions(
        form=options["form"],
        columns={role: name for role, name in columns.items() if name},
        score_columns=listed(options["score_columns"]),
        criterion=options["criterion"],
        sheet=options["sheet"],
        encoding=options["encoding"],
        delimiter=options["delimiter"].replace("\\t", "\t"),
    )
    ends = options["range"]
    if ends is not None and ends[0] >= ends[1]:
        raise CommandError(_("--range: the highest score must be above the lowest one."))
    return ImportOptions(reading, tuple(ends) if ends else None, listed(options["annotation"]))


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number) > 9999 or number != round(number, 3):
        raise CommandError(_("--range: “%s” is no number from -9999 to 9999.") % text)
    return number


def _content(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            # One more than is read, so that a larger file is refused and not cut off
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}.") from error
