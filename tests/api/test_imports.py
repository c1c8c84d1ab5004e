"""Imports by the API: list_import_roots, start_import, list_imports, show_import,
list_import_entries, apply_import, cancel_import.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue import uploads
from sts_qa.catalogue.models import ImportRun
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.studies.models import Study
from tests.api.conftest import ApiClient, fields_at_fault, is_problem
from tests.catalogue.folders import do_units_here, folder_writer, mask_png, png
from tests.factories import make_dataset, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings, tmp_path, monkeypatch):
    """A data folder, and one folder open for import."""
    settings.DATA_FOLDER = tmp_path / "installation"
    settings.DATA_FOLDER.mkdir()
    settings.IMPORT_ROOTS = [tmp_path / "open"]
    do_units_here(monkeypatch)


@pytest.fixture
def write(tmp_path):
    return folder_writer(tmp_path / "open")


@pytest.fixture
def dataset(owner):
    return make_dataset(owner=owner, name="Teeth")


@pytest.fixture
def imports(dataset) -> str:
    return reverse("api:list_imports", args=[dataset.pk])


@pytest.fixture
def program(token_client, owner):
    return token_client(owner)


def archive(files: dict[str, bytes], name: str = "STS.zip") -> SimpleUploadedFile:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as target:
        for key, content in files.items():
            # Without the time, which would make the same files two archives
            target.writestr(zipfile.ZipInfo(key), content)
    return SimpleUploadedFile(name, memory.getvalue(), "application/zip")


def send(client: ApiClient, address: str, *files: SimpleUploadedFile, **fields):
    data = {"archive": list(files), **fields}
    return client.post(address, data, MULTIPART_CONTENT)


def work_off() -> None:
    for job in Job.objects.filter(state=Job.State.QUEUED):
        run_job(job)


def left_over(settings) -> list[Path]:
    return [path for path in uploads.upload_folder().rglob("*") if path.is_file()]


def test_a_whole_import_of_a_folder(program, imports, write, owner):
    root = write(
        {
            "A-PXI/images/1.png": png(1),
            "A-PXI/masks/1.png": mask_png(),
            "C-PXI/2.png": png(2),
            "C-PXI/3.png": b"no image",
        }
    )
    started = program.post(imports, {"root": str(root), "layout": "folders"})
    assert started.status_code == 202, started.content
    place = started["Location"]
    told = started.json()
    assert (told["state"], told["plan"], told["may_be_applied"]) == ("planning", None, False)
    assert (told["root"], told["job"]["state"]) == (str(root), "queued")

    work_off()
    told = program.get(place).json()
    assert (told["state"], told["may_be_applied"], told["job"]["state"]) == (
        "planned",
        True,
        "done",
    )
    plan = told["plan"]
    assert {name: count for name, count in plan["counts"].items() if count} == {
        "new": 2,
        "error": 1,
    }
    assert plan["categories"] == [
        {"name": "A-PXI", "labelled": 1, "unlabelled": 0},
        {"name": "C-PXI", "labelled": 0, "unlabelled": 2},
    ]
    assert plan["total_bytes"] >= len(png(1)) + len(png(2))

    applied = program.post(f"{place}apply/")
    assert (applied.status_code, applied.json()["state"]) == (202, "applying")
    work_off()
    told = program.get(place).json()
    assert (told["state"], told["may_be_applied"]) == ("applied", False)
    assert told["applied_at"] is not None
    assert len(told["plan"]["dataset_hash"]) == 64
    items = program.get(f"/api/v1/datasets/{told['dataset']}/").json()
    # What cannot be read is an item too, one that no study draws
    assert (items["items"], items["labelled"]) == (3, 1)
    acts = Event.objects.filter(chain__name=f"dataset:{told['dataset']}", action="dataset.imported")
    assert [act.actor for act in acts] == [str(owner.opaque_id)]
    again = program.post(f"{place}apply/")
    assert is_problem(again, 409, "refused")


def test_files_of_a_plan_come_errors_first_and_by_page(program, imports, write):
    write({f"A-PXI/{number}.png": png(number) for number in range(4)})
    root = write({"A-PXI/bad.png": b"no image", "A-PXI/notes.txt": b"x"})
    place = program.post(imports, {"root": str(root)})["Location"]
    work_off()
    found, address = [], f"{place}entries/?limit=4"
    while address:
        page = program.get(address).json()
        found.append([(entry["outcome"], entry["key"]) for entry in page["items"]])
        address = page["next"]
    assert [len(rows) for rows in found] == [4, 2]
    listed = [row for rows in found for row in rows]
    assert listed[0] == ("error", "A-PXI/bad.png")
    assert listed[1:5] == [("new", f"A-PXI/{number}.png") for number in range(4)]
    assert listed[5] == ("ignored", "A-PXI/notes.txt")

    [error] = program.get(f"{place}entries/?outcome=error").json()["items"]
    assert error["reason_code"]
    assert error["reason"]
    assert (error["category"], error["applied"]) == ("A-PXI", False)
    assert [
        entry["key"] for entry in program.get(f"{place}entries/?text=NOTES").json()["items"]
    ] == ["A-PXI/notes.txt"]
    assert is_problem(program.get(f"{place}entries/?outcome=bad"), 422, "invalid")
    streamed = program.get(f"{place}entries/?stream=true")
    lines = b"".join(streamed.streaming_content).splitlines()
    assert [json.loads(line)["key"] for line in lines] == [key for _outcome, key in listed]


def test_a_zip_file_is_imported_and_nothing_of_it_is_left_lying(
    program, imports, settings, dataset
):
    response = send(program, imports, archive({"A-PXI/1.png": png(1)}), layout="folders")
    assert response.status_code == 202, response.content
    assert response.json()["root"] == ""
    assert len(left_over(settings)) == 1
    place = response["Location"]
    work_off()
    assert program.get(place).json()["plan"]["counts"]["new"] == 1
    program.post(f"{place}apply/")
    work_off()
    assert program.get(place).json()["state"] == "applied"
    assert dataset.items.get().key == "A-PXI/1.png"
    assert left_over(settings) == []


def test_a_zip_file_may_be_sent_by_a_browsers_session(session_client, owner, imports):
    assert send(session_client(owner), imports, archive({"a/1.png": png()})).status_code == 202


def test_a_browsers_upload_needs_the_header_and_is_not_read_without(owner, imports, settings):
    client = ApiClient(enforce_csrf_checks=True)
    client.force_login(owner)
    token = "a" * 32
    client.cookies["csrftoken"] = token
    file = archive({"a/1.png": png()})
    in_form = send(client, imports, file, csrfmiddlewaretoken=token)
    assert is_problem(in_form, 403, "not-allowed")
    assert left_over(settings) == []
    with_header = client.post(
        imports,
        {"archive": archive({"a/1.png": png()})},
        MULTIPART_CONTENT,
        headers={"X-CSRFToken": token},
    )
    assert with_header.status_code == 202, with_header.content


@pytest.mark.parametrize("announced", [True, False])
def test_a_zip_file_that_is_too_large_is_refused(
    program, imports, settings, monkeypatch, announced
):
    settings.UPLOAD_LIMIT_BYTES = 1000
    if not announced:
        monkeypatch.setattr("sts_qa.api.receiving.is_too_large", lambda length: False)
    file = SimpleUploadedFile("a.zip", b"x" * 200_000)
    response = send(program, imports, file)
    assert is_problem(response, 413, "too-large")
    assert left_over(settings) == []
    assert not ImportRun.objects.exists()


def test_what_is_no_zip_file_is_refused(program, imports, settings):
    response = send(program, imports, SimpleUploadedFile("a.zip", b"no zip"))
    assert is_problem(response, 409, "refused")
    assert "The ZIP file is refused." in response.json()["detail"]
    assert fields_at_fault(response) == ["/archive"]
    assert left_over(settings) == []


def test_one_zip_file_at_a_time(program, imports, settings):
    one, two = archive({"a/1.png": png()}, "1.zip"), archive({"a/2.png": png()}, "2.zip")
    assert is_problem(send(program, imports, one, two), 400, "malformed")
    assert left_over(settings) == []


def test_the_same_upload_under_the_same_key_is_one_import(program, imports):
    def upload(content: bytes):
        return program.post(
            imports,
            {"archive": archive({"a/1.png": content})},
            MULTIPART_CONTENT,
            headers={"Idempotency-Key": "upload 1"},
        )

    first, again = upload(png(1)), upload(png(1))
    assert (first.status_code, again.status_code) == (202, 202)
    assert again["Idempotency-Replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    assert is_problem(upload(png(2)), 422, "idempotency-key-reused")
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/root"),
        ({"root": ""}, "/root"),
        ({"root": 1}, "/root"),
        ({"root": "teeth"}, "/root"),
        ({"root": "/nowhere/at/all"}, "/root"),
        ({"root": "/"}, "/root"),
        ({"root": "OPEN/../.."}, "/root"),
        ({"root": "OPEN/file.txt"}, "/root"),
        ({"root": "OPEN", "layout": "pyramid"}, "/layout"),
        ({"root": "OPEN", "keep_files": "yes"}, "/keep_files"),
        ({"root": "OPEN", "archive": "x"}, "/archive"),
    ],
)
def test_a_wrong_body_names_the_field(program, imports, write, body, field):
    root = write({"file.txt": b"x"})
    given = {
        name: value.replace("OPEN", str(root))
        if name == "root" and isinstance(value, str)
        else value
        for name, value in body.items()
    }
    response = program.post(imports, given)
    assert is_problem(response, 422, "invalid")
    assert {fault["field"] for fault in response.json()["errors"]} == {field}
    assert not ImportRun.objects.exists()


def test_a_form_without_a_file_names_it(program, imports):
    response = program.post(imports, {"layout": "auto"}, MULTIPART_CONTENT)
    assert is_problem(response, 422, "invalid")
    assert [fault["field"] for fault in response.json()["errors"]] == ["/archive"]


def test_one_import_of_a_dataset_at_a_time(program, imports, write):
    root = str(write({"a/1.png": png()}))
    assert program.post(imports, {"root": root}).status_code == 202
    response = program.post(imports, {"root": root})
    assert is_problem(response, 409, "refused")
    assert "Another import of this dataset is at work" in response.json()["detail"]


def test_a_plan_is_put_aside(program, imports, write):
    place = program.post(imports, {"root": str(write({"a/1.png": png()}))})["Location"]
    work_off()
    response = program.post(f"{place}cancel/")
    assert (response.status_code, response.json()["state"]) == (200, "cancelled")
    assert is_problem(program.post(f"{place}apply/"), 409, "refused")


def test_imports_are_listed_the_newest_first(program, imports, write):
    root = str(write({"a/1.png": png()}))
    ids = []
    for _ in range(3):
        ids.insert(0, program.post(imports, {"root": root}).json()["id"])
        work_off()
    page = program.get(f"{imports}?limit=2").json()
    assert [row["id"] for row in page["items"]] == ids[:2]
    assert [row["id"] for row in program.get(page["next"]).json()["items"]] == ids[2:]


def test_the_import_of_another_dataset_is_not_there(program, imports, write, owner):
    other = make_dataset(owner=owner)
    run = program.post(imports, {"root": str(write({"a/1.png": png()}))}).json()["id"]
    for name in ("show_import", "list_import_entries"):
        address = reverse(f"api:{name}", args=[other.pk, run])
        assert is_problem(program.get(address), 404, "not-found")
    for name in ("apply_import", "cancel_import"):
        address = reverse(f"api:{name}", args=[other.pk, run])
        assert is_problem(program.post(address), 404, "not-found")


def test_another_members_job_is_not_told(program, token_client, imports, write, dataset):
    colleague = make_user(coordinator=True)
    dataset.members.create(user=colleague)
    place = program.post(imports, {"root": str(write({"a/1.png": png()}))})["Location"]
    told = token_client(colleague).get(place).json()
    assert (told["state"], told["job"]) == ("planning", None)


def test_who_must_not_see_the_dataset_sends_nothing(
    token_client, dataset, imports, settings, owner
):
    root = settings.IMPORT_ROOTS[0]
    root.mkdir(exist_ok=True)
    stranger = make_user(coordinator=True)
    assert is_problem(token_client(stranger).get(imports), 404, "not-found")
    assert is_problem(token_client(stranger).post(imports, {"root": str(root)}), 404, "not-found")
    file = archive({"a/1.png": png()})
    assert is_problem(send(token_client(stranger), imports, file), 404, "not-found")
    make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), owner)
    assert is_problem(token_client(owner).get(imports), 403, "not-allowed")
    assert is_problem(token_client(owner).post(imports, {"root": str(root)}), 403, "not-allowed")
    file = archive({"a/1.png": png()})
    assert is_problem(send(token_client(owner), imports, file), 403, "not-allowed")
    assert left_over(settings) == []
    assert not ImportRun.objects.exists()


def test_the_folders_open_for_import_are_told_as_they_can_be_sent(
    program, write, settings, tmp_path
):
    write({"STS/a.png": png(), "Own/b.png": png(), ".hidden/c.png": png(), "d.png": png()})
    settings.IMPORT_ROOTS.append(tmp_path / "gone")
    answer = program.get("/api/v1/import-roots/")
    root = str(tmp_path / "open")
    assert answer.json()["items"] == [
        {"root": str(tmp_path / "gone"), "folders": []},
        {"root": root, "folders": [f"{root}/Own", f"{root}/STS"]},
    ]
