"""Jobs by the API: list_jobs, show_job, cancel_job."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue.actions import apply_import, start_import
from sts_qa.catalogue.actions.further_masks import start_mask_import
from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.kinds import JOB_KINDS
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.studies.actions import draw_sample, start_study
from sts_qa.studies.models import Study
from tests.api.conftest import is_problem
from tests.catalogue.folders import do_units_here, folder_writer, mask_png, png
from tests.factories import make_dataset, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db
LIST = "/api/v1/jobs/"


def address(job: Job, name: str = "show_job") -> str:
    return reverse(f"api:{name}", args=[job.public_id])


def start(user, *, about=None, kind: str = "compute_metrics") -> Job:
    subject = {"subject_type": about._meta.model_name, "subject_id": about.pk} if about else {}
    return enqueue(kind=kind, parameters={}, acting_user=user, **subject)


def ids(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["items"]]


def test_ones_own_jobs_the_newest_first(token_client, owner):
    first, second = start(owner), start(owner)
    start(make_user())
    client = token_client(owner, ["read"])
    assert ids(client.get(LIST)) == [str(second.public_id), str(first.public_id)]
    page = client.get(f"{LIST}?limit=1").json()
    assert ids(client.get(page["next"])) == [str(first.public_id)]


def test_jobs_are_filtered_by_state_and_kind(token_client, owner):
    waiting, done = start(owner), start(owner, kind="build_stores")
    Job.objects.filter(pk=done.pk).update(state=Job.State.DONE)
    client = token_client(owner)
    assert ids(client.get(f"{LIST}?state=queued")) == [str(waiting.public_id)]
    assert ids(client.get(f"{LIST}?kind=build_stores")) == [str(done.public_id)]
    assert ids(client.get(f"{LIST}?kind=build_stores&state=queued")) == []
    response = client.get(f"{LIST}?state=finished")
    assert is_problem(response, 422, "invalid")
    assert response.json()["errors"][0]["field"] == "state"


def test_progress_is_told_and_not_sent_again_while_it_stands_still(token_client, owner):
    job = start(owner)
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, done=3, total=10, message="A-PXI/3.png"
    )
    client = token_client(owner, ["read"])
    response = client.get(address(job))
    told = response.json()
    assert [told[name] for name in ("state", "done", "total", "message")] == [
        "running",
        3,
        10,
        "A-PXI/3.png",
    ]
    again = client.get(address(job), headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Job.objects.filter(pk=job.pk).update(done=4)
    later = client.get(address(job), headers={"If-None-Match": response["ETag"]})
    assert (later.status_code, later.json()["done"]) == (200, 4)


@pytest.fixture
def one_of_each_kind(owner, settings, tmp_path, monkeypatch) -> list[Job]:
    """Work that has ended, all of it on one small dataset."""
    settings.DATA_FOLDER = tmp_path / "installation"
    settings.DATA_FOLDER.mkdir()
    settings.IMPORT_ROOTS = [tmp_path / "open"]
    do_units_here(monkeypatch)
    radiographs = {"image/1.png": png(1), "mask/1.png": mask_png(), "image/2.png": b"no image"}
    files = {f"teeth/A/{key}": content for key, content in radiographs.items()}
    root = folder_writer(tmp_path / "open")({**files, "further/1.png": mask_png(value=7)})
    dataset = make_dataset(owner=owner)
    run = start_import(dataset=dataset, root=str(root / "teeth"), acting_user=owner)
    jobs = [run_job(run.job), run_job(apply_import(run=run, acting_user=owner))]
    further = str(root / "further")
    masks = start_mask_import(dataset=dataset, root=further, name="B", acting_user=owner)
    ids = {"dataset": dataset.pk}
    jobs += [
        run_job(masks),
        run_job(enqueue(kind="build_stores", parameters=ids, acting_user=owner)),
        run_job(enqueue(kind="compute_metrics", parameters=ids, acting_user=owner)),
    ]
    study = make_study(dataset=dataset, coordinator=owner, fraction="1", practice_items=0)
    make_membership(study)
    draw_sample(study=study, acting_user=owner)
    return [*jobs, run_job(start_study(study=study, acting_user=owner))]


def test_all_that_each_kind_of_work_counts_is_told(token_client, owner, one_of_each_kind):
    assert {job.kind for job in one_of_each_kind} == set(JOB_KINDS)
    client = token_client(owner)
    for job in one_of_each_kind:
        assert job.state == Job.State.DONE, job.error
        told = client.get(address(job)).json()["result"]
        counted = job.result.get("counts", job.result).items()
        assert told["counts"] == {name: count for name, count in counted if name != "errors"}
        assert told["counts"]
        assert told["errors"] == job.result.get("errors", [])
    applied = client.get(address(one_of_each_kind[1])).json()["result"]
    assert (applied["counts"]["new"], applied["counts"]["error"]) == (1, 1)
    assert [error["where"] for error in applied["errors"]] == ["A/image/2.png"]


def test_work_on_one_volume_tells_what_failed(token_client, owner):
    job = start(owner, kind="build_stores")
    assert token_client(owner).get(address(job)).json()["result"] == {"counts": {}, "errors": []}
    errors = [{"where": "B/1.nii.gz", "reason": "The file is damaged."}]
    stored = {"ready": 1, "failed": 1, "errors": errors}
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, result=stored)
    told = token_client(owner).get(address(job)).json()["result"]
    assert told == {"counts": {"ready": 1, "failed": 1}, "errors": errors}


def test_somebody_elses_job_is_not_there(token_client, owner):
    job = start(make_user())
    client = token_client(owner)
    assert is_problem(client.get(address(job)), 404, "not-found")
    assert is_problem(client.post(address(job, "cancel_job")), 404, "not-found")
    unknown = reverse("api:show_job", args=[uuid4()])
    assert client.get(unknown).json()["detail"] == client.get(address(job)).json()["detail"]
    job.refresh_from_db()
    assert not job.cancel_requested


def test_a_superuser_follows_any_job(token_client):
    job = start(make_user())
    client = token_client(make_user(is_superuser=True))
    assert client.get(address(job)).status_code == 200
    assert ids(client.get(LIST)) == []


def test_cancelling_is_the_same_act_as_on_the_page(token_client, owner):
    dataset = make_dataset(owner=owner)
    job = start(owner, about=dataset)
    client = token_client(owner, ["manage"])
    response = client.post(address(job, "cancel_job"))
    assert (response.status_code, response.json()["state"]) == (200, "cancelled")
    again = client.post(address(job, "cancel_job"))
    assert (again.status_code, again.json()["state"]) == (200, "cancelled")
    act = Event.objects.get(chain__name=f"dataset:{dataset.pk}", action="job.cancelled")
    assert act.actor == str(owner.opaque_id)


def test_a_running_job_is_asked_to_stop(token_client, owner):
    job = start(owner)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)
    told = token_client(owner).post(address(job, "cancel_job")).json()
    assert (told["state"], told["cancel_requested"]) == ("running", True)


def test_work_on_a_dataset_that_one_rates_is_closed_because_it_names_files(
    token_client, session_client, owner
):
    dataset, other = make_dataset(owner=owner), make_dataset(owner=owner)
    closed, open_ = start(owner, about=dataset), start(owner, about=other)
    study = make_study(dataset=dataset, state=Study.State.RUNNING)
    make_membership(study, owner)
    client = token_client(owner)
    assert ids(client.get(LIST)) == [str(open_.public_id)]
    assert is_problem(client.get(address(closed)), 404, "not-found")
    assert is_problem(client.post(address(closed, "cancel_job")), 404, "not-found")
    assert session_client(owner).get(closed.get_absolute_url()).status_code == 404
    Study.objects.update(state=Study.State.CLOSED)
    assert ids(client.get(LIST)) == [str(open_.public_id), str(closed.public_id)]
    assert session_client(owner).get(closed.get_absolute_url()).status_code == 200


def test_a_token_for_one_study_reaches_the_work_on_it_and_its_dataset(token_client, owner):
    study = make_study(coordinator=owner)
    on_study = start(owner, about=study, kind="start_study")
    on_dataset = start(owner, about=study.dataset)
    elsewhere = start(owner, about=make_dataset(owner=owner))
    client = token_client(owner, study=study)
    assert ids(client.get(LIST)) == [str(on_dataset.public_id), str(on_study.public_id)]
    assert client.get(address(on_study)).status_code == 200
    assert is_problem(client.get(address(elsewhere)), 404, "not-found")


def test_scopes_and_log_in(token_client, client, owner):
    job = start(owner)
    assert is_problem(client.get(LIST), 401, "log-in")
    assert is_problem(token_client(owner, ["rate"]).get(LIST), 403, "scope")
    assert is_problem(token_client(owner, ["read"]).post(address(job, "cancel_job")), 403, "scope")
