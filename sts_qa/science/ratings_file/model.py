"""What is read from a file of ratings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

MOST_ERRORS = 500


@dataclass(frozen=True)
class ReadingOptions:
    """What the file itself does not say; everything may be left out.

    Attributes
    ----------
    form : str
        One of `roles.FORMS`; 'auto' looks at the names of the columns.
    columns : mapping of role to column name
        Which column has which role (`roles.ROLES`), where its name does not tell.
    score_columns : tuple of str
        Names of the columns that hold scores in a wide file; `*` stands for any characters.
    criterion : str
        Name of the criterion where the file has one only and does not name it.
    sheet, encoding, delimiter : str
        Of a workbook its sheet (default: the first), of a text file its encoding and separator
        (default: found out).
    """

    form: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    score_columns: tuple[str, ...] = ()
    criterion: str = "score"
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True)
class FileError:
    """One fault: the row as in the file (from 1; 0 for the whole file), the column, what to do."""

    row: int
    column: str
    message: str


class UnreadableTable(Exception):
    """The file as a whole cannot be read; the text says why and what to do."""


@dataclass(frozen=True)
class SourceRow:
    """One row of text cells; `number` counts lines of a text file or rows of a sheet, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SourceTable:
    """All rows that are not empty, and how they were read."""

    rows: tuple[SourceRow, ...]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    errors: tuple[FileError, ...] = ()


@dataclass(frozen=True)
class GivenScore:
    """One criterion's value, or exactly one code, and the cell that holds it."""

    value: Decimal | None
    code: str
    row: int
    column: str


@dataclass
class GivenRating:
    """What one rater said of one item (or slice, counted from 1) at one showing.

    Without scores: the file names the pair, and nothing was rated.
    """

    rater: str
    item: str
    slice_number: int | None
    is_repeat: bool
    row: int
    comment: str = ""
    time: datetime | None = None
    scores: dict[str, GivenScore] = field(default_factory=dict)


@dataclass
class FileItem:
    """An item as the file describes it; what no column says is empty or None."""

    key: str
    row: int
    category: str = ""
    group: str = ""
    stratum: str = ""
    labelled: bool | None = None


@dataclass(frozen=True)
class RaterFact:
    """What a cell says of a rater, and the first cell that says it."""

    value: str
    row: int
    column: str


@dataclass
class FileRater:
    """A rater as the file describes it, by roles of columns; most files say nothing."""

    name: str
    facts: dict[str, RaterFact] = field(default_factory=dict)

    def told(self, role: str) -> str:
        return self.facts[role].value if role in self.facts else ""

    @property
    def is_program(self) -> bool:
        return self.told("rater_kind") == "model"

    @property
    def model(self) -> tuple[str, str]:
        """Name and version of a program; both are empty for a person."""
        if not self.is_program:
            return "", ""
        return self.told("model_name"), self.told("model_version")

    @property
    def is_withdrawn(self) -> bool:
        """Say whether the ratings count only when somebody asks for them."""
        return self.told("rater_state") == "withdrawn"


@dataclass(frozen=True)
class RatingsFile:
    """All that was read.

    Attributes
    ----------
    form : str
        'long', 'wide_raters', 'wide_criteria' or 'matrix'; empty when it could not be told.
    described_raters : mapping of str to FileRater
        All the raters, by name.
    missing_cells : int
        Places for a score that are empty: not rated.
    unread_columns : tuple of str
        Columns that have no role.
    left_out : int
        Rows that say of themselves that they do not count (practice, superseded, not admitted,
        withdrawn).
    errors : tuple of FileError
        The first ones, at most `MOST_ERRORS`; `error_count` has them all.
    """

    form: str
    encoding: str
    sheet: str
    ratings: tuple[GivenRating, ...]
    items: Mapping[str, FileItem]
    described_raters: Mapping[str, FileRater]
    criteria: tuple[str, ...]
    missing_cells: int
    unread_columns: tuple[str, ...]
    left_out: int
    errors: tuple[FileError, ...]
    error_count: int

    @property
    def raters(self) -> tuple[str, ...]:
        """The raters' names, in the order of the file."""
        return tuple(self.described_raters)
