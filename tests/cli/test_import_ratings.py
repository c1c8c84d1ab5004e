"""`manage.py import_ratings`: all rows or none, errors by row and column."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sts_qa.reports.actions import make_report
from sts_qa.studies.models import Study
from tests.factories import make_dataset, make_item, make_protocol_version, make_user

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[1] / "data" / "ratings"


@pytest.fixture
def run(tmp_path):
    """Return a function that runs the command on a file of this content; output and errors."""
    make_user("coordinator", coordinator=True)

    def run_command(content: str | bytes | Path, *options: str, name="Old", user="coordinator"):
        file = content if isinstance(content, Path) else tmp_path / "ratings.csv"
        if not isinstance(content, Path):
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        out, err = StringIO(), StringIO()
        arguments = ["import_ratings", str(file), "--study", name, "--as", user, *options]
        try:
            call_command(*arguments, stdout=out, stderr=err)
        except CommandError as error:
            return out.getvalue(), err.getvalue() + str(error)
        return out.getvalue(), err.getvalue()

    return run_command


def numbers(out: str) -> dict[str, str]:
    lines = (line.strip().split("  ", 1) for line in out.splitlines() if line.startswith("  "))
    return {label: value.strip() for label, value in lines}


def test_published_ratings_become_a_study_with_their_published_mean(run) -> None:
    out, err = run(DATA / "nflx_public_raw.csv", "--range", "1", "5")
    assert err == ""
    assert out.startswith("The study “Old” is made:")
    found = numbers(out)
    assert (found["items"], found["raters"], found["scores"]) == ("79", "26", "2054")
    assert found["columns not read"] == "content"
    assert found["score"] == "1 – 5 (as stated here)"
    table = make_report(study=Study.objects.get(), slug="quality-scores", language="en")
    assert table.blocks[0].rows[0]["score"] == pytest.approx(3.544790652, abs=1e-9)


def test_a_bare_matrix_needs_its_form(run) -> None:
    assert "read the file as a matrix" in run(DATA / "p910_sample_data.csv")[1]
    out, err = run(DATA / "p910_sample_data.csv", "--form", "matrix")
    assert (err, numbers(out)["empty cells"]) == ("", "1")


def test_a_dry_run_writes_nothing(run) -> None:
    out, err = run("item,rater,value\nx,R1,1\nx,R2,2\n", "--dry-run")
    assert err == ""
    assert out.startswith("Nothing was imported; this is what would be done:")
    assert "observed" in numbers(out)["score"]
    assert not Study.objects.exists()


def test_programs_and_withdrawn_raters_are_named(run) -> None:
    head = "item,rater,value,rater_kind,model_name,model_version,rater_state"
    rows = "x,Ann,1,expert,,,active\nx,Bob,2,,,,withdrawn\nx,net,0,model,ToothNet,1.2,\n"
    out, err = run(f"{head}\n{rows}", "--dry-run")
    assert err == ""
    found = numbers(out)
    assert (found["raters"], found["columns not read"]) == ("3", "-")
    assert (found["of these programs"], found["of these withdrawn"]) == (
        "1: ToothNet 1.2",
        "1: Bob",
    )
    assert "of these programs" not in numbers(run("item,rater,value\nx,R1,1\n", "--dry-run")[0])


def test_errors_are_named_by_row_and_column(run) -> None:
    out, err = run("item,rater,value\nx,R1,1\nx,R1,2\ny,R1,abc\n")
    assert out == ""
    lines = err.splitlines()
    assert lines[0].startswith("Row 3, column value: The same rater, item and criterion")
    assert lines[1].startswith("Row 4, column value: This is neither a number nor a code.")
    assert lines[2] == "Nothing is imported: correct the 2 errors above."
    assert not Study.objects.exists()


def test_dataset_protocol_and_columns_can_be_named(run) -> None:
    from sts_qa.accounts.models import User

    dataset = make_dataset(owner=User.objects.get(), name="Teeth")
    make_item(dataset, "a.png")
    version = make_protocol_version("mine", criteria=(("contrast", "image"),))
    text = "Bild;Wer;Punkte\na.png;R1;7\n"
    options = ["--item-column", "Bild", "--rater-column", "wer", "--value-column", "Punkte"]
    options += ["--criterion", "contrast", "--dataset", "Teeth", "--protocol", "mine"]
    out, err = run(text, *options)
    assert (err, numbers(out)["of these without images"]) == ("", "0")
    study = Study.objects.get()
    assert (study.dataset, study.protocol_version) == (dataset, version)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--protocol", "none"], "There is no protocol “none”"),
        (["--dataset", "none"], "has no dataset named none"),
        (["--range", "5", "1"], "the highest score must be above the lowest one"),
        (["--range", "1", "NaN"], "“NaN” is no number"),
        (["--delimiter", "ab"], "The separator must be one character"),
        (["--encoding", "klingon"], "The encoding klingon is not known"),
        (["--item-column", "bild"], "There is no column named bild for the item"),
    ],
)
def test_what_cannot_be_meant_is_refused(run, options, said) -> None:
    assert said in run("item,rater,value\nx,R1,1\nx,R2,2\n", *options)[1]
    assert not Study.objects.exists()


def test_a_study_is_never_added_to(run) -> None:
    text = "item,rater,value\nx,R1,1\nx,R2,2\n"
    run(text)
    assert "There is a study called “Old” already" in run(text)[1]


def test_a_person_without_the_right_imports_nothing(run) -> None:
    make_user("rater")
    assert "Only coordinators" in run("item,rater,value\nx,R1,1\n", user="rater")[1]


def test_a_file_that_is_not_there_is_named(run, tmp_path) -> None:
    assert "no.csv: No such file or directory." in run(tmp_path / "no.csv")[1]
