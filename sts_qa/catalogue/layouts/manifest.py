"""A CSV table that names every image: `manifest.csv` in the imported folder, or the file itself.

Columns, in any order: category and image; where wanted group, mask, labelled, region, subject and
source. Paths are relative to the table's folder. Other columns are left out, because they could
identify people.
"""

from __future__ import annotations

import csv
import io
import posixpath
import unicodedata
from collections import Counter
from pathlib import Path

from django.utils.translation import gettext as _

from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.layouts.candidates import Candidate, LayoutResult
from sts_qa.catalogue.layouts.listing import Finding, FoundFile, Listing

REQUIRED = ("category", "image")
OPTIONAL = ("group", "mask", "labelled", "region", "subject", "source")
ALIASES = {"labeled": "labelled"}
YES, NO = {"yes", "true", "1"}, {"no", "false", "0"}
MAX_BYTES = 256 * 1024 * 1024


class _RowError(Exception):
    """What is wrong with one field of a row."""


def find_manifest(listing: Listing) -> FoundFile | None:
    """Return the table in the root folder, whatever the case of its name."""
    name = listing.manifest_name.casefold()
    named = [table for table in listing.tables if table.key.casefold() == name]
    return named[0] if len(named) == 1 else None


def read_manifest(listing: Listing) -> LayoutResult:
    """Read a listing's table.

    Raises
    ------
    CatalogueRefused
        When there is no table, or it cannot be read at all.
    """
    table = find_manifest(listing)
    if table is None:
        raise CatalogueRefused(
            _("There is no %(name)s in the folder.") % {"name": listing.manifest_name}
        )
    rows, columns = _read_table(table)
    files = {found.key: found for found in listing.files}
    result = LayoutResult()
    for column in columns:
        if column not in REQUIRED + OPTIONAL:
            result.findings.append(_left_out_column(table, column))
    lines: dict[str, int] = {}
    masks = Counter(_path(row["mask"]) for _line, row in rows if row.get("mask"))
    for line, row in rows:
        try:
            candidate = _read_row(row, files, masks)
            first = lines.setdefault(candidate.key, line)
            if first != line:
                raise _RowError(
                    _("image: %(path)s stands in row %(first)s already.")
                    % {"path": candidate.key, "first": first}
                )
        except _RowError as error:
            result.findings.append(Finding(f"{table.key}, row {line}", "manifest-row", str(error)))
        else:
            result.candidates.append(candidate)
    _note_unlisted(files, result)
    return result


def _read_table(table: FoundFile) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """Return (line number, row by column name) of every row that is not empty, and the columns."""
    if table.size_bytes > MAX_BYTES:
        raise CatalogueRefused(_("The manifest is larger than 256 MB."))
    try:
        text = Path(table.path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueRefused(
            _("The manifest is not UTF-8 (at byte %(byte)s). Save it as CSV UTF-8.")
            % {"byte": error.start}
        ) from None
    header_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = [_column_name(name) for name in next(reader, [])]
        _check_columns(columns)
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                values = dict(zip(columns, map(_cell, cells), strict=False))
                rows.append((reader.line_num, values))
    except csv.Error as error:
        raise CatalogueRefused(
            _("The manifest cannot be read in row %(row)s: %(text)s.")
            % {"row": reader.line_num, "text": error}
        ) from None
    return rows, columns


def _column_name(name: str) -> str:
    plain = name.strip().casefold()
    return ALIASES.get(plain, plain)


def _cell(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())


def _check_columns(columns: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise CatalogueRefused(
            _("The manifest has no column %(missing)s. Its first row must name the columns.")
            % {"missing": ", ".join(missing)}
        )
    if twice := [name for name, count in Counter(columns).items() if name and count > 1]:
        raise CatalogueRefused(
            _("The manifest has the column %(name)s more than once.") % {"name": ", ".join(twice)}
        )


def _read_row(row: dict[str, str], files: dict[str, FoundFile], masks: Counter) -> Candidate:
    for field, text in row.items():
        if not text.isprintable():
            raise _RowError(_("%(field)s: holds control characters.") % {"field": field})
    category = row.get("category", "")
    if not category:
        raise _RowError(_("category: is empty."))
    image = _file_of("image", row.get("image", ""), files)
    labelled = _labelled(row)
    mask, mask_error, mask_reason = None, "", ""
    if mask_path := row.get("mask", ""):
        mask = files.get(_path(mask_path))
        if mask is None:
            mask_error = "missing"
            mask_reason = _("%(path)s is not in the folder.") % {"path": mask_path}
        elif masks[mask.key] > 1:
            mask, mask_error = None, "ambiguous"
            mask_reason = _("Several rows name the mask %(path)s.") % {"path": mask_path}
    elif labelled:
        mask_error, mask_reason = "missing", _("The row names no mask.")
    return Candidate(
        image=image,
        category=category,
        group=row.get("group", ""),
        labelled=labelled,
        mask=mask,
        mask_error=mask_error,
        mask_reason=mask_reason,
        attributes={"region": row["region"]} if row.get("region") else {},
        subject=row.get("subject", ""),
        source=row.get("source", ""),
    )


def _labelled(row: dict[str, str]) -> bool:
    text = row.get("labelled", "").casefold()
    has_mask = bool(row.get("mask"))
    if not text:
        return has_mask
    if text not in YES | NO:
        raise _RowError(_("labelled: '%(text)s' is neither yes nor no.") % {"text": text})
    if text in NO and has_mask:
        raise _RowError(_("labelled: is no, but the row names a mask."))
    return text in YES


def _file_of(field: str, path: str, files: dict[str, FoundFile]) -> FoundFile:
    if not path:
        raise _RowError(_("%(field)s: is empty.") % {"field": field})
    found = files.get(_path(path))
    if found is None:
        raise _RowError(
            _("%(field)s: %(path)s is not among the folder's images.")
            % {"field": field, "path": path}
        )
    return found


def _path(text: str) -> str:
    """Return a cell's path as a key. One that leads out of the folder is no key of a file."""
    return posixpath.normpath(text.replace("\\", "/"))


def _left_out_column(table: FoundFile, column: str) -> Finding:
    reason = _("This column is not imported; known are %(known)s.")
    return Finding(
        f"{table.key}, column {column or '?'}",
        "column-left-out",
        reason % {"known": ", ".join(REQUIRED + OPTIONAL)},
        ignored=True,
    )


def _note_unlisted(files: dict[str, FoundFile], result: LayoutResult) -> None:
    used = {candidate.key for candidate in result.candidates}
    used |= {candidate.mask.key for candidate in result.candidates if candidate.mask}
    for key, found in files.items():
        if key not in used:
            result.findings.append(
                Finding(key, "not-listed", _("No row names it."), found.size_bytes, ignored=True)
            )
