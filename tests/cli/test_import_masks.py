"""`manage.py import_masks`: what it prints, and how it ends."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from sts_qa.catalogue.actions import add_member
from sts_qa.catalogue.models import MaskVersion
from sts_qa.studies.models import Study
from tests.catalogue.conftest import bring_in, dataset, owner, plan, units_here, write  # noqa: F401
from tests.catalogue.folders import mask_png, png
from tests.factories import make_membership, make_study, make_user


@pytest.fixture(autouse=True)
def filled(dataset, write, bring_in):  # noqa: F811
    """The dataset Teeth, with two radiographs."""
    files = {f"c/images/{name}.png": png(1) for name in "ab"}
    bring_in(dataset, write({**files, "c/masks/a.png": mask_png(), "c/masks/b.png": mask_png()}))
    make_user("boss", is_superuser=True)
    return dataset


@pytest.fixture
def folder(write, tmp_path):  # noqa: F811
    return write({"a.png": mask_png(value=1), "b_mask.png": mask_png(value=1)}, tmp_path / "model")


def run(*arguments) -> tuple[int, str]:
    """Return exit status and output, errors included."""
    output = io.StringIO()
    try:
        call_command("import_masks", *map(str, arguments), stdout=output)
    except CommandError as error:
        return error.returncode, f"{output.getvalue()}{error}"
    return 0, output.getvalue()


def further() -> list[tuple[str, str, int]]:
    rows = MaskVersion.objects.exclude(name="").order_by("item__key", "number")
    return list(rows.values_list("item__key", "name", "number"))


def test_a_whole_folder_and_what_has_changed_in_it(folder, write):  # noqa: F811
    status, output = run("Teeth", folder, "--name", "Model 3")
    assert (status, output) == (0, "2 added, 0 changed, 0 unchanged, 0 refused.\n")
    assert further() == [("c/images/a.png", "Model 3", 1), ("c/images/b.png", "Model 3", 1)]
    write({"a.png": mask_png(value=2)}, folder)
    status, output = run("Teeth", folder, "--name", "Model 3")
    assert (status, output) == (0, "0 added, 1 changed, 1 unchanged, 0 refused.\n")
    assert len(further()) == 3


def test_refused_files_are_listed_and_told_by_the_exit_status(folder, write):  # noqa: F811
    write({"c.png": mask_png(), "b_mask.png": mask_png((8, 8))}, folder)
    status, output = run("Teeth", folder, "--name", "Model 3")
    assert status == 3
    assert "b_mask.png: The image has 16 x 32 pixels, the mask 8 x 8.\n" in output
    assert "c.png: The dataset has no radiograph of this name." in output
    assert "1 added, 0 changed, 0 unchanged, 2 refused.\n2 files were refused." in output
    assert further() == [("c/images/a.png", "Model 3", 1)]


def test_a_dry_run_changes_nothing(folder, write):  # noqa: F811
    write({"c.png": mask_png()}, folder)
    status, output = run("Teeth", folder, "--name", "Model 3", "--dry-run")
    assert status == 3
    assert output.startswith("Nothing was imported; this is what would be done:\n")
    assert "2 added, 0 changed, 0 unchanged, 1 refused." in output
    assert further() == []


@pytest.mark.parametrize(
    ("dataset_name", "place", "name", "said"),
    [
        ("Teeth", "nowhere", "Model 3", "There is no folder"),
        ("Teeth", "empty", "Model 3", "There are no masks in the folder"),
        ("Teeth", "model/a.png", "Model 3", "is not a folder"),
        ("Teeth", "model", "a\tb", "visible characters"),
        ("Teeth", "model", "", "visible characters"),
        ("Bones", "model", "Model 3", "boss has no dataset named Bones"),
    ],
)
def test_what_cannot_be_imported_at_all_ends_with_1(
    folder, tmp_path, dataset_name, place, name, said
):
    (tmp_path / "empty").mkdir()
    status, output = run(dataset_name, tmp_path / place, "--name", name)
    assert status == 1
    assert said in output
    assert further() == []


def test_a_name_is_needed(folder):
    with pytest.raises(CommandError, match="--name"):
        call_command("import_masks", "Teeth", str(folder))


def test_who_acts(folder, dataset, owner):  # noqa: F811
    stranger = make_user("cy", coordinator=True)
    make_user("ben")
    for person in ("cy", "ben"):
        status, output = run("Teeth", folder, "--name", "Model 3", "--as", person)
        assert (status, "has no dataset named Teeth" in output) == (1, True)
    add_member(dataset=dataset, user=stranger, acting_user=owner)
    make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), stranger)
    status, output = run("Teeth", folder, "--name", "Model 3", "--as", "cy")
    assert (status, "You rate in an open study" in output) == (1, True)
    assert further() == []
    assert run("Teeth", folder, "--name", "Model 3", "--as", owner.username)[0] == 0
