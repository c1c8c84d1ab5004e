"""Asking for the import of a folder below the configured ones."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from sts_qa.catalogue.models import ImportRun
from sts_qa.jobs.models import Job
from tests.catalogue.folders import png
from tests.catalogue.roles import CLOSED, answers, text_of


@pytest.fixture
def address(dataset) -> str:
    return reverse("catalogue:start_import", args=[dataset.pk])


@pytest.fixture
def roots(settings, tmp_path, write):
    """`open` is open for import and holds `teeth`; `closed` is not."""
    write({"teeth/A/1.png": png(1)}, tmp_path / "open")
    write({"teeth/A/1.png": png(1)}, tmp_path / "closed")
    settings.IMPORT_ROOTS = [tmp_path / "other", tmp_path / "open"]
    return tmp_path


def ask_for(client, address, path, root="1", layout="auto"):
    return client.post(address, {"root": root, "path": path, "layout": layout})


def test_a_folder_below_a_root_is_planned_by_a_job(client, dataset, owner, address, roots):
    client.force_login(owner)
    response = ask_for(client, address, "teeth", layout="folders")
    run = ImportRun.objects.get()
    assert response.url == reverse("catalogue:show_import", args=[dataset.pk, run.pk])
    assert (run.root, run.layout, run.keep_files) == (str(roots / "open/teeth"), "folders", False)
    assert (run.job.kind, run.job.state, run.created_by) == ("plan_import", "queued", owner)
    assert not dataset.items.exists()


def test_the_root_itself_can_be_imported(client, owner, address, roots):
    client.force_login(owner)
    ask_for(client, address, "")
    assert ImportRun.objects.get().root == str(roots / "open")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere", "There is no folder"),
        ("../closed/teeth", "lies below none of the folders open for import"),
        ("link", "lies below none of the folders open for import"),
        ("/etc", "Give the path without the import folder"),
        ("teeth/A/1.png", "neither a folder nor a CSV manifest"),
        ("a\x00b", "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_the_reason(
    client, owner, address, roots, path, said
):
    (roots / "open" / "link").symlink_to(roots / "closed")
    client.force_login(owner)
    response = ask_for(client, address, path)
    assert response.status_code == 422
    assert said in text_of(response)
    assert not ImportRun.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize(("field", "value"), [("root", "2"), ("root", "-1"), ("layout", "zoo")])
def test_choices_that_are_none_are_errors_at_the_field(client, owner, address, roots, field, value):
    client.force_login(owner)
    response = client.post(address, {"root": "1", "path": "teeth", "layout": "auto", field: value})
    assert response.status_code == 422
    assert field in response.context["folder_form"].errors
    assert not ImportRun.objects.exists()


def test_a_second_import_waits_for_the_first(client, owner, address, roots):
    client.force_login(owner)
    ask_for(client, address, "teeth")
    page = text_of(ask_for(client, address, "teeth"))
    assert "Another import of this dataset is at work" in page
    assert ImportRun.objects.count() == 1


def test_folders_below_the_roots_are_suggested(client, owner, address, roots):
    (roots / "open" / ".hidden").mkdir()
    client.force_login(owner)
    page = client.get(address).content.decode()
    assert '<option value="teeth">' in page
    assert ".hidden" not in page


def test_without_open_folders_the_page_says_how_to_open_some(client, owner, address, settings):
    settings.IMPORT_ROOTS = []
    client.force_login(owner)
    page = text_of(client.get(address))
    assert "STS_QA_IMPORT_ROOTS" in page
    assert 'name="path"' not in page
    assert 'name="archive"' in page
    assert ask_for(client, address, "teeth").status_code == 422


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_members_may(client, dataset, address, roots, method):
    values = {"root": "1", "path": "teeth", "layout": "auto"}

    assert answers(client, dataset, lambda: getattr(client, method)(address, values)) == CLOSED
    assert not ImportRun.objects.exists()


def test_every_label_names_its_own_field(client, owner, address, roots):
    client.force_login(owner)
    page = client.get(address).content.decode()
    ids = re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<label for="([^"]+)"', page)) <= set(ids)
