"""Room and monitor: asked once for each log-in, kept with the ratings."""

import json
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.rating.models import ReadingConditions
from tests.factories import make_membership, make_user
from tests.rating.helpers import (
    add_rater,
    current,
    in_order,
    log_in,
    queue_of,
    running_study,
    submit,
)

pytestmark = pytest.mark.django_db
DIM = {"room": "dim", "monitor": "diagnostic", "sees_dark_patch": True, "sees_bright_patch": False}


@pytest.fixture
def study():
    return running_study(items=2)


def _state(client, study, *, log_in=None, **changes):
    address = reverse("rating:state_conditions", args=[study.public_id])
    if log_in is not None:
        address += f"?log_in={log_in}"
    return client.post(address, json.dumps({**DIM, **changes}), content_type="application/json")


def test_a_statement_is_stored_and_goes_with_the_ratings(client, study, rater):
    log_in(client, rater)
    assert queue_of(client, study)["conditions"] is None
    answer = _state(client, study)
    assert answer.status_code == 201
    stated = ReadingConditions.objects.get()
    assert answer.json() == {"id": str(stated.public_id)}
    assert (stated.user, stated.room, stated.monitor) == (rater.user, "dim", "diagnostic")
    assert (stated.sees_dark_patch, stated.sees_bright_patch) == (True, False)
    assert queue_of(client, study)["conditions"] == answer.json()
    first, second = in_order(rater)
    submit(client, first, conditions=answer.json()["id"])
    submit(client, second)
    assert current(first).reading_conditions == stated
    assert current(second).reading_conditions is None


def test_it_is_on_record(client, study, rater):
    _state(log_in(client, rater), study)
    event = Event.objects.get(action="conditions.stated")
    assert event.details == DIM


def test_the_newest_statement_holds_and_the_older_one_stays(client, study, rater):
    log_in(client, rater)
    first, second = _state(client, study).json(), _state(client, study, room="bright").json()
    assert queue_of(client, study)["conditions"] == second
    assert ReadingConditions.objects.get(public_id=first["id"]).room == "dim"


def test_it_is_asked_again_after_a_log_out(client, study, rater):
    log_in(client, rater)
    _state(client, study)
    client.logout()
    assert queue_of(log_in(client, rater), study)["conditions"] is None


def test_it_is_asked_again_after_a_log_in_over_the_same_session(client, study, rater):
    log_in(client, rater)
    _state(client, study)
    assert queue_of(client, study)["conditions"] is not None
    # The same session goes on when the same person logs in again
    assert queue_of(log_in(client, rater), study)["conditions"] is None


def test_one_that_comes_after_the_next_log_in_does_not_hold_for_it(client, study, rater):
    before = queue_of(log_in(client, rater), study)["log_in"]
    now = queue_of(log_in(client, rater), study)["log_in"]
    assert before != now
    answer = _state(client, study, log_in=before)
    assert answer.status_code == 201
    assert queue_of(client, study)["conditions"] is None
    # The ratings made then name it all the same
    submit(client, in_order(rater)[0], conditions=answer.json()["id"])
    assert current(in_order(rater)[0]).reading_conditions == ReadingConditions.objects.get()
    held = _state(client, study, log_in=now).json()
    assert queue_of(client, study)["conditions"] == held


def test_another_raters_statement_is_not_taken_and_no_rating_is_lost(client, study, rater):
    other = add_rater(study)
    theirs = _state(log_in(client, other), study).json()["id"]
    log_in(client, rater)
    first, second = in_order(rater)
    for assignment, sent in ((first, theirs), (second, str(uuid.uuid4()))):
        assert submit(client, assignment, conditions=sent).status_code == 201
        assert current(assignment).reading_conditions is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("room", "cellar"),
        ("room", None),
        ("room", ["dim"]),
        ("monitor", ""),
        ("monitor", {}),
        ("sees_dark_patch", "yes"),
        ("sees_dark_patch", 1),
        ("sees_bright_patch", None),
        ("window", "open"),
    ],
)
def test_a_wrong_field_is_refused_by_name(client, study, rater, name, value):
    answer = _state(log_in(client, rater), study, **{name: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {name})
    assert not ReadingConditions.objects.exists()
    assert queue_of(client, study)["conditions"] is None


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"room": "dim\\u0000"}', b"\xff", b"{}" * 70000]
)
def test_hostile_bodies(client, study, rater, body):
    log_in(client, rater)
    address = reverse("rating:state_conditions", args=[study.public_id])
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 422


def test_access(client, study):
    assert _state(client, study).status_code == 401
    assert isinstance(client.get("/").wsgi_request.user, AnonymousUser)
    stranger = add_rater(running_study(items=1))
    assert _state(log_in(client, stranger), study).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, study.memberships.get(role="coordinator")):
        assert _state(log_in(client, membership), study).status_code == 403
    rater = add_rater(study)
    assert client.get(reverse("rating:state_conditions", args=[study.public_id])).status_code == 405
    assert _state(log_in(client, rater), study).status_code == 201
