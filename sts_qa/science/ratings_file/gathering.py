"""Putting scores together to ratings, items and raters, and noting what contradicts itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sts_qa.science.ratings_file.limits import (
    LONGEST_COMMENT,
    LONGEST_KEY,
    LONGEST_NAME,
    MOST_SCORES,
)
from sts_qa.science.ratings_file.model import (
    MOST_ERRORS,
    FileError,
    FileItem,
    FileRater,
    GivenRating,
    GivenScore,
    RaterFact,
    RatingsFile,
    SourceTable,
    UnreadableTable,
)
from sts_qa.science.ratings_file.values import (
    code_of,
    is_empty,
    is_printable,
    name_of,
    number_of,
)

Showing = tuple[str, str, int | None, bool]


class Gathered:
    """What was read so far."""

    def __init__(self, table: SourceTable) -> None:
        self.table = table
        self.ratings: dict[Showing, GivenRating] = {}
        self.items: dict[str, FileItem] = {}
        self.raters: dict[str, FileRater] = {}
        self.criteria: dict[str, None] = {}
        self.missing_cells = 0
        self.left_out = 0
        self.scores = 0
        self.errors: list[FileError] = list(table.errors[:MOST_ERRORS])
        self.error_count = len(table.errors)

    def fault(self, row: int, column: str, message: str) -> None:
        self.error_count += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(FileError(row, column, message))

    def name(self, text: str, row: int, column: str, longest: int = LONGEST_NAME) -> str:
        """Return a name that can be kept, or an empty string with its fault noted."""
        name = name_of(text)
        if not name:
            self.fault(row, column, "This cell is empty. Fill it in, or delete the row.")
        elif len(name) > longest:
            self.fault(row, column, f"This name is longer than {longest} characters. Shorten it.")
        elif not is_printable(name):
            self.fault(row, column, "This name holds a character that cannot be shown. Remove it.")
        else:
            return name
        return ""

    def item(self, text: str, row: int, column: str) -> FileItem | None:
        key = self.name(text, row, column, LONGEST_KEY)
        return self.items.setdefault(key, FileItem(key, row)) if key else None

    def describe(self, item: FileItem, row: int, column: str, field: str, value: Any) -> None:
        """Give an item what a row says of it; what an earlier row said otherwise is a fault."""
        known = getattr(item, field)
        if known in ("", None):
            setattr(item, field, value)
        elif known != value:
            self.fault(
                row,
                column,
                f"Row {item.row} says otherwise of the item {item.key}. Correct one of them.",
            )

    def describe_rater(
        self, rater: FileRater, row: int, column: str, role: str, value: str
    ) -> None:
        """Give a rater what a row says of it; what an earlier row said otherwise is a fault."""
        first = rater.facts.setdefault(role, RaterFact(value, row, column))
        if first.value != value:
            self.fault(
                row,
                column,
                f"Row {first.row} says otherwise of the rater {rater.name}. Correct one of them.",
            )

    def rating(
        self, rater: str, item: str, slice_number: int | None, is_repeat: bool, row: int
    ) -> GivenRating:
        showing = (rater, item, slice_number, is_repeat)
        if rater not in self.raters:
            self.raters[rater] = FileRater(rater)
        if showing not in self.ratings:
            self.ratings[showing] = GivenRating(rater, item, slice_number, is_repeat, row)
        return self.ratings[showing]

    def say(
        self, rating: GivenRating, row: int, comment: tuple[str, str], time: datetime | None
    ) -> None:
        """Add comment (with its column) and time of a row to its rating."""
        text, column = comment
        if text and not is_empty(text):
            if len(text) > LONGEST_COMMENT or not is_printable(" ".join(text.split())):
                self.fault(row, column, "This comment is too long or holds unusual characters.")
            elif text not in rating.comment.split("\n"):
                rating.comment = f"{rating.comment}\n{text}".strip()
        if time is not None:
            rating.time = time if rating.time is None else max(rating.time, time)

    def score(
        self, rating: GivenRating, criterion: str, text: str, row: int, column: str, code: str = ""
    ) -> None:
        """Add the score of one cell; `code` is that of a column of its own."""
        self.criteria.setdefault(criterion)
        found = code_of(text) or (code_of(code) if is_empty(text) else "")
        if not found and is_empty(text):
            if not is_empty(code):
                self.fault(row, column, "This code is not known. Use cannot_judge or leave it out.")
            self.missing_cells += 1
            return
        value = None if found else number_of(text, decimal_comma=self.table.delimiter != ",")
        if isinstance(value, str):
            self.fault(row, column, value)
        elif (first := rating.scores.get(criterion)) is not None:
            self.fault(
                row,
                column,
                f"The same rater, item and criterion stand in row {first.row} already. Keep one "
                "of them, or mark a repeat in a column named repeat.",
            )
        else:
            rating.scores[criterion] = GivenScore(value, found, row, column)
            self.scores += 1
            if self.scores > MOST_SCORES:
                raise UnreadableTable(f"The file has more than {MOST_SCORES:,} scores. Split it.")

    def file(self, form: str, unread: Sequence[str]) -> RatingsFile:
        return RatingsFile(
            form=form,
            encoding=self.table.encoding,
            sheet=self.table.sheet,
            ratings=tuple(self.ratings.values()),
            items=self.items,
            described_raters=self.raters,
            criteria=tuple(self.criteria),
            missing_cells=self.missing_cells,
            unread_columns=tuple(unread),
            left_out=self.left_out,
            errors=tuple(self.errors),
            error_count=self.error_count,
        )
