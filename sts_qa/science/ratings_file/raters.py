"""What the rows of a file say of their raters: a person or a program, and whether withdrawn."""

from collections.abc import Mapping

from sts_qa.science.ratings_file.gathering import Gathered
from sts_qa.science.ratings_file.limits import LONGEST_MODEL_NAME, LONGEST_MODEL_VERSION
from sts_qa.science.ratings_file.model import FileRater
from sts_qa.science.ratings_file.values import is_empty, plain

# As the report of raw scores writes them, with what is said where a cell holds another word
WORDS = {
    "rater_kind": (("expert", "model"), "Write expert or model, or leave the cell empty."),
    "rater_state": (
        ("active", "continued", "withdrawn"),
        "Write active, continued or withdrawn, or leave the cell empty.",
    ),
}
NAMES = {"model_name": LONGEST_MODEL_NAME, "model_version": LONGEST_MODEL_VERSION}


def describe_rater(
    rater: FileRater, row: int, cells: Mapping[str, tuple[str, str]], found: Gathered
) -> None:
    """Give a rater what one row says of it.

    Parameters
    ----------
    rater : FileRater
        Of `found`.
    row : int
        Number of the row, as in the file.
    cells : mapping of role to (str, str)
        Text and name of the column of each role that the file has, of `roles.OF_RATER`.
    found : Gathered
        Where faults are noted.
    """
    for role, (text, column) in cells.items():
        if is_empty(text):
            continue
        if role in WORDS:
            words, fault = WORDS[role]
            value = plain(text).casefold()
            if value not in words:
                found.fault(row, column, fault)
                continue
        else:
            # What cannot be kept is a fault already, and not missing as well
            value = found.name(text, row, column, NAMES[role]) or text
        found.describe_rater(rater, row, column, role, value)


def check_raters(found: Gathered) -> None:
    """Note a fault for each program that is not named, and each name that no program has."""
    programs: dict[tuple[str, str], FileRater] = {}
    for rater in found.raters.values():
        kind = rater.facts.get("rater_kind")
        told = [rater.facts[role] for role in NAMES if role in rater.facts]
        if not rater.is_program:
            for fact in told:
                found.fault(
                    fact.row,
                    fact.column,
                    "Only a program has this. Say model in the column rater_kind, or leave the "
                    "cell empty.",
                )
        elif kind is not None and len(told) < len(NAMES):
            missing = next(role for role in NAMES if role not in rater.facts)
            found.fault(kind.row, missing, "A program needs a name and a version.")
        else:
            first = programs.setdefault(rater.model, rater)
            if first is not rater:
                found.fault(
                    told[-1].row,
                    told[-1].column,
                    f"The rater {first.name} is the same program in the same version. Give each "
                    "a version of its own.",
                )
