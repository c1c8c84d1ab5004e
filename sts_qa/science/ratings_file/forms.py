"""Reading the forms: a long list, a wide table of raters or of criteria, a bare matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from sts_qa.science.ratings_file.gathering import Gathered
from sts_qa.science.ratings_file.limits import LONGEST_NAME, LONGEST_STRATUM
from sts_qa.science.ratings_file.model import (
    FileItem,
    GivenRating,
    ReadingOptions,
    SourceRow,
    UnreadableTable,
)
from sts_qa.science.ratings_file.raters import check_raters, describe_rater
from sts_qa.science.ratings_file.roles import (
    LEFT_OUT,
    LONG,
    OF_ITEM,
    OF_RATER,
    OF_RATING,
    ROLES,
    ROLES_READ,
    WIDE_CRITERIA,
    WIDE_RATERS,
    is_rater_name,
    plain_name,
    roles_of,
)
from sts_qa.science.ratings_file.values import (
    code_of,
    is_empty,
    is_number,
    plain,
    time_of,
    truth_of,
)

MATRIX = "matrix"
TELL = "Say which one it is, or give it the name"


@dataclass(frozen=True)
class Header:
    """The columns of a file: their names, the roles found, and those that hold scores."""

    form: str
    names: tuple[str, ...]
    roles: dict[str, int]
    scores: tuple[int, ...] = ()

    def cell(self, row: SourceRow, role: str) -> str:
        place = self.roles.get(role)
        return _cell(row, place) if place is not None else ""

    def name(self, role: str) -> str:
        return self.names[self.roles[role]] if role in self.roles else ""

    def unread(self) -> list[str]:
        read = ROLES_READ[self.form]
        used = {*self.scores, *(place for role, place in self.roles.items() if role in read)}
        return [
            name or f"({place + 1})" for place, name in enumerate(self.names) if place not in used
        ]


def _cell(row: SourceRow, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""


def header_of(rows: Sequence[SourceRow], options: ReadingOptions) -> Header:
    """Find out form and columns from the first row and the options.

    Raises
    ------
    UnreadableTable
        When a column that is needed cannot be told.
    """
    names = tuple(" ".join(name.split()) for name in rows[0].cells)
    _check_names(rows[0], names, options)
    roles = roles_of(names, options.columns)
    form = _form_of(roles, options)
    if form == LONG:
        # Without values of their own, the columns of a long list are all known by their roles
        return Header(form, names, roles)
    # Also those that this form cannot read: they are no scores, whatever stands in them
    kept = {*OF_ITEM, *OF_RATER, *OF_RATING, "rater", *options.columns}
    roles = {role: place for role, place in roles.items() if role in kept}
    return Header(form, names, roles, _score_places(rows, names, roles, form, options))


def _check_names(first: SourceRow, names: tuple[str, ...], options: ReadingOptions) -> None:
    if all(is_number(name) or is_empty(name) for name in names):
        raise UnreadableTable(
            "The first row holds numbers only, so the columns have no names. Give them names, or "
            "read the file as a matrix of items by raters."
        )
    plain_names = [plain_name(name) for name in names]
    twice = {name for name in plain_names if name and plain_names.count(name) > 1}
    if twice:
        shown = ", ".join(sorted(twice)[:10])
        raise UnreadableTable(
            f"Row {first.number}: columns have the same name: {shown}. Rename one of each."
        )
    for role, name in options.columns.items():
        if role not in ROLES:
            raise UnreadableTable(f"No column can be {role}; known are: {', '.join(ROLES)}.")
        if plain_name(name) not in plain_names:
            raise UnreadableTable(
                f"There is no column named {name} for the {role}; there are: "
                f"{', '.join(name for name in names[:30] if name)}."
            )


def _form_of(roles: dict[str, int], options: ReadingOptions) -> str:
    if "item" not in roles:
        raise UnreadableTable(f"No column is known as that of the item. {TELL} item.")
    if options.form == "long" or (
        options.form == "auto" and {"rater", "value"} <= set(roles) and not options.score_columns
    ):
        for role in ("rater", "value"):
            if role not in roles:
                raise UnreadableTable(f"No column is known as that of the {role}. {TELL} {role}.")
        return LONG
    return WIDE_CRITERIA if "rater" in roles else WIDE_RATERS


def _score_places(
    rows: Sequence[SourceRow],
    names: tuple[str, ...],
    roles: dict[str, int],
    form: str,
    options: ReadingOptions,
) -> tuple[int, ...]:
    free = [n for n, name in enumerate(names) if name and n not in roles.values()]
    if options.score_columns:
        wanted = [plain_name(pattern) for pattern in options.score_columns]
        places = [n for n in free if any(fnmatchcase(plain_name(names[n]), w) for w in wanted)]
    else:
        named = [n for n in free if is_rater_name(names[n])] if form == WIDE_RATERS else []
        places = named or [n for n in free if _holds_scores(rows[1:], n)]
    if not places:
        raise UnreadableTable("No column holds scores. Say which ones do.")
    return tuple(places)


def _holds_scores(rows: Sequence[SourceRow], place: int) -> bool:
    cells = (_cell(row, place) for row in rows)
    return any(is_number(cell) or code_of(cell) for cell in cells)


def read_table(
    rows: Sequence[SourceRow], header: Header, options: ReadingOptions, found: Gathered
) -> None:
    """Read the rows below the header of a long list or a wide table."""
    for row in rows[1:]:
        if any(_cell(row, place).strip() for place in range(len(header.names), len(row.cells))):
            found.fault(row.number, "", "The row has more cells than there are columns.")
            continue
        if any(plain(header.cell(row, role)) in words for role, words in LEFT_OUT.items()):
            found.left_out += 1
            continue
        item = found.item(header.cell(row, "item"), row.number, header.name("item"))
        if item is not None:
            _describe(item, row, header, found)
            _read_scores(item, row, header, options, found)
    check_raters(found)


def _describe(item: FileItem, row: SourceRow, header: Header, found: Gathered) -> None:
    for role in ("category", "group", "stratum"):
        text = header.cell(row, role)
        if not is_empty(text):
            longest = LONGEST_STRATUM if role == "stratum" else LONGEST_NAME
            name = found.name(text, row.number, header.name(role), longest)
            if name:
                found.describe(item, row.number, header.name(role), role, name)
    text = header.cell(row, "labelled")
    if not is_empty(text):
        labelled = truth_of(text)
        if labelled is None:
            found.fault(row.number, header.name("labelled"), "Give yes or no.")
        else:
            found.describe(item, row.number, header.name("labelled"), "labelled", labelled)


def _read_scores(
    item: FileItem, row: SourceRow, header: Header, options: ReadingOptions, found: Gathered
) -> None:
    place = _slice_of(row, header, found), _is_repeat(row, header, found)
    if header.form == WIDE_RATERS:
        for column in header.scores:
            rater = found.name(header.names[column], row.number, header.names[column])
            rating = found.rating(rater, item.key, *place, row.number)
            _score(rating, options.criterion, row, column, header, found)
        return
    rater = found.name(header.cell(row, "rater"), row.number, header.name("rater"))
    if not rater:
        return
    rating = found.rating(rater, item.key, *place, row.number)
    about_rater = {
        role: (header.cell(row, role), header.name(role))
        for role in header.roles
        if role in OF_RATER
    }
    describe_rater(found.raters[rater], row.number, about_rater, found)
    comment = header.cell(row, "comment").strip(), header.name("comment")
    found.say(rating, row.number, comment, _time_of(row, header, found))
    if header.form == WIDE_CRITERIA:
        for column in header.scores:
            _score(rating, header.names[column], row, column, header, found)
        return
    criterion = options.criterion
    if "criterion" in header.roles:
        column_name = header.name("criterion")
        criterion = found.name(header.cell(row, "criterion"), row.number, column_name)
    if criterion:
        _score(rating, criterion, row, header.roles["value"], header, found)


def _score(
    rating: GivenRating,
    criterion: str,
    row: SourceRow,
    column: int,
    header: Header,
    found: Gathered,
) -> None:
    code = header.cell(row, "code") if header.form == LONG else ""
    found.score(rating, criterion, _cell(row, column), row.number, header.names[column], code)


def _slice_of(row: SourceRow, header: Header, found: Gathered) -> int | None:
    text = plain(header.cell(row, "slice"))
    if is_empty(text):
        return None
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 100_000 and len(text) <= 6:
        return int(text)
    found.fault(row.number, header.name("slice"), "Slices are counted from 1. Give a whole number.")
    return None


def _is_repeat(row: SourceRow, header: Header, found: Gathered) -> bool:
    text = header.cell(row, "repeat")
    if not is_empty(text):
        repeat = truth_of(text)
        if repeat is None:
            found.fault(row.number, header.name("repeat"), "Give yes or no.")
        return bool(repeat)
    return plain(header.cell(row, "kind")) == "repeat"


def _time_of(row: SourceRow, header: Header, found: Gathered) -> datetime | None:
    text = header.cell(row, "time")
    if is_empty(text):
        return None
    moment = time_of(text)
    if moment is None:
        message = "This is no date or time. Write it as 2024-05-31 or 2024-05-31T14:05."
        found.fault(row.number, header.name("time"), message)
    return moment


def read_matrix(rows: Sequence[SourceRow], options: ReadingOptions, found: Gathered) -> None:
    """Read a matrix: a row is an item, a column a rater, both named by their numbers.

    A first row without any number names the raters.
    """
    width = max(len(row.cells) for row in rows)
    names = [f"rater {number:0{len(str(width))}}" for number in range(1, width + 1)]
    if not any(is_number(cell) for cell in rows[0].cells):
        given = [" ".join(cell.split()) for cell in rows[0].cells]
        names = [given[n] if n < len(given) and given[n] else names[n] for n in range(width)]
        rows = rows[1:]
        if len(set(names)) < len(names):
            raise UnreadableTable("Two columns of the matrix have the same name. Rename one.")
    digits = len(str(len(rows)))
    for number, row in enumerate(rows, start=1):
        item = found.item(f"item {number:0{digits}}", row.number, "")
        assert item is not None, "made from its number"
        for column, given_name in enumerate(names):
            rater = found.name(given_name, row.number, str(column + 1))
            rating = found.rating(rater, item.key, None, False, row.number)
            cell = _cell(row, column)
            found.score(rating, options.criterion, cell, row.number, str(column + 1))
