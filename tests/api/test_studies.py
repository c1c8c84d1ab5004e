"""Studies by the API: list_studies, create_study, show_study, update_plan, preview_plan, show_plan,
draw_sample, start_study, pause_study, resume_study, close_study, unseal_results.
"""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.jobs.models import Job
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.studies.actions.create import PLAN_FIELDS
from sts_qa.studies.models import Membership, Study
from tests.api.conftest import fields_at_fault, is_problem
from tests.factories import (
    make_dataset,
    make_item,
    make_membership,
    make_protocol_version,
    make_study,
    make_user,
)
from tests.rating.helpers import add_rater, running_study

pytestmark = pytest.mark.django_db
LIST = "/api/v1/studies/"


@pytest.fixture
def dataset(owner):
    """20 radiographs of one category, 4 of them labelled."""
    made = make_dataset(owner=owner, name="Teeth")
    for number in range(20):
        make_item(made, f"A-PXI/{number:02}.png", labelled=number < 4)
    return made


@pytest.fixture
def new(dataset):
    version = make_protocol_version("rubric")
    return {"name": "Pilot", "dataset": dataset.pk, "protocol": version.protocol.slug}


def at(study: Study, act: str = "") -> str:
    return f"{LIST}{study.public_id}/{act}"


def fields(response) -> set[str]:
    return {fault["field"] for fault in response.json()["errors"]}


def acts_on(study: Study) -> list[str]:
    events = Event.objects.filter(chain__name=f"study:{study.pk}").order_by("number")
    return [event.action for event in events]


def running(owner, **plan) -> Study:
    study = running_study(2, **plan)
    make_membership(study, owner, role=Membership.Role.COORDINATOR)
    return study


# The list


def test_the_list_tells_each_study_by_the_accounts_role_in_it(token_client, owner):
    coordinated = make_study(coordinator=owner, name="Ours")
    rated = running_study(2, name="Theirs")
    make_membership(rated, owner, assigned_count=2, rated_count=1)
    withdrawn = make_study(name="Left as observer")
    make_membership(
        withdrawn,
        owner,
        role=Membership.Role.OBSERVER,
        withdrawn_at=withdrawn.created_at,
    )
    make_study(name="Of somebody else")
    rows = token_client(owner, ["read"]).get(LIST).json()["items"]
    assert [row["name"] for row in rows] == ["Theirs", "Ours"]
    theirs, ours = rows
    assert ours["id"] == str(coordinated.public_id)
    assert (ours["role"], ours["rates"], ours["own_ratings"]) == ("coordinator", False, None)
    assert ours["dataset"]["name"] == coordinated.dataset.name
    assert (theirs["role"], theirs["state"]) == ("rater", "running")
    assert theirs["own_ratings"] == {"done": 1, "total": 2}
    # What is in the dataset would bias a rater; its name may say so already
    assert theirs["dataset"] is None


def test_pages_go_on_where_they_were_though_a_study_left_the_list(token_client, owner):
    made = {name: running(owner, name=name) for name in ("First", "Second", "Third")}
    client = token_client(owner)
    page = client.get(f"{LIST}?state=running&limit=1").json()
    assert [row["name"] for row in page["items"]] == ["Third"]
    client.post(at(made["Third"], "pause/"))
    make_study(coordinator=owner, name="New", state=Study.State.RUNNING)
    found = []
    while page["next"]:
        page = client.get(page["next"]).json()
        found += [row["name"] for row in page["items"]]
    assert found == ["Second", "First"]


def test_studies_are_filtered_by_state(token_client, owner):
    make_study(coordinator=owner, name="First draft")
    make_study(coordinator=owner, name="Second draft")
    make_study(coordinator=owner, name="Closed", state=Study.State.CLOSED)
    make_study(name="Draft of somebody else")
    client = token_client(owner, ["read"])

    def names(path):
        return [row["name"] for row in client.get(path).json()["items"]]

    assert names(f"{LIST}?state=closed") == ["Closed"]
    assert names(f"{LIST}?state=paused") == []
    page = client.get(f"{LIST}?state=draft&limit=1").json()
    assert [row["name"] for row in page["items"]] == ["Second draft"]
    assert names(page["next"]) == ["First draft"]
    wrong = client.get(f"{LIST}?state=open")
    assert is_problem(wrong, 422, "invalid")
    assert fields_at_fault(wrong) == ["state"]


