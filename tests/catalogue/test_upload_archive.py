"""Sending a ZIP file: refused before anything is written, never left lying about."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sts_qa.catalogue import uploads
from sts_qa.catalogue.models import ImportRun
from sts_qa.jobs.running import run_job
from tests.catalogue.folders import mask_png, png
from tests.catalogue.roles import CLOSED, answers, text_of


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "var"
    settings.DATA_FOLDER.mkdir()
    return settings.DATA_FOLDER


@pytest.fixture
def address(dataset) -> str:
    return reverse("catalogue:upload_archive", args=[dataset.pk])


def archive(files: dict[str, bytes]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    return memory.getvalue()


GOOD = {"A/labelled/image/1.png": png(1), "A/labelled/mask/1.png": mask_png()}


def send(client, address, content, name="Teeth 2024.zip", **headers):
    file = SimpleUploadedFile(name, content, "application/zip")
    return client.post(address, {"archive": file, "layout": "auto"}, headers=headers)


def left_over() -> list[str]:
    return [path.name for path in uploads.upload_folder().iterdir()]


def test_a_good_archive_is_planned_and_its_files_are_kept(
    client, dataset, owner, address, units_here
):
    client.force_login(owner)
    response = send(client, address, archive(GOOD))
    run = ImportRun.objects.get()
    assert response.url == reverse("catalogue:show_import", args=[dataset.pk, run.pk])
    assert run.keep_files

    run_job(run.job)
    run.refresh_from_db()
    assert run.summary["counts"]["new"] == 1
    client.post(reverse("catalogue:apply_import", args=[dataset.pk, run.pk]))
    run.refresh_from_db()
    run_job(run.job)
    version = dataset.items.get().current_version
    assert Path(version.location).read_bytes() == GOOD["A/labelled/image/1.png"]
    assert left_over() == []


def test_a_script_is_told_where_to_go(client, dataset, owner, address):
    client.force_login(owner)
    response = send(client, address, archive(GOOD), **{"HX-Request": "true"})
    run = ImportRun.objects.get()
    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == reverse(
        "catalogue:show_import", args=[dataset.pk, run.pk]
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive({"../x.png": b"x"}), "../x.png: its name leads out of the folder"),
        (archive({"a.png": b"x", "b/c.zip": b"x"}), "b/c.zip: an archive within the archive"),
        (b"no archive at all", "It is no whole ZIP file"),
        (b"", "empty"),
    ],
)
def test_a_bad_archive_is_refused_with_every_reason_and_nothing_stays(
    client, owner, address, content, said
):
    client.force_login(owner)
    response = send(client, address, content)
    assert response.status_code == 422
    assert said in text_of(response)
    assert not ImportRun.objects.exists()
    assert left_over() == []


def test_an_archive_stays_not_when_another_import_is_at_work(client, owner, address):
    client.force_login(owner)
    send(client, address, archive(GOOD))
    (first,) = left_over()
    page = text_of(send(client, address, archive(GOOD)))
    assert "Another import of this dataset is at work" in page
    assert left_over() == [first]


def test_what_is_too_large_is_refused_before_it_is_read(client, owner, address, settings):
    settings.UPLOAD_LIMIT_BYTES = 1000
    client.force_login(owner)
    response = send(client, address, b"x" * 200_000)
    assert response.status_code == 422
    assert "larger than the" in text_of(response)
    assert left_over() == []


def test_what_says_less_than_it_has_is_cut_off_at_the_limit(client, owner, address, settings):
    """The announced size allows the fields beside the file; the file itself may not use that."""
    settings.UPLOAD_LIMIT_BYTES = 1000
    client.force_login(owner)
    response = send(client, address, b"x" * 20_000)
    assert response.status_code == 422
    assert "larger than the" in text_of(response)
    assert not ImportRun.objects.exists()
    assert left_over() == []


def test_no_file_is_an_error_at_the_field(client, owner, address):
    client.force_login(owner)
    response = client.post(address, {"layout": "auto"})
    assert response.status_code == 422
    assert "required" in response.context["archive_form"].errors["archive"][0]


def test_a_request_without_the_token_is_refused_and_leaves_nothing(dataset, owner, address):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert send(client, address, archive(GOOD)).status_code == 403
    assert not ImportRun.objects.exists()
    assert left_over() == []


def test_it_is_no_page(client, owner, address):
    client.force_login(owner)
    assert client.get(address).status_code == 405


def test_only_members_may_and_of_others_nothing_is_received(client, dataset, address):
    def ask():
        return send(client, address, archive(GOOD))

    assert answers(client, dataset, ask) == CLOSED
    assert not ImportRun.objects.exists()
    assert left_over() == []
