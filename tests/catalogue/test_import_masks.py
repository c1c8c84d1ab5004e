"""The page that imports further masks, and what it tells of the latest import."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from sts_qa.catalogue.actions import add_member
from sts_qa.catalogue.models import MaskVersion
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from tests.catalogue.folders import mask_png, png
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_user

VALUES = {"root": "0", "path": "second", "name": "Annotator <2>"}


@pytest.fixture
def address(dataset) -> str:
    return reverse("catalogue:import_masks", args=[dataset.pk])


@pytest.fixture
def filled(dataset, write, bring_in, settings, tmp_path):
    """`open` is open for import and has `second`, with a mask that fits and one that does not."""
    bring_in(dataset, write({"A/images/1.png": png(1), "A/masks/1.png": mask_png()}))
    write({"second/1.png": mask_png(value=1), "second/9.png": mask_png()}, tmp_path / "open")
    write({"1.png": mask_png(value=1)}, tmp_path / "closed")
    settings.IMPORT_ROOTS = [tmp_path / "open"]
    return dataset


@pytest.fixture
def ask_for(client, owner, filled, address):
    client.force_login(owner)

    def send(**values):
        return client.post(address, VALUES | values)

    return send


def test_a_folder_is_imported_by_a_job(client, ask_for, filled, address, owner, tmp_path):
    response = ask_for()
    assert (response.status_code, response.headers["Location"]) == (302, address)
    job = Job.objects.get(kind="import_masks")
    assert (job.created_by, job.subject_id, job.state) == (owner, filled.pk, "queued")
    assert job.parameters == {
        "dataset": filled.pk,
        "root": str(tmp_path / "open/second"),
        "name": "Annotator <2>",
        "dry_run": False,
    }
    assert not MaskVersion.objects.exclude(name="").exists()
    page = text_of(client.get(address))
    assert reverse("jobs:show_progress", args=[job.public_id]) in page


def test_the_result_tells_what_was_added_and_what_was_refused_and_why(client, ask_for, address):
    ask_for()
    run_job(Job.objects.get(kind="import_masks"))
    page = text_of(client.get(address))
    assert "Import of the masks “Annotator &lt;2&gt;”" in page
    found = re.findall(r'<dt>(\w+)</dt> <dd class="num">(\d+)</dd>', page)
    assert found == [("New", "1"), ("Changed", "0"), ("Unchanged", "0"), ("Refused", "1")]
    assert "1 file was refused" in page
    assert re.search(r"9\.png</th> <td>The dataset has no radiograph of this name", page)
    assert MaskVersion.objects.get(name="Annotator <2>").item.key == "A/images/1.png"


def test_a_check_says_that_nothing_was_imported(client, ask_for, address):
    ask_for(dry_run="on")
    run_job(Job.objects.get(kind="import_masks"))
    page = text_of(client.get(address))
    assert "This was only a check. Nothing was imported." in page
    assert not MaskVersion.objects.exclude(name="").exists()


def test_an_import_that_failed_says_why(client, ask_for, address, tmp_path):
    (tmp_path / "open/empty").mkdir()
    ask_for(path="empty")
    run_job(Job.objects.get(kind="import_masks"))
    assert "There are no masks in the folder “empty”" in text_of(client.get(address))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"path": "nowhere"}, "There is no folder"),
        ({"path": "../closed"}, "lies below none of the folders open for import"),
        ({"path": "link"}, "lies below none of the folders open for import"),
        ({"path": "/etc"}, "Give the path without the import folder"),
        ({"path": "second/1.png"}, "is not a folder"),
        ({"root": "1"}, "Select a valid choice"),
        ({"name": " "}, "This field is required"),
        ({"name": "a\u200bb"}, "need a name of 1 to 80 visible characters"),
        ({"name": "x" * 81}, "at most 80 characters"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_the_reason(ask_for, tmp_path, values, said):
    (tmp_path / "open/link").symlink_to(tmp_path / "closed")
    response = ask_for(**values)
    assert response.status_code == 422
    assert said in text_of(response)
    assert not Job.objects.filter(kind="import_masks").exists()


def test_a_second_import_waits_for_the_first(ask_for):
    ask_for()
    response = ask_for(name="Model 3")
    assert response.status_code == 422
    assert "Other masks of this dataset are being imported" in text_of(response)
    assert Job.objects.filter(kind="import_masks").count() == 1


def test_without_open_folders_the_page_says_how_to_open_some(client, ask_for, address, settings):
    settings.IMPORT_ROOTS = []
    page = text_of(client.get(address))
    assert "STS_QA_IMPORT_ROOTS" in page
    assert 'name="path"' not in page
    assert ask_for().status_code == 422


def test_the_page_of_the_item_lists_them(client, ask_for, filled):
    item = filled.items.get()
    page_address = reverse("catalogue:show_item", args=[filled.pk, item.pk])
    assert "Further masks" not in text_of(client.get(page_address))
    ask_for()
    run_job(Job.objects.get(kind="import_masks"))
    mask = MaskVersion.objects.get(name="Annotator <2>")
    page = text_of(client.get(page_address))
    day = mask.created_at.strftime("%Y-%m-%d")
    assert re.search(rf'>Annotator &lt;2&gt;</th> <td class="num">1</td> <td>{day} ', page)
    assert mask.sha256 in page


def test_the_page_of_imports_leads_here_once_there_are_items(client, dataset, owner, address):
    client.force_login(owner)
    assert address not in text_of(client.get(reverse("catalogue:start_import", args=[dataset.pk])))


def test_the_page_of_imports_leads_here(client, owner, filled, address):
    client.force_login(owner)
    assert address in text_of(client.get(reverse("catalogue:start_import", args=[filled.pk])))


def test_another_member_sees_the_result_and_can_import(client, ask_for, filled, owner, address):
    ask_for()
    run_job(Job.objects.get(kind="import_masks"))
    other = make_user(coordinator=True)
    add_member(dataset=filled, user=other, acting_user=owner)
    client.force_login(other)
    assert "1 file was refused" in text_of(client.get(address))
    assert client.post(address, VALUES | {"name": "Model 3"}).status_code == 302
    assert Job.objects.filter(kind="import_masks").latest("pk").created_by == other


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_members_may(client, filled, address, method):
    assert answers(client, filled, lambda: getattr(client, method)(address, VALUES)) == CLOSED
    assert not Job.objects.filter(kind="import_masks").exists()


def test_other_methods_are_refused(client, owner, filled, address):
    client.force_login(owner)
    assert client.delete(address).status_code == 405
