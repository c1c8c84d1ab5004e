"""Reading a CSV of items to exclude: columns key, reason and, if wanted, note."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sts_qa.catalogue.models import Dataset, Item
from sts_qa.screening.actions import checked_note
from sts_qa.screening.errors import ScreeningRefused
from sts_qa.screening.models import ScreeningDecision

COLUMNS = ("key", "reason", "note")
REQUIRED = ("key", "reason")
SEPARATORS = ",;\t"
# As many values as fit into one query on every database
LOOKED_UP = 500


@dataclass(frozen=True)
class Exclusion:
    """One good row: which item is to be excluded, and why."""

    line: int
    item: Item
    reason: str
    note: str


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row; `field` names the column."""

    line: int
    field: str
    text: str

    def __str__(self) -> str:
        place = _("Line %(line)s, %(field)s") % {"line": self.line, "field": self.field}
        return f"{place}: {self.text}"


@dataclass
class ExclusionFile:
    """What a file asks for, and everything that is wrong with it."""

    exclusions: list[Exclusion] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def read_exclusions(dataset: Dataset, data: bytes) -> ExclusionFile:
    """Read the whole file and check every row; nothing is written."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return _refused(line, "", _("This is no UTF-8 text. Save the file as CSV UTF-8."))
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        reader.fieldnames = [(name or "").strip().lower() for name in reader.fieldnames or []]
        if problems := _column_problems(list(reader.fieldnames)):
            return ExclusionFile(errors=problems)
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        return _refused(reader.reader.line_num, "", str(error))
    return _check_rows(dataset, rows)


def _refused(line: int, name: str, text: str) -> ExclusionFile:
    return ExclusionFile(errors=[RowError(line, name or _("whole line"), text)])


def _column_problems(names: list[str]) -> list[RowError]:
    missing = [
        RowError(1, name, _("This column is missing. The first line must name the columns."))
        for name in REQUIRED
        if name not in names
    ]
    unknown = [
        RowError(1, name or _("unnamed"), _("This column is not known; known are: %s.") % known)
        for known in [", ".join(COLUMNS)]
        for name in names
        if name not in COLUMNS
    ]
    twice = [
        RowError(1, name, _("There is more than one column of this name."))
        for name in COLUMNS
        if names.count(name) > 1
    ]
    return missing + unknown + twice


def _check_rows(dataset: Dataset, rows: list[tuple[int, dict]]) -> ExclusionFile:
    found = ExclusionFile()
    items = _items(dataset, [_key(row) for _line, row in rows])
    lines: dict[str, int] = {}
    for line, row in rows:
        key = _key(row)
        reason = (row["reason"] or "").strip().lower()
        errors = _row_errors(row, key, reason, items, lines.get(key))
        found.errors += [RowError(line, name, text) for name, text in errors]
        lines.setdefault(key, line)
        if not errors:
            note = (row.get("note") or "").strip()
            found.exclusions.append(Exclusion(line, items[key], reason, note))
    return found


def _row_errors(
    row: dict, key: str, reason: str, items: dict[str, Item], earlier: int | None
) -> list[tuple[str, str]]:
    errors = []
    if None in row:
        errors.append((_("whole line"), _("There are more values than columns.")))
    if not key:
        errors.append(("key", _("The key is missing.")))
    elif key not in items:
        errors.append(("key", _("The dataset has no item %s.") % key))
    elif earlier is not None:
        errors.append(("key", _("The item stands in line %s already.") % earlier))
    if not reason:
        known = ", ".join(ScreeningDecision.Reason.values)
        errors.append(("reason", _("The reason is missing; known are: %s.") % known))
        return errors
    try:
        checked_note(ScreeningDecision.Outcome.EXCLUDE, reason, row.get("note") or "")
    except ScreeningRefused as refusal:
        name = "note" if reason in ScreeningDecision.Reason.values else "reason"
        errors.append((name, str(refusal)))
    return errors


def _key(row: dict) -> str:
    return unicodedata.normalize("NFC", (row["key"] or "").strip())


def _items(dataset: Dataset, keys: list[str]) -> dict[str, Item]:
    wanted = sorted(set(keys))
    items: dict[str, Item] = {}
    for start in range(0, len(wanted), LOOKED_UP):
        part = dataset.items.filter(key__in=wanted[start : start + LOOKED_UP])
        items |= {item.key: item for item in part}
    return items
