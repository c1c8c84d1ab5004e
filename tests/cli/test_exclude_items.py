"""`manage.py exclude_items`: all rows or none, errors by line and field."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sts_qa.audit.models import Event
from sts_qa.screening.models import ScreeningDecision
from sts_qa.screening.queries import excluded_item_ids
from tests.factories import make_dataset, make_item, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_user("coordinator", coordinator=True)


@pytest.fixture
def dataset(person):
    dataset = make_dataset(owner=person, name="Teeth")
    for number in range(4):
        make_item(dataset, f"A-PXI/{number}.png")
    return dataset


@pytest.fixture
def run(tmp_path, dataset):
    """Return a function that runs the command on a file of this text; its output and errors."""

    def run_command(text: str | bytes, *options: str, name="Teeth", user="coordinator"):
        file = tmp_path / "list.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        out, err = StringIO(), StringIO()
        arguments = ["exclude_items", name, "--file", str(file), "--as", user, *options]
        try:
            call_command(*arguments, stdout=out, stderr=err)
        except CommandError as error:
            return out.getvalue(), err.getvalue() + str(error)
        return out.getvalue(), err.getvalue()

    return run_command


GOOD = "key,reason,note\nA-PXI/0.png,duplicate,\nA-PXI/2.png,other,Photo of a form\n"


def test_every_row_is_one_decision_on_record(run, dataset, person):
    out, err = run(GOOD)
    assert err == ""
    assert "2 items of Teeth are excluded; 0 of them were before." in out
    decisions = ScreeningDecision.objects.order_by("id")
    assert [(d.item.key, d.outcome, d.reason, d.note, d.decided_by) for d in decisions] == [
        ("A-PXI/0.png", "exclude", "duplicate", "", person),
        ("A-PXI/2.png", "exclude", "other", "Photo of a form", person),
    ]
    assert Event.objects.filter(action="item.excluded").count() == 2


def test_a_second_run_changes_nothing(run):
    run(GOOD)
    out, _ = run(GOOD)
    assert "2 items of Teeth are excluded; 2 of them were before." in out
    assert ScreeningDecision.objects.count() == 2
    assert Event.objects.filter(action="item.excluded").count() == 2


def test_a_dry_run_writes_nothing(run):
    out, _ = run(GOOD, "--dry-run")
    assert "2 items of Teeth would be excluded; 0 of them are." in out
    assert not ScreeningDecision.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffreason;key\nduplicate;A-PXI/0.png\n",
        "Key\tReason\nA-PXI/0.png\tDuplicate\n",
        'key,reason\r\n"A-PXI/0.png",duplicate\r\n',
    ],
)
def test_files_as_spreadsheets_write_them_are_read(run, dataset, text):
    _, err = run(text)
    assert err == ""
    assert excluded_item_ids(dataset) == {dataset.items.get(key="A-PXI/0.png").pk}


def test_keys_are_compared_in_their_normal_form(run, dataset):
    item = make_item(dataset, "A-PXI/Zähne.png")
    run("key,reason\nA-PXI/Za\u0308hne.png,outlier\n")
    assert excluded_item_ids(dataset) == {item.pk}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key,reason\nA-PXI/9.png,duplicate\n", "Line 2, key: The dataset has no item A-PXI/9.png"),
        ("key,reason\n,duplicate\n", "Line 2, key: The key is missing."),
        ("key,reason\nA-PXI/0.png,\n", "Line 2, reason: The reason is missing"),
        ("key,reason\nA-PXI/0.png,ugly\n", "Line 2, reason: “ugly” is no reason"),
        ("key,reason\nA-PXI/0.png,other\n", "Line 2, note: Say in the note"),
        (
            "key,reason\nA-PXI/0.png,outlier\n\nA-PXI/0.png,privacy\n",
            "Line 4, key: The item stands in line 2 already.",
        ),
        ("key,reason\nA-PXI/0.png,outlier,x\n", "Line 2, whole line: There are more values"),
        ("key,reason\nA-PXI/0.png\n", "Line 2, reason: The reason is missing"),
        ("A-PXI/0.png,outlier\n", "Line 1, key: This column is missing"),
        ("key,reason,who\nA-PXI/0.png,outlier,me\n", "Line 1, who: This column is not known"),
        ("key,reason,key\nA-PXI/0.png,outlier,x\n", "Line 1, key: There is more than one column"),
        ("", "Line 1, key: This column is missing"),
        (b"key,reason\nA-PXI/\xff.png,outlier\n", "Line 2, whole line: This is no UTF-8 text"),
        ('key,reason\n"A-PXI/0.png,outlier\n', "Line 3, whole line: unexpected end"),
    ],
)
def test_an_error_names_line_and_field_and_nothing_is_excluded(run, text, said):
    good_row = b"A-PXI/3.png,outlier\n" if isinstance(text, bytes) else "A-PXI/3.png,outlier\n"
    _, err = run(text + good_row)
    assert said in err
    assert "Nothing is excluded: correct the" in err
    assert not ScreeningDecision.objects.exists()


def test_all_errors_are_listed_at_once(run):
    _, err = run("key,reason\nA-PXI/9.png,ugly\nA-PXI/8.png,outlier\n")
    assert err.count("Line ") == 3


def test_a_file_that_is_not_there_is_named(dataset, tmp_path):
    with pytest.raises(CommandError, match=r"gone\.csv: No such file"):
        call_command(
            "exclude_items", "Teeth", "--file", str(tmp_path / "gone.csv"), "--as", "coordinator"
        )


def test_only_members_of_the_dataset_may(run):
    make_user("stranger", coordinator=True)
    _, err = run(GOOD, user="stranger")
    assert "stranger has no dataset named Teeth" in err
    assert not ScreeningDecision.objects.exists()


def test_who_rates_in_an_open_study_of_it_may_not(run, dataset, person):
    make_membership(make_study(dataset=dataset), person)
    _, err = run(GOOD)
    assert "coordinator: You rate in an open study" in err
    assert not ScreeningDecision.objects.exists()
