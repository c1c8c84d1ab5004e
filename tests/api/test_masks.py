"""Masks by the API: import_masks, list_masks."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from sts_qa.catalogue.actions import apply_import, start_import
from sts_qa.catalogue.models import MaskVersion
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.studies.models import Study
from tests.api.conftest import is_problem
from tests.catalogue.folders import do_units_here, folder_writer, mask_png, png
from tests.factories import make_dataset, make_item, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings, tmp_path, monkeypatch):
    settings.DATA_FOLDER = tmp_path / "installation"
    settings.DATA_FOLDER.mkdir()
    settings.IMPORT_ROOTS = [tmp_path / "open"]
    do_units_here(monkeypatch)


@pytest.fixture
def write(tmp_path):
    return folder_writer(tmp_path / "open")


@pytest.fixture
def dataset(owner, write):
    dataset = make_dataset(owner=owner, name="Teeth")
    root = write({"teeth/A/image/1.png": png(1), "teeth/A/mask/1.png": mask_png()})
    run = start_import(dataset=dataset, root=str(root / "teeth"), acting_user=owner)
    run_job(run.job)
    run_job(apply_import(run=run, acting_user=owner))
    return dataset


@pytest.fixture
def program(token_client, owner):
    return token_client(owner)


def masks(dataset) -> str:
    return reverse("api:import_masks", args=[dataset.pk])


def masks_of(item) -> str:
    return reverse("api:list_masks", args=[item.dataset_id, item.pk])


def test_further_masks_are_imported_by_a_job(program, dataset, write):
    root = write({"annotator/1.png": mask_png(value=7), "annotator/9.png": mask_png()})
    body = {"root": str(root / "annotator"), "name": "Annotator 2"}
    dry = program.post(masks(dataset), {**body, "dry_run": True})
    assert (dry.status_code, dry.json()["state"]) == (202, "queued")
    run_job(Job.objects.get(public_id=dry.json()["id"]))
    assert program.get(dry["Location"]).json()["result"]["counts"]["added"] == 1
    assert not MaskVersion.objects.exclude(name="").exists()

    started = program.post(masks(dataset), body)
    run_job(Job.objects.get(public_id=started.json()["id"]))
    told = program.get(started["Location"]).json()
    counts = {"added": 1, "changed": 0, "unchanged": 0, "refused": 1}
    assert (told["state"], told["result"]["counts"]) == ("done", counts)
    assert [error["where"] for error in told["result"]["errors"]] == ["9.png"]

    item = dataset.items.get()
    own, further = program.get(masks_of(item)).json()["items"]
    assert (own["name"], own["number"]) == ("", 1)
    assert (further["name"], further["number"], further["shape"]) == ("Annotator 2", 1, [16, 32])
    # 4 x 10 pixels
    assert (further["nonzero"], further["values"]) == (40, [0, 7])


def test_versions_come_by_name_the_newest_first_and_by_page(program, dataset):
    item = dataset.items.get()
    for name, number in (("B", 1), ("A", 1), ("A", 2)):
        MaskVersion.objects.create(
            item=item, name=name, number=number, key="1.png", sha256=f"{number:064x}",
            size_bytes=1, shape=[16, 32], dtype="uint8", nonzero=1,
        )  # fmt: skip
    found, address = [], f"{masks_of(item)}?limit=3"
    while address:
        page = program.get(address).json()
        found.append([(row["name"], row["number"]) for row in page["items"]])
        address = page["next"]
    assert found == [[("", 1), ("A", 2), ("A", 1)], [("B", 1)]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Model"}, "/root"),
        ({"root": "OPEN"}, "/name"),
        ({"root": "OPEN", "name": ""}, "/name"),
        ({"root": "OPEN", "name": "a\tb"}, "/name"),
        ({"root": "OPEN", "name": "x" * 81}, "/name"),
        ({"root": "masks", "name": "Model"}, "/root"),
        ({"root": "/", "name": "Model"}, "/root"),
        ({"root": "OPEN/file.txt", "name": "Model"}, "/root"),
        ({"root": "OPEN", "name": "Model", "dry_run": "yes"}, "/dry_run"),
    ],
)
def test_a_wrong_body_names_the_field(program, dataset, write, body, field):
    root = write({"file.txt": b"x"})
    given = json.loads(json.dumps(body).replace("OPEN", str(root)))
    response = program.post(masks(dataset), given)
    assert is_problem(response, 422, "invalid")
    assert {fault["field"] for fault in response.json()["errors"]} == {field}
    assert not Job.objects.filter(kind="import_masks").exists()


def test_the_same_import_is_one_job_and_another_has_to_wait(program, dataset, write):
    body = {"root": str(write({"m/1.png": mask_png()})), "name": "Model"}
    first, again = program.post(masks(dataset), body), program.post(masks(dataset), body)
    assert first.json()["id"] == again.json()["id"]
    other = program.post(masks(dataset), {**body, "name": "Other"})
    assert is_problem(other, 409, "refused")


def test_who_must_not_see_the_dataset_gets_and_imports_nothing(
    program, token_client, dataset, owner, write
):
    item = dataset.items.get()
    body = {"root": str(write({"m/1.png": mask_png()})), "name": "Model"}
    stranger = token_client(make_user(coordinator=True))
    assert is_problem(stranger.get(masks_of(item)), 404, "not-found")
    assert is_problem(stranger.post(masks(dataset), body), 404, "not-found")
    elsewhere = make_item(make_dataset(owner=owner), "1.png")
    address = reverse("api:list_masks", args=[dataset.pk, elsewhere.pk])
    assert is_problem(program.get(address), 404, "not-found")
    make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), owner)
    assert is_problem(program.get(masks_of(item)), 403, "not-allowed")
    assert is_problem(program.post(masks(dataset), body), 403, "not-allowed")
    assert not Job.objects.filter(kind="import_masks").exists()
