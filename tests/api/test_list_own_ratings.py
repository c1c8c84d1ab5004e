"""Own ratings by the API, as list_own_ratings and show_assignment tell them."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from sts_qa.studies.actions import unseal_results
from sts_qa.studies.models import Study
from tests.api.conftest import ApiClient, is_problem
from tests.factories import make_membership, make_user
from tests.rating.helpers import add_rater, add_repeat, current, in_order, running_study

pytestmark = pytest.mark.django_db
GOOD = {"contrast": {"value": "17"}}


@pytest.fixture
def study(db):
    return running_study(items=3)


@pytest.fixture
def rater(study):
    return add_rater(study, model_name="ToothNet", model_version="2")


@pytest.fixture
def first(rater):
    return in_order(rater)[0]


@pytest.fixture
def program(token_client, rater):
    return token_client(rater.user, ["rate"])


def send(program, assignment, *, key="k1", scores=None, **more):
    address = f"/api/v1/assignments/{assignment.token}/ratings/"
    body = {"scores": GOOD if scores is None else scores, **more}
    return program.post(address, body, headers={"Idempotency-Key": key})


def own(program, study, query=""):
    return program.get(f"/api/v1/studies/{study.public_id}/ratings/{query}")


def test_own_ratings_in_the_order_of_the_assignments(program, token_client, study, rater):
    Study.objects.filter(pk=study.pk).update(live_results=True)
    colleague = add_rater(study, model_name="Other", model_version="1")
    send(token_client(colleague.user), in_order(colleague)[0])
    one, _two, three = in_order(rater)
    for number, assignment in enumerate((three, one)):
        send(program, assignment, key=f"k{number}", comment="sharp")
    changed = str(current(one).public_id)
    send(program, one, key="again", replaces=changed, scores={"contrast": {"value": "4"}})
    found = own(program, study).json()
    assert found["next"] is None
    assert [row["assignment"] for row in found["items"]] == [one.token, three.token]
    row = found["items"][0]
    rating = current(one)
    assert row == {
        "assignment": one.token,
        "number": 2,
        "id": str(rating.public_id),
        "channel": "api",
        "received_at": row["received_at"],
        "reopenable": True,
        "scores": {"contrast": {"value": "4"}},
        "comment": "",
    }
    assert timezone.datetime.fromisoformat(row["received_at"]) == rating.received_at
    pages = own(program, study, "?limit=1").json()
    assert [row["assignment"] for row in pages["items"]] == [one.token]
    following = program.get(pages["next"]).json()
    assert [row["assignment"] for row in following["items"]] == [three.token]
    lines = b"".join(own(program, study, "?stream=true").streaming_content).splitlines()
    assert [json.loads(line)["assignment"] for line in lines] == [one.token, three.token]


def test_where_items_come_again_an_old_answer_cannot_be_looked_up(token_client):
    study = running_study(items=4, repeat_share="0.25", repeat_distance=2, live_results=True)
    rater = add_rater(study, model_name="ToothNet", model_version="2")
    add_repeat(rater, in_order(rater)[0].sampled_item)
    program = token_client(rater.user, ["rate"])
    for number, assignment in enumerate(in_order(rater)[:3]):
        send(program, assignment, key=f"k{number}", comment="a crown")
    rows = own(program, study).json()["items"]
    assert [row["reopenable"] for row in rows] == [False, True, True]
    assert [row["scores"] for row in rows] == [None, GOOD, GOOD]
    assert [row["comment"] for row in rows] == [None, "a crown", "a crown"]


def told_scores(program, study, assignment):
    """What both endpoints that tell own ratings say of the assignment's: scores and comment."""
    shown = program.get(f"/api/v1/assignments/{assignment.token}/").json()["rating"]
    rows = {row["assignment"]: row for row in own(program, study).json()["items"]}
    listed = rows[assignment.token]
    assert shown["id"] == listed["id"] == str(current(assignment).public_id)
    lines = b"".join(own(program, study, "?stream=true").streaming_content).splitlines()
    assert [json.loads(line) for line in lines] == list(rows.values())
    return [(one["scores"], one["comment"]) for one in (shown, listed)]


def test_a_token_made_by_any_coordinator_tells_no_scores_of_a_program_while_sealed(
    program, token_client, study, rater, first
):
    send(program, first, comment="a crown")
    other = make_membership(study, make_user("second", coordinator=True), role="coordinator").user
    answer = token_client(other).post(
        f"/api/v1/studies/{study.public_id}/members/{rater.pk}/tokens/", {"name": "T", "days": 1}
    )
    holder = ApiClient(headers={"Authorization": f"Bearer {answer.json()['secret']}"})
    assert told_scores(holder, study, first) == [(None, None)] * 2
    # The id alone is what changing it takes
    known = own(holder, study).json()["items"][0]["id"]
    changed = {"contrast": {"value": "4"}}
    assert send(holder, first, key="k2", replaces=known, scores=changed).status_code == 201
    assert told_scores(holder, study, first) == [(None, None)] * 2
    unseal_results(study=study, reason="Interim look", acting_user=other)
    assert told_scores(holder, study, first) == [(changed, "")] * 2


def test_live_results_are_told_and_a_closed_door_tells_nothing(program, study, first):
    send(program, first, comment="a crown")
    plan = Study.objects.filter(pk=study.pk)
    assert told_scores(program, study, first) == [(None, None)] * 2
    plan.update(live_results=True)
    assert told_scores(program, study, first) == [(GOOD, "a crown")] * 2
    for state in ("paused", "closed"):
        plan.update(state=state)
        for path in (f"assignments/{first.token}/", f"studies/{study.public_id}/ratings/"):
            assert is_problem(program.get(f"/api/v1/{path}"), 403, "no-access")


def test_people_are_told_their_own_scores_while_the_study_is_sealed(token_client, study):
    Study.objects.filter(pk=study.pk).update(allows_program_ratings=True)
    person = add_rater(study, "anna")
    program, one = token_client(person.user, ["rate"]), in_order(person)[0]
    send(program, one, comment="a crown")
    assert told_scores(program, study, one) == [(GOOD, "a crown")] * 2


def test_own_ratings_are_closed_with_the_study(program, study, rater):
    Study.objects.filter(pk=study.pk).update(state=Study.State.CLOSED)
    assert is_problem(own(program, study), 403, "no-access")
