"""What one cell says: a number, a code, yes or no, a time, or nothing."""

import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal

NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,2})?")
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]{1,9},[0-9]{1,17}")
LARGEST = Decimal(9999)
MOST_DECIMALS = 3
EMPTY = {"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--", "."}
CODES = {
    "not_applicable": "not_applicable",
    "cannot_judge": "cannot_judge",
    "not_asked": "not_asked",
    "不适用": "not_applicable",
    "无法评判": "cannot_judge",
}
YES = {"1", "true", "yes", "y", "labelled", "labeled", "mask", "repeat", "是", "有", "已标注"}
NO = {"0", "false", "no", "n", "unlabelled", "unlabeled", "main", "first", "否", "无", "未标注"}
CONTROL = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: str) -> str:
    """Return a cell's text without surrounding space, full-width characters as usual ones."""
    return unicodedata.normalize("NFKC", text).strip()


def name_of(text: str) -> str:
    """Return a name as it is kept: Unicode normal form C, without surrounding space."""
    return unicodedata.normalize("NFC", text).strip()


def is_printable(text: str) -> bool:
    """Say whether every character can be stored and shown on one line."""
    if text.isprintable():
        return True
    return not any(unicodedata.category(character) in CONTROL for character in text)


def is_empty(text: str) -> bool:
    return plain(text).casefold() in EMPTY


def is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(plain(text)) or DECIMAL_COMMA.fullmatch(plain(text)))


def number_of(text: str, *, decimal_comma: bool) -> Decimal | str:
    """Return the number in a cell, or the sentence that says what is wrong with it."""
    shown = plain(text)
    if decimal_comma and DECIMAL_COMMA.fullmatch(shown):
        shown = shown.replace(",", ".")
    if not NUMBER.fullmatch(shown):
        return "This is neither a number nor a code. Give a number, or leave the cell empty."
    number = Decimal(shown)
    if abs(number) > LARGEST:
        return "The number is too large; scores lie between -9999 and 9999."
    if number and int(number.normalize().as_tuple().exponent) < -MOST_DECIMALS:
        return "A score has at most 3 digits after the decimal point. Round it."
    # Adding nothing turns -0 into 0
    return number.quantize(Decimal("0.001")) + 0


def code_of(text: str) -> str:
    """Return the code that a cell holds, or an empty string."""
    return CODES.get("_".join(plain(text).casefold().replace("-", " ").split()), "")


def truth_of(text: str) -> bool | None:
    """Return yes or no, None for what is neither."""
    word = plain(text).casefold()
    return True if word in YES else False if word in NO else None


def time_of(text: str) -> datetime | None:
    """Return a moment written as in ISO 8601, without a zone in UTC; None for anything else."""
    try:
        moment = datetime.fromisoformat(plain(text))
        # Also refuses what has no place on the calendar once it is in UTC
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