def test_a_token_for_one_study_lists_that_one(token_client, owner):
    study = make_study(coordinator=owner)
    make_study(coordinator=owner)
    rows = token_client(owner, study=study).get(LIST).json()["items"]
    assert [row["id"] for row in rows] == [str(study.public_id)]


# Making one


def test_making_a_study_is_the_same_act_as_on_the_page(token_client, owner, new):
    response = token_client(owner, ["manage"]).post(LIST, new)
    study = Study.objects.get()
    assert response.status_code == 201
    assert response["Location"] == at(study) == reverse("api:show_study", args=[study.public_id])
    assert (study.name, study.state, study.created_by) == ("Pilot", "draft", owner)
    shown = response.json()
    assert (shown["id"], shown["role"]) == (str(study.public_id), "coordinator")
    assert (shown["fraction"], shown["sizes"], shown["raters_per_item"]) == ("0.3", {}, None)
    assert shown["protocol"]["slug"] == "rubric"
    assert acts_on(study) == ["study.created"]


def test_what_is_left_out_is_what_the_model_has(token_client, owner, new):
    token_client(owner).post(LIST, new)
    made = Study.objects.get()
    usual = make_study(seed=made.seed)
    usual.refresh_from_db()
    for name in PLAN_FIELDS:
        assert getattr(made, name) == getattr(usual, name), name


def test_every_field_of_a_plan_can_be_given(token_client, owner, new):
    gated = ProtocolVersion.objects.get(protocol__slug="iqsc-then-sts-evaluation")
    plan = {
        "unit": "slice",
        "stratification": "none",
        "fraction": "0.125",
        "sizes": {"A-PXI": {"number": 5}},
        "slices_per_volume": 4,
        "slices_within_mask": True,
        "seed": 2**63 - 1,
        "raters_per_item": 2,
        "order": "mixed",
        "practice_items": 3,
        "repeat_share": "0.05",
        "repeat_distance": 7,
        "gate_skips_rest": True,
        "coordinators_may_rate": True,
        "allows_program_ratings": True,
        "view_policy": "free",
        "carries_window": True,
        "live_results": True,
        "seconds_per_radiograph": 20,
        "seconds_per_slice": 21,
        "seconds_per_volume": 22,
    }
    assert plan.keys() == set(PLAN_FIELDS)
    response = token_client(owner).post(LIST, {**new, **plan, "protocol": gated.protocol.slug})
    assert response.status_code == 201, response.content
    assert {name: response.json()[name] for name in plan} == plan
    study = Study.objects.get()
    assert (str(study.fraction), study.sizes) == ("0.12500000", {"A-PXI": {"number": 5}})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "/name"),
        ({"name": "x" * 121}, "/name"),
        ({"dataset": 2**60}, "/dataset"),
        ({"protocol": "nothing"}, "/protocol"),
        ({"fraction": "0"}, "/fraction"),
        ({"fraction": "1.01"}, "/fraction"),
        ({"fraction": 0.3}, "/fraction"),
        ({"seed": -1}, "/seed"),
        ({"seed": 2**63}, "/seed"),
        ({"raters_per_item": 0}, "/raters_per_item"),
        ({"unit": "pixel"}, "/unit"),
        ({"sizes": {"Nothing": {"number": 1}}}, "/sizes/Nothing"),
        ({"sizes": {"A-PXI": {}}}, "/sizes/A-PXI"),
        ({"sizes": {"A-PXI": {"number": 1, "fraction": "0.1"}}}, "/sizes/A-PXI"),
        ({"sizes": {"A-PXI": {"number": "1"}}}, "/sizes/A-PXI/number"),
        ({"sizes": {"A-PXI": {"number": 21}}}, "/sizes"),
        ({"gate_skips_rest": True}, "/gate_skips_rest"),
        ({"carries_window": True, "view_policy": "locked"}, "/carries_window"),
        ({"sead": 1}, "/sead"),
    ],
)
def test_a_wrong_plan_names_the_field(token_client, owner, new, changes, field):
    response = token_client(owner).post(LIST, {**new, **changes})
    assert is_problem(response, 422, "invalid"), response.content
    assert fields(response) == {field} or fields(response) == {f"{field}/non_field_errors"}
    assert not Study.objects.exists()


@pytest.mark.parametrize(
    "part", [r'"\ud800": 1', r'"sizes": {"\ud800": {"number": 1}}', r'"unit": "\ud800"']
)
def test_a_half_character_is_refused_like_any_other_fault(token_client, owner, new, part):
    body = json.dumps(new).removesuffix("}") + f", {part}}}"
    response = token_client(owner).post(LIST, body)
    assert is_problem(response, 422, "invalid")
    assert not Study.objects.exists()


