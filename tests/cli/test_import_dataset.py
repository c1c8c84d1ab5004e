"""`manage.py import_dataset`: what it prints, and how it ends."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from sts_qa.catalogue.actions import add_member, apply_import, start_import
from sts_qa.catalogue.models import Dataset, ImportRun, Item
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.jobs.units import UnitRunner
from tests.catalogue.folders import do_units_here, folder_writer, mask_png, png
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(tmp_path):
    return folder_writer(tmp_path / "data")


@pytest.fixture(autouse=True)
def quick_units(monkeypatch):
    do_units_here(monkeypatch)

    def map_here(self, function, arguments, check=lambda: None):
        for argument in arguments:
            yield argument, function(argument), None

    monkeypatch.setattr(UnitRunner, "map", map_here)


@pytest.fixture
def boss():
    return make_user("boss", is_superuser=True)


@pytest.fixture
def root(write):
    return write({"c/images/a.png": png(1), "c/masks/a.png": mask_png()})


def run(*arguments) -> tuple[int, str]:
    """Return exit status and output, errors included."""
    output = io.StringIO()
    try:
        call_command("import_dataset", *map(str, arguments), stdout=output)
    except CommandError as error:
        return error.returncode, f"{output.getvalue()}{error}"
    return 0, output.getvalue()


def test_a_whole_folder(boss, root):
    status, output = run(root, "--name", "Teeth")
    assert status == 0
    assert "Imported into Teeth (layout folders)" in output
    assert "c: 1 labelled, 0 unlabelled" in output
    assert "New: 1" in output
    assert Item.objects.get().dataset.name == "Teeth"


def test_the_second_import_changes_nothing(boss, root):
    run(root, "--name", "Teeth")
    status, output = run(root, "--name", "Teeth")
    assert (status, Item.objects.count(), Dataset.objects.count()) == (0, 1, 1)
    assert "New: 0" in output
    assert "Unchanged: 1" in output


def test_errors_are_listed_with_reason_and_told_by_the_exit_status(boss, root, write):
    write({"c/images/bad.png": b"x", "d/e.dcm": b"", "c/images/b.png": png(2)})
    status, output = run(root, "--name", "Teeth")
    assert status == 3
    assert "Error: c/images/bad.png: This is not a PNG" in output
    assert "Error: d/e.dcm: DICOM" in output
    assert "Held back: c/images/b.png: No mask" in output
    assert "2 files have errors." in output
    assert Item.objects.count() == 3


@pytest.mark.parametrize("is_known", [False, True])
def test_a_dry_run_prints_the_plan_and_changes_nothing(boss, root, write, is_known):
    if is_known:
        run(root, "--name", "Teeth")
    write({"c/images/bad.png": b"x"})
    status, output = run(root, "--name", "Teeth", "--dry-run")
    assert status == 3
    assert "Plan for Teeth" in output
    assert f"New: {0 if is_known else 1}" in output
    assert "Error: c/images/bad.png" in output
    assert Item.objects.count() == Dataset.objects.count() == int(is_known)
    assert not ImportRun.objects.filter(state=ImportRun.State.PLANNED).exists()


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_a_folder_that_is_not_there_fails_and_makes_no_dataset(boss, tmp_path, dry_run):
    status, output = run(tmp_path / "nowhere", "--name", "Teeth", *dry_run)
    assert status == 1
    assert "nowhere" in output
    assert Dataset.objects.count() == 0


def test_a_folder_without_images_fails(boss, tmp_path):
    status, output = run(tmp_path, "--name", "Teeth")
    assert status == 1
    assert "no images" in output


def test_the_layout_can_be_given(boss, root):
    status, output = run(root, "--name", "Teeth", "--layout", "sts-tooth")
    assert status == 3
    assert "Error: c/images/a.png" in output


def test_who_acts(root):
    person = make_user("ann", coordinator=True)
    make_user("ben")
    stranger = make_user("cy", coordinator=True)
    assert run(root, "--name", "Teeth")[0] == 1
    assert run(root, "--name", "Teeth", "--as", "ben")[0] == 1
    assert run(root, "--name", "Teeth", "--as", "ann")[0] == 0
    status, output = run(root, "--name", "Teeth", "--as", "cy")
    assert (status, "no member" in output) == (1, True)
    dataset = Dataset.objects.get()
    assert dataset.created_by == person
    add_member(dataset=dataset, user=stranger, acting_user=person)
    assert run(root, "--name", "Teeth", "--as", "cy")[0] == 0


def test_an_import_that_was_left_unfinished_is_finished_first(boss, root, write):
    run(root, "--name", "Teeth")
    write({"c/images/b.png": png(2), "c/masks/b.png": mask_png()})
    left = start_import(dataset=Dataset.objects.get(), root=str(root), acting_user=boss)
    run_job(left.job)
    left.refresh_from_db()
    job = apply_import(run=left, acting_user=boss)
    status, output = run(root, "--name", "Teeth")
    assert status == 0
    job.refresh_from_db()
    left.refresh_from_db()
    assert (job.state, left.state) == (Job.State.DONE, ImportRun.State.APPLIED)
    assert "Unchanged: 2" in output
