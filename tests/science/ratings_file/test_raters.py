"""What a file says of its raters: people or programs, and whether they were withdrawn."""

from __future__ import annotations

import pytest

from sts_qa.science.ratings_file import RatingsFile, read_ratings

HEAD = "item,rater,value,rater_kind,model_name,model_version,rater_state\n"


def read(text: str) -> RatingsFile:
    return read_ratings(text.encode())


def said(text: str) -> list[tuple[int, str]]:
    return [(error.row, error.column) for error in read(text).errors]


def told(file: RatingsFile) -> dict[str, tuple]:
    return {
        name: (rater.is_program, rater.model, rater.is_withdrawn)
        for name, rater in file.described_raters.items()
    }


PERSON = (False, ("", ""), False)


def test_programs_and_withdrawn_raters_are_told_from_the_others() -> None:
    file = read(
        f"{HEAD}x,R1,3,expert,,,active\nx,R2,4,expert,,,withdrawn\nx,R3,4,,,,continued\n"
        "x,net,0,model,ToothNet,1.2,active\ny,net,1,,,,\n"
        "x,net2,0,Model,ToothNet,1.3,Withdrawn\n"
    )
    assert (file.errors, file.unread_columns) == ((), ())
    assert told(file) == {
        "R1": PERSON,
        "R2": (False, ("", ""), True),
        "R3": PERSON,
        "net": (True, ("ToothNet", "1.2"), False),
        "net2": (True, ("ToothNet", "1.3"), True),
    }


def test_without_these_columns_every_rater_is_a_person_who_takes_part() -> None:
    assert told(read("item,rater,value\nx,R1,3\n")) == {"R1": PERSON}
    assert told(read("item,rater 1\nx,3\n")) == {"rater 1": PERSON}


def test_the_columns_are_read_where_each_criterion_has_one() -> None:
    file = read(
        "item,rater,rater_kind,model_name,model_version,contrast\nx,net,model,ToothNet,2,5\n"
    )
    assert (file.form, file.errors) == ("wide_criteria", ())
    assert (file.criteria, file.unread_columns) == (("contrast",), ())
    assert told(file) == {"net": (True, ("ToothNet", "2"), False)}


def test_where_each_rater_has_a_column_they_are_named_unread() -> None:
    file = read("item,rater_kind,rater_state,rater 1,rater 2\nx,expert,active,1,2\n")
    assert (file.form, file.errors, file.raters) == ("wide_raters", (), ("rater 1", "rater 2"))
    assert file.unread_columns == ("rater_kind", "rater_state")


def test_a_model_without_the_kind_of_rater_is_rather_a_device() -> None:
    file = read("item,rater,value,model_name,model_version\nx,R1,3,ProMax,2\n")
    assert (file.errors, file.unread_columns) == ((), ("model_name", "model_version"))
    assert told(file) == {"R1": PERSON}
    # As before: a column of numbers is one of scores
    wide = read("item,rater,contrast,model_version\nx,R1,3,2\n")
    assert wide.criteria == ("contrast", "model_version")


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ("x,R1,3,expert,,,active\ny,R1,3,model,,,\n", [(3, "rater_kind")]),
        ("x,R1,3,expert,,,active\ny,R1,3,expert,,,withdrawn\n", [(3, "rater_state")]),
        ("x,n,3,model,A,1,\ny,n,3,model,B,1,\nz,n,3,model,A,2,\n",
         [(3, "model_name"), (4, "model_version")]),
        ("x,R1,3,dentist,,,\n", [(2, "rater_kind")]),
        ("x,R1,3,expert,,,away\n", [(2, "rater_state")]),
        ("x,R1,3,expert,A,1,\n", [(2, "model_name"), (2, "model_version")]),
        ("x,R1,3,,A,,\n", [(2, "model_name")]),
        ("x,R1,3,expert,,,\nx,n,3,model,,1,\n", [(3, "model_name")]),
        ("x,n,3,model,A,,\n", [(2, "model_version")]),
        ("x,n,3,model,A,1,\nx,m,3,model,A,1,\n", [(3, "model_version")]),
        (f"x,n,3,model,{'A' * 61},1,\n", [(2, "model_name")]),
        (f"x,n,3,model,{'A' * 60},{'1' * 40},\n", []),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_named_by_row_and_column(rows, faults) -> None:
    assert said(HEAD + rows) == faults


def test_a_program_without_columns_for_its_name_is_a_fault() -> None:
    [error] = read("item,rater,value,rater_kind\nx,net,3,model\n").errors
    assert (error.row, error.column) == (2, "model_name")
    assert error.message == "A program needs a name and a version."


def test_the_row_that_says_otherwise_is_named() -> None:
    [error] = read(f"{HEAD}x,R1,3,,,,\ny,R1,3,,,,active\nz,R1,3,,,,withdrawn\n").errors
    assert error.message == "Row 3 says otherwise of the rater R1. Correct one of them."