def test_a_name_that_is_taken_is_refused(token_client, owner, new):
    make_study(name="Pilot")
    refused = token_client(owner).post(LIST, new)
    assert is_problem(refused, 409, "refused")
    assert fields_at_fault(refused) == ["/name"]


def test_no_study_is_made_of_a_dataset_that_one_may_not_see_or_rates(
    token_client, owner, new, dataset
):
    other = make_dataset()
    make_item(other, "A-PXI/a.png")
    response = token_client(owner).post(LIST, {**new, "dataset": other.pk})
    assert fields(response) == {"/dataset"}
    rated = make_study(dataset=dataset, state=Study.State.RUNNING)
    make_membership(rated, owner)
    assert fields(token_client(owner).post(LIST, new)) == {"/dataset"}


def test_the_same_key_makes_one_study(token_client, owner, new):
    client, key = token_client(owner), {"Idempotency-Key": "a1"}
    first = client.post(LIST, new, headers=key)
    again = client.post(LIST, new, headers=key)
    assert again.json() == first.json()
    assert (again["Idempotency-Replayed"], again["Location"]) == ("true", first["Location"])
    assert Study.objects.count() == 1


# One of them


def test_observers_see_the_study_and_raters_do_not(token_client, owner, session_client):
    study = running(owner)
    observer = make_user()
    make_membership(study, observer, role=Membership.Role.OBSERVER)
    rater = add_rater(study).user
    shown = session_client(observer).get(at(study)).json()
    assert (shown["role"], shown["is_sealed"], shown["unsealed"]) == ("observer", True, None)
    assert shown["ratings"] == {"done": 0, "total": 2}
    assert is_problem(session_client(rater).get(at(study)), 403, "not-allowed")
    assert is_problem(token_client(make_user()).get(at(study)), 404, "not-found")


def test_an_unchanged_study_is_not_sent_again(token_client, owner, dataset):
    client, study = token_client(owner), make_study(coordinator=owner, dataset=dataset)
    first = client.get(at(study))
    known = {"If-None-Match": first["ETag"]}
    assert client.get(at(study), headers=known).status_code == 304
    client.patch(at(study), {"seed": 99}, "application/json")
    assert client.get(at(study), headers=known).status_code == 200


# The plan


def test_a_plan_changes_where_something_is_sent(token_client, owner, dataset):
    study = make_study(coordinator=owner, dataset=dataset, seed=5, practice_items=2)
    client = token_client(owner, ["manage"])
    response = client.patch(at(study), {"fraction": "0.5", "sizes": {}}, "application/json")
    assert response.status_code == 200, response.content
    study.refresh_from_db()
    assert (str(study.fraction), study.seed, study.practice_items) == ("0.50000000", 5, 2)
    assert response.json()["fraction"] == "0.5"
    event = Event.objects.get(action="study.plan_changed")
    assert event.details["plan"].keys() == {"fraction", "sizes"}


@pytest.mark.parametrize(
    ("stored", "sent", "field"),
    [
        ({"view_policy": "locked"}, {"carries_window": True}, "/carries_window"),
        ({"carries_window": True}, {"view_policy": "locked"}, "/carries_window"),
        ({}, {"gate_skips_rest": True}, "/gate_skips_rest"),
        ({}, {"sizes": {"A-PXI": {"number": 21}}}, "/sizes"),
        ({}, {"name": "Other"}, "/name"),
    ],
)
def test_a_change_must_fit_the_rest_of_the_plan(token_client, owner, dataset, stored, sent, field):
    study = make_study(coordinator=owner, dataset=dataset, **stored)
    response = token_client(owner).patch(at(study), sent, "application/json")
    assert is_problem(response, 422, "invalid")
    assert fields(response) == {field}
    assert not Event.objects.filter(action="study.plan_changed").exists()


def test_the_plan_of_a_started_study_stays(token_client, owner):
    study = running(owner)
    response = token_client(owner).patch(at(study), {"seed": 9}, "application/json")
    assert is_problem(response, 409, "refused")


