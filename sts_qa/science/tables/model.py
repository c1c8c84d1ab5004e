"""A report table: what is printed on pages and written to files, whatever the format."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

KINDS = ("text", "number", "integer", "share")
MOST_DECIMALS = 6


@dataclass(frozen=True)
class Missing:
    """A value that is not there, and why, for instance 'not_applicable'."""

    code: str


Value = str | int | float | Missing | None
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    code : str
        Stable name in files: lower case letters, digits and underscores.
    label : str
        What people read.
    unit : str
        Unit, or empty.
    kind : str
        'text', 'number', 'integer' or 'share' (0 to 1, shown in percent).
    decimals : int
        Decimals shown; files keep full precision.
    significant : int or None
        Numbers of very different sizes: significant digits shown instead of `decimals`.
    header : str
        Upper header; neighbouring columns with the same one share it.
    words : mapping of str to str
        What people read in place of a text; files keep the text itself.
    """

    code: str
    label: str
    unit: str = ""
    kind: str = "text"
    decimals: int = 2
    header: str = ""
    significant: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Column {self.code}: the kind {self.kind!r} is unknown.")


@dataclass(frozen=True)
class Block:
    """Rows under one set of columns. A row may leave columns out; they are missing there.

    Rows of which there may be very many are best given as `StoredRows`.
    """

    slug: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]

    def __post_init__(self) -> None:
        codes = [column.code for column in self.columns]
        known = set(codes)
        if len(known) != len(codes):
            raise ValueError(f"Block {self.slug}: a column is listed twice.")
        for number, row in enumerate(self.rows, start=1):
            if not known.issuperset(row):
                unknown = next(code for code in row if code not in known)
                raise ValueError(f"Block {self.slug}, row {number}: no column {unknown!r}.")

    def headers(self) -> list[tuple[str, int]]:
        """Return the upper header as (text, number of columns), empty when there is none."""
        spans: list[tuple[str, int]] = []
        for column in self.columns:
            if spans and spans[-1][0] == column.header:
                spans[-1] = (column.header, spans[-1][1] + 1)
            else:
                spans.append((column.header, 1))
        return spans if any(text for text, _ in spans) else []


@dataclass(frozen=True)
class ReportTable:
    """A table with its blocks, notes and provenance.

    Attributes
    ----------
    slug, title : str
        Name in addresses and files; name for people.
    blocks : sequence of Block
        The table itself, then blocks of their own such as related measurements.
    notes : sequence of str
        Sentences printed under the table.
    provenance : mapping of str to str
        Label to text, in the order printed: study, protocol version, seed, ...
    """

    slug: str
    title: str
    blocks: Sequence[Block]
    notes: Sequence[str] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        slugs = [block.slug for block in self.blocks]
        if not slugs or len(set(slugs)) != len(slugs):
            raise ValueError(f"Table {self.slug}: it needs blocks, each with an own slug.")


def cell_value(row: Row, column: Column) -> str | int | float | Missing:
    """Return a cell as plain text or number; everything that is no value becomes `Missing`.

    None, NaN and a column left out become ``Missing("")``. A value that is not of the column's
    kind raises ValueError.
    """
    value = row.get(column.code)
    if value is None or isinstance(value, Missing):
        return value or Missing("")
    if column.kind == "text":
        return str(value)
    number = _as_number(value)
    if number is None or math.isinf(number) or (column.kind == "integer" and number % 1):
        raise ValueError(f"Column {column.code}: {value!r} is not a value of kind {column.kind}.")
    if math.isnan(number):
        return Missing("")
    return int(number) if column.kind == "integer" else number


def missing_code(value: object) -> str:
    """Return why a value is not there; empty when it is there, or no reason is known."""
    return value.code if isinstance(value, Missing) else ""


def coded_columns(block: Block) -> list[Column]:
    """Return the columns in which a missing value says why."""
    # Rows are gone through once: those of a long table come from a file
    coded = {code for row in block.rows for code, value in row.items() if missing_code(value)}
    return [column for column in block.columns if column.code in coded]


def shown_value(row: Row, column: Column, *, missing: str = "-") -> str:
    """Return a cell as people read it: rounded to the column's decimals, thousands separated."""
    value = cell_value(row, column)
    if isinstance(value, Missing):
        return missing
    if isinstance(value, str):
        return column.words.get(value, value)
    if column.kind == "integer":
        return f"{value:,}"
    if column.kind == "share":
        return f"{value:.{column.decimals}%}"
    return f"{value:,.{_decimals(value, column)}f}"


def _decimals(value: float, column: Column) -> int:
    if column.significant is None or value == 0:
        return column.decimals
    magnitude = math.floor(math.log10(abs(value)))
    return min(MOST_DECIMALS, max(0, column.significant - 1 - magnitude))


def _as_number(value: object) -> float | None:
    if isinstance(value, str | bool):
        return None
    try:
        # numpy numbers, Fraction and Decimal all answer to float().
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