def test_what_a_plan_would_draw_is_told_before_it_is_stored(token_client, owner, dataset):
    body = {"dataset": dataset.pk, "fraction": "0.5", "planned_raters": 4, "raters_per_item": 2}
    response = token_client(owner, ["read"]).post(f"{LIST}preview/", body)
    assert response.status_code == 200, response.content
    told = response.json()
    assert [(row["stratum"], row["frame"], row["drawn"]) for row in told["strata"]] == [
        ("labelled", 4, 2),
        ("unlabelled", 16, 8),
    ]
    assert (told["total"]["found"], told["total"]["drawn"]) == (20, 10)
    # Half of 10 radiographs at 30 s
    assert told["workload"]["radiographs"] == 5
    assert told["workload"]["hours"] == pytest.approx(150 / 3600)
    assert not Study.objects.exists()
    other = token_client(owner).post(f"{LIST}preview/", {**body, "dataset": make_dataset().pk})
    assert fields(other) == {"/dataset"}


def test_a_drafts_plan_is_worked_out_until_it_is_drawn(token_client, owner, dataset):
    study = make_study(coordinator=owner, dataset=dataset, sizes={"A-PXI": {"number": 6}})
    client = token_client(owner)
    # 6 * 4/20 = 1.2 and 4.8: the larger remainder takes the rest
    assert [row["drawn"] for row in client.get(at(study, "plan/")).json()["strata"]] == [1, 5]
    client.post(at(study, "draw/"))
    assert is_problem(client.get(at(study, "plan/")), 409, "refused")


# The life of a study


def test_a_sample_is_drawn_once(token_client, owner, dataset):
    study = make_study(coordinator=owner, dataset=dataset, fraction="0.5")
    client = token_client(owner, ["manage"])
    response = client.post(at(study, "draw/"))
    assert response.status_code == 200, response.content
    assert response.json()["drawn_at"] is not None
    assert len(response.json()["frame_hash"]) == 64
    assert study.sample.filter(kind="main").count() == 10
    assert is_problem(client.post(at(study, "draw/")), 409, "refused")


def test_starting_queues_a_job(token_client, owner, dataset, settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    study = make_study(coordinator=owner, dataset=dataset)
    client = token_client(owner, ["manage"])
    assert is_problem(client.post(at(study, "start/")), 409, "refused")
    make_membership(study)
    client.post(at(study, "draw/"))
    response = client.post(at(study, "start/"))
    job = Job.objects.get()
    assert response.status_code == 202, response.content
    assert response["Location"] == f"/api/v1/jobs/{job.public_id}/"
    assert response.json()["id"] == str(job.public_id)
    assert (job.kind, job.subject_id, job.created_by) == ("start_study", study.pk, owner)
    again = client.post(at(study, "start/"))
    assert again.json()["id"] == str(job.public_id)


def test_a_study_is_paused_resumed_and_closed(token_client, owner):
    study, client = running(owner), token_client(owner, ["manage"])
    acts = ("pause/", "resume/", "close/")
    states = [client.post(at(study, act)).json()["state"] for act in acts]
    assert states == ["paused", "running", "closed"]
    assert is_problem(client.post(at(study, "pause/")), 409, "refused")
    assert acts_on(study) == ["study.paused", "study.resumed", "study.closed"]


def test_results_are_unsealed_with_a_reason(token_client, owner):
    study, client = running(owner), token_client(owner, ["manage"])
    assert fields(client.post(at(study, "unseal/"), {"reason": " "})) == {"/reason"}
    told = client.post(at(study, "unseal/"), {"reason": "A doubtful protocol."}).json()
    assert told["is_sealed"] is False
    counts = {name: count for name, count in told["unsealed"].items() if name != "at"}
    assert counts == {"ratings": 0, "due": 0, "program_ratings": 0, "program_due": 0}
    again = client.post(at(study, "unseal/"), {"reason": "Again."})
    assert is_problem(again, 409, "refused")


@pytest.mark.parametrize("act", ["draw/", "start/", "pause/", "resume/", "close/", "unseal/"])
def test_only_coordinators_of_the_study_act(token_client, session_client, owner, act):
    study = running(owner)
    observer = make_user()
    make_membership(study, observer, role=Membership.Role.OBSERVER)
    body = {"reason": "Why."} if act == "unseal/" else {}
    assert is_problem(session_client(observer).post(at(study, act), body), 403, "not-allowed")
    assert is_problem(token_client(make_user()).post(at(study, act), body), 404, "not-found")
    assert is_problem(token_client(owner, ["read"]).post(at(study, act), body), 403, "scope")
    study.refresh_from_db()
    assert (study.state, study.unsealed_at) == ("running", None)
