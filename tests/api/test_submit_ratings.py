"""Many ratings in one call: submit_ratings."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from sts_qa.api.models import IdempotentAnswer
from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links
from sts_qa.rating.actions import submit as submitting
from sts_qa.rating.models import Draft, Rating, Score
from sts_qa.studies.models import Assignment, Membership, SampledItem, Study
from tests.api.conftest import ApiClient, is_problem
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    at_once,
    current,
    in_order,
    log_in,
    running_study,
    submit,
)

pytestmark = pytest.mark.django_db
MODES = pytest.mark.parametrize("mode", ["all_or_nothing", "per_row"])


@pytest.fixture
def study(db):
    return running_study(items=4, labelled=1, practice=1)


@pytest.fixture
def rater(study):
    return add_rater(study, model_name="ToothNet", model_version="2")


@pytest.fixture
def program(token_client, rater):
    return token_client(rater.user, ["rate"])


def row(assignment, key=None, value="17", **more):
    scores = {"contrast": {"value": value}}
    if assignment.sampled_item.labelled:
        scores["pixel_accuracy"] = {"value": "3"}
    key = key or f"row-{assignment.pk}"
    return {"assignment": assignment.token, "idempotency_key": key, "scores": scores, **more}


def send(program, study, rows, mode="per_row", key=None):
    return program.post(
        f"/api/v1/studies/{study.public_id}/ratings/",
        {"mode": mode, "ratings": rows},
        headers={"Idempotency-Key": key or uuid.uuid4().hex},
    )


def faults(answer):
    return [one["field"] for one in answer.json()["errors"]]


def check_whole(study):
    """Every count and the chain must agree with the rows."""
    for membership in study.memberships.filter(role="rater"):
        counted = membership.assignments.filter(dropped_at=None).exclude(kind="practice")
        assert membership.rated_count == counted.filter(is_rated=True).count()
        assert membership.assigned_count == counted.count()
        shown = membership.assignments.filter(showing__isnull=False).exclude(kind="practice")
        numbers = list(shown.order_by("showing").values_list("showing", flat=True))
        assert numbers == list(range(1, membership.shown_count + 1))
    for assignment in Assignment.objects.filter(membership__study=study):
        assert assignment.ratings.filter(is_current=True).count() == int(assignment.is_rated)
    assert Score.objects.count() == 2 * Rating.objects.count()
    recorded = Event.objects.filter(action="rating.submitted").order_by("number")
    rated = Rating.objects.order_by("pk").values_list("pk", flat=True)
    assert [event.object_id for event in recorded] == [str(pk) for pk in rated]
    chains = Chain.objects.filter(name=f"study:{study.pk}")
    assert [fault for chain in chains for fault in broken_links(chain)] == []


@MODES
def test_they_are_stored_as_one_by_one(program, study, rater, mode):
    order = in_order(rater)
    Draft.objects.create(assignment=order[1], content={})
    values = [str(number) for number in range(len(order))]
    rows = [
        row(one, value=value, active_ms=int(value))
        for one, value in zip(order, values, strict=True)
    ]
    answer = send(program, study, rows, mode)
    assert answer.status_code == 200
    content = answer.json()
    assert {name: content[name] for name in ("stored", "late", "refused")} == {
        "stored": 5,
        "late": 0,
        "refused": 0,
    }
    # Practice counts for nothing
    assert content["progress"] == {"rated": 4, "total": 4, "shown": 4}
    for assignment, told, value in zip(order, content["results"], values, strict=True):
        rating = current(assignment)
        assert told == {
            "assignment": assignment.token,
            "outcome": "stored",
            "replayed": False,
            "rating": {"id": str(rating.public_id), "is_late": False},
            "problem": None,
            "errors": [],
        }
        assert rating.scores.get(criterion__code="contrast").value == int(value)
        assert (rating.channel, rating.active_ms) == ("api", int(value))
        assignment.refresh_from_db()
        assert assignment.first_shown_at is not None
    numbers = [current(one).showing for one in order]
    assert numbers == [1, 1, 2, 3, 4]
    assert not Draft.objects.exists()
    study.protocol_version.refresh_from_db()
    assert study.protocol_version.frozen_at is not None
    rater.refresh_from_db()
    assert rater.last_seen_at is not None
    check_whole(study)


@MODES
def test_a_call_sent_again_gets_the_first_answer(program, study, rater, mode):
    rows = [row(one) for one in in_order(rater)]
    first, again = [send(program, study, rows, mode, key="call") for _ in range(2)]
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    other = send(program, study, rows[1:], mode, key="call")
    assert is_problem(other, 422, "idempotency-key-reused")
    check_whole(study)


@MODES
def test_rows_sent_again_in_another_call_get_their_first_answers(program, study, rater, mode):
    rows = [row(one) for one in in_order(rater)]
    first = send(program, study, rows[:3], mode).json()
    again = send(program, study, rows, mode).json()
    assert [one["replayed"] for one in again["results"]] == [True] * 3 + [False] * 2
    assert [one["rating"] for one in again["results"][:3]] == [
        one["rating"] for one in first["results"]
    ]
    assert (again["stored"], Rating.objects.count()) == (5, 5)
    check_whole(study)


def test_a_row_and_the_same_rating_sent_alone_are_one(program, study, rater):
    one = in_order(rater)[1]
    rows = [row(one, key="same"), row(one, key="same")]
    told = send(program, study, rows).json()["results"]
    assert [one["replayed"] for one in told] == [False, True]
    address = f"/api/v1/assignments/{one.token}/ratings/"
    body = {"scores": rows[0]["scores"]}
    alone = program.post(address, body, headers={"Idempotency-Key": "same"})
    assert (alone.status_code, alone["Idempotency-Replayed"]) == (201, "true")
    assert alone.json()["rating"] == told[0]["rating"]
    check_whole(study)


def wrong_rows(program, study, rater):
    """One good row among rows that cannot be stored, with what each is told."""
    practice, one, two, three, four = in_order(rater)
    colleague = add_rater(study, model_name="Other", model_version="1")
    send(program, study, [row(two, key="earlier")])
    unlabelled = {"contrast": {"value": "1"}, "pixel_accuracy": {"value": "1"}}
    return [
        (row(three, value="21"), "invalid", "/scores/contrast"),
        (row(four) | {"scores": unlabelled}, "invalid", "/scores/pixel_accuracy"),
        (row(in_order(colleague)[1], key="x"), "not-found", "/assignment"),
        (row(practice, key="y") | {"assignment": "nobody"}, "not-found", "/assignment"),
        (row(two, key="another"), "replaced", "/replaces"),
        (row(two, key="earlier", value="2"), "idempotency-key-reused", "/idempotency_key"),
        (row(one), None, None),
    ]


def test_per_row_each_wrong_row_says_why_and_the_others_are_stored(program, study, rater):
    cases = wrong_rows(program, study, rater)
    answer = send(program, study, [case[0] for case in cases])
    assert answer.status_code == 200
    content = answer.json()
    assert (content["stored"], content["refused"]) == (1, 6)
    for number, (told, (_row, slug, field)) in enumerate(
        zip(content["results"], cases, strict=True)
    ):
        assert told["problem"] == slug
        expected = [f"/ratings/{number}{field}"] if slug else []
        assert [one["field"] for one in told["errors"]] == expected
        assert told["outcome"] == ("refused" if slug else "stored")
    assert Rating.objects.count() == 2
    check_whole(study)


def test_all_or_nothing_names_every_wrong_row_and_writes_nothing(program, study, rater):
    cases = wrong_rows(program, study, rater)
    before = Event.objects.count()
    answer = send(program, study, [case[0] for case in cases], "all_or_nothing", key="k")
    assert is_problem(answer, 422, "invalid")
    assert faults(answer) == [f"/ratings/{row}{case[2]}" for row, case in enumerate(cases[:6])]
    assert (Rating.objects.count(), Event.objects.count()) == (1, before)
    rater.refresh_from_db()
    assert (rater.rated_count, rater.shown_count) == (1, 1)
    # Nothing was done, so the corrected call may keep its key
    assert send(program, study, [cases[6][0]], "all_or_nothing", key="k").status_code == 200
    check_whole(study)


WRONG_FORMS = pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"active_ms": "5"}, "/active_ms"),
        ({"colour": "red"}, "/colour"),
        ({"idempotency_key": "a b"}, "/idempotency_key"),
        ({"idempotency_key": "x" * 65}, "/idempotency_key"),
        ({"idempotency_key": None}, "/idempotency_key"),
        ({"assignment": 7}, "/assignment"),
        ({"scores": []}, "/scores"),
        ({"scores": {"contrast": 17}}, "/scores/contrast"),
        ({"scores": {"contrast": {"value": 2}}}, "/scores/contrast"),
        ({"comment": "a\0b"}, "/comment"),
        ({"assignment": "a\0b"}, "/assignment"),
        ({"assignment": "a\ud800"}, "/assignment"),
        ({"replaces": "x"}, "/replaces"),
        ({"a\ud800/b": 1}, "/a?~1b"),
    ],
)


@WRONG_FORMS
def test_all_or_nothing_a_row_of_the_wrong_form_refuses_the_call(
    program, study, rater, wrong, field
):
    good, other = in_order(rater)[1:3]
    answer = send(program, study, [row(good), {**row(other), **wrong}], "all_or_nothing")
    assert is_problem(answer, 422, "invalid")
    assert faults(answer) == [f"/ratings/1{field}"]
    assert not Rating.objects.exists()


@WRONG_FORMS
def test_per_row_a_row_of_the_wrong_form_is_refused_alone(program, study, rater, wrong, field):
    good, other, last = in_order(rater)[1:4]
    rows = [row(good), {**row(other), **wrong}, row(last)]
    answer = send(program, study, rows, key="call")
    assert answer.status_code == 200
    content = answer.json()
    assert (content["stored"], content["refused"]) == (2, 1)
    assert [one["outcome"] for one in content["results"]] == ["stored", "refused", "stored"]
    told = content["results"][1]
    assert (told["problem"], told["rating"]) == ("invalid", None)
    assert [one["field"] for one in told["errors"]] == [f"/ratings/1{field}"]
    sent = rows[1]["assignment"]
    assert told["assignment"] == (sent.replace("\ud800", "?") if isinstance(sent, str) else "")
    check_whole(study)
    assert send(program, study, rows, key="call").content == answer.content


@pytest.mark.parametrize("wrong", [7, None, "x", [], True])
def test_a_row_that_is_no_object_is_refused_by_the_mode(program, study, rater, wrong):
    rows = [wrong, row(in_order(rater)[1])]
    answer = send(program, study, rows, "all_or_nothing")
    assert is_problem(answer, 422, "invalid")
    assert faults(answer) == ["/ratings/0"]
    assert not Rating.objects.exists()
    content = send(program, study, rows).json()
    assert [one["outcome"] for one in content["results"]] == ["refused", "stored"]
    assert content["results"][0]["errors"][0]["field"] == "/ratings/0"
    check_whole(study)


def test_every_row_of_the_wrong_form_is_named(program, study, rater):
    good, one, two = in_order(rater)[1:4]
    rows = [{**row(one), "active_ms": -1}, row(good), {**row(two), "comment": 2}]
    answer = send(program, study, rows, "all_or_nothing")
    assert is_problem(answer, 422, "invalid")
    assert faults(answer) == ["/ratings/0/active_ms", "/ratings/2/comment"]
    results = send(program, study, rows).json()["results"]
    named = [fault["field"] for told in results for fault in told["errors"]]
    assert named == faults(answer)


def test_whose_programs_may_not_rate_is_told_so_though_no_row_can_be_read(token_client, study):
    person = add_rater(study, "anna")
    answer = send(token_client(person.user, ["rate"]), study, [{}])
    assert is_problem(answer, 403, "no-access")


def test_a_key_of_a_row_is_one_of_its_assignment(program, study, rater):
    one, two = in_order(rater)[1:3]
    told = send(program, study, [row(one, key="same"), row(two, key="same")]).json()["results"]
    assert [each["outcome"] for each in told] == ["stored"] * 2
    assert [each["replayed"] for each in told] == [False] * 2
    check_whole(study)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/mode"),
        ({"mode": "some", "ratings": [{}]}, "/mode"),
        ({"mode": "per_row", "ratings": []}, "/ratings"),
        ({"mode": "per_row", "ratings": {}}, "/ratings"),
        ({"mode": "per_row", "ratings": [{}] * 10_001}, "/ratings"),
        ({"mode": "per_row", "ratings": [{}], "colour": "red"}, "/colour"),
        ({"mode": "all_or_nothing", "ratings": [{}]}, "/ratings/0/assignment"),
    ],
)
def test_a_wrong_call_names_its_field(program, study, body, field):
    address = f"/api/v1/studies/{study.public_id}/ratings/"
    answer = program.post(address, body, headers={"Idempotency-Key": "k"})
    assert is_problem(answer, 422, "invalid")
    assert field in faults(answer)


def test_the_call_needs_a_key_of_its_own(program, study, rater):
    address = f"/api/v1/studies/{study.public_id}/ratings/"
    body = {"mode": "per_row", "ratings": [row(in_order(rater)[0])]}
    assert is_problem(program.post(address, body), 400, "idempotency-key-missing")
    assert not Rating.objects.exists()


def test_a_call_that_is_too_long_says_so(program, study):
    rows = [{"comment": "x" * 4000}] * 1400
    assert is_problem(send(program, study, rows), 413, "too-large")


def test_changes_name_what_they_replace(program, study, rater):
    order = in_order(rater)
    first = send(program, study, [row(one) for one in order]).json()["results"]
    rows = [
        row(one, key=f"change-{one.pk}", value="4", replaces=told["rating"]["id"])
        for one, told in zip(order, first, strict=True)
    ]
    assert send(program, study, rows).json()["stored"] == 5
    for one, told in zip(order, first, strict=True):
        rating = current(one)
        assert str(rating.replaces.public_id) == told["rating"]["id"]
        assert rating.scores.get(criterion__code="contrast").value == 4
    assert Rating.objects.filter(is_current=False).count() == 5
    check_whole(study)


def _pause(study, rater, order):
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)


def _withdraw(study, rater, order):
    Membership.objects.filter(pk=rater.pk).update(withdrawn_at=timezone.now())


@MODES
@pytest.mark.parametrize(
    ("happen", "reason"), [(_pause, "study_paused"), (_withdraw, "rater_withdrawn")]
)
def test_what_comes_too_late_is_kept_apart(program, study, rater, mode, happen, reason):
    order = in_order(rater)
    happen(study, rater, order)
    content = send(program, study, [row(one) for one in order], mode).json()
    assert (content["stored"], content["late"], content["refused"]) == (0, 5, 0)
    for told in content["results"]:
        assert told["outcome"] == "late"
        assert (told["rating"]["is_late"], told["rating"]["late_reason"]) == (True, reason)
    assert Rating.objects.filter(is_late=True, is_current=False, late_reason=reason).count() == 5
    assert content["progress"] == {"rated": 0, "total": 4, "shown": 0}
    check_whole(study)


def test_an_item_taken_away_makes_only_its_row_late(program, study, rater):
    order = in_order(rater)
    SampledItem.objects.filter(pk=order[2].sampled_item_id).update(hidden_at=timezone.now())
    content = send(program, study, [row(one) for one in order], "all_or_nothing").json()
    assert [one["outcome"] for one in content["results"]] == [
        *("stored", "stored", "late", "stored", "stored")
    ]
    check_whole(study)


@MODES
def test_repeats_keep_their_distance_and_one_too_early_is_dropped(token_client, mode):
    study = running_study(items=4, repeat_share="0.5", repeat_distance=3)
    rater = add_rater(study, model_name="ToothNet", model_version="2")
    one, two, three, four = in_order(rater)
    far = add_repeat(rater, one.sampled_item)
    near = add_repeat(rater, four.sampled_item)
    unseen = add_repeat(rater, three.sampled_item)
    program = token_client(rater.user, ["rate"])
    rows = [row(item) for item in (one, two, unseen, four, near, far, three)]
    content = send(program, study, rows, mode).json()
    # One after its main showing number 1 with number 4; the others came before their distance
    assert [told["outcome"] for told in content["results"]] == [
        *("stored", "stored", "late", "stored", "late", "stored", "stored")
    ]
    reasons = {told["rating"].get("late_reason") for told in content["results"]}
    assert reasons == {None, "item_withdrawn"}
    assert current(far).showing == 4
    for repeat in (near, unseen):
        repeat.refresh_from_db()
        assert (repeat.drop_reason, repeat.is_rated) == ("repeat_distance", False)
    assert content["progress"] == {"rated": 5, "total": 5, "shown": 5}
    (dropped,) = Event.objects.filter(action="repeats.dropped")
    assert dropped.details["count"] == 2
    check_whole(study)


def test_it_says_the_same_as_sending_them_one_by_one(token_client):
    """Two programs with the same order: one sends all at once, one after the other."""
    study = running_study(items=4, labelled=1, practice=1, repeat_share="0.5", repeat_distance=2)
    raters = [add_rater(study, model_name=name, model_version="1") for name in ("A", "B")]
    for rater in raters:
        for unit in [one.sampled_item for one in in_order(rater)[1:3]]:
            add_repeat(rater, unit)
    SampledItem.objects.filter(study=study, number=4).update(hidden_at=timezone.now())
    order = [0, 1, 5, 2, 3, 4, 6]
    many, single = [token_client(rater.user, ["rate"]) for rater in raters]
    rows = [row(in_order(raters[0])[place]) for place in order]
    told = [one["rating"].get("late_reason") for one in send(many, study, rows).json()["results"]]
    alone = []
    for place in order:
        assignment = in_order(raters[1])[place]
        address = f"/api/v1/assignments/{assignment.token}/ratings/"
        body = {"scores": row(assignment)["scores"]}
        answer = single.post(address, body, headers={"Idempotency-Key": f"k{place}"})
        alone.append(answer.json()["rating"].get("late_reason"))
    assert told == alone
    assert "item_hidden" in told
    assert "item_withdrawn" in told
    left = [
        [
            (one.kind, one.showing, one.is_rated, one.drop_reason)
            for one in rater.assignments.order_by("position")
        ]
        for rater in raters
    ]
    assert left[0] == left[1]
    counts = Membership.objects.filter(pk__in=[rater.pk for rater in raters]).values_list(
        "rated_count", "assigned_count", "shown_count"
    )
    assert len(set(counts)) == 1


@MODES
def test_a_persons_program_needs_the_studys_leave(token_client, session_client, study, mode):
    person = add_rater(study, "anna")
    rows = [row(one) for one in in_order(person)]
    for program in (token_client(person.user, ["rate"]), session_client(person.user)):
        assert is_problem(send(program, study, rows, mode), 403, "no-access")
    assert not Rating.objects.exists()
    Study.objects.filter(pk=study.pk).update(allows_program_ratings=True)
    assert send(token_client(person.user, ["rate"]), study, rows, mode).json()["stored"] == 5


@MODES
def test_a_row_scored_in_another_window_meanwhile(token_client, study, mode):
    Study.objects.filter(pk=study.pk).update(allows_program_ratings=True)
    person = add_rater(study, "anna")
    order = in_order(person)
    submit(log_in(Client(), person), order[2])
    program = token_client(person.user, ["rate"])
    answer = send(program, study, [row(one) for one in order], mode)
    if mode == "all_or_nothing":
        assert is_problem(answer, 422, "invalid")
        assert faults(answer) == ["/ratings/2/replaces"]
        assert Rating.objects.count() == 1
    else:
        assert answer.json()["results"][2]["problem"] == "replaced"
        assert Rating.objects.count() == 5
        check_whole(study)


def test_more_than_are_written_at_once(program, study, rater, monkeypatch):
    monkeypatch.setattr(submitting, "ROWS_AT_ONCE", 2)
    content = send(program, study, [row(one) for one in in_order(rater)]).json()
    assert (content["stored"], content["progress"]["rated"]) == (5, 4)
    check_whole(study)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["_store", "_count", "_record"])
@MODES
def test_a_crash_leaves_whole_pieces_and_the_same_call_goes_on(
    token_client, monkeypatch, mode, step
):
    study = running_study(items=5)
    rater = add_rater(study, model_name="ToothNet", model_version="2")
    program = token_client(rater.user, ["rate"])
    program.raise_request_exception = False
    rows = [row(one) for one in in_order(rater)]
    monkeypatch.setattr(submitting, "ROWS_AT_ONCE", 2)
    whole, calls = getattr(submitting, step), []

    def crash(*arguments):
        whole(*arguments)
        calls.append(step)
        if len(calls) == (1 if mode == "all_or_nothing" else 2):
            raise SystemError("the power failed")

    monkeypatch.setattr(submitting, step, crash)
    assert is_problem(send(program, study, rows, mode, key="call"), 500, "server-error")
    assert Rating.objects.count() == (0 if mode == "all_or_nothing" else 2)
    check_whole(study)
    again = send(program, study, rows, mode, key="call").json()
    replayed = 0 if mode == "all_or_nothing" else 2
    assert sum(one["replayed"] for one in again["results"]) == replayed
    assert Rating.objects.count() == 5
    check_whole(study)


@MODES
def test_a_call_whose_process_died_goes_on_when_sent_again(program, study, rater, mode):
    rows = [row(one) for one in in_order(rater)]
    first = send(program, study, rows[:2], mode).json()
    send(program, study, rows, mode, key="call")
    # As if the process had died before its answer was kept
    IdempotentAnswer.objects.filter(key="call").update(status=None, body="")
    again = send(program, study, rows, mode, key="call")
    assert (again.status_code, Rating.objects.count()) == (200, 5)
    assert again.json()["results"][0]["rating"] == first["results"][0]["rating"]
    assert send(program, study, rows, mode, key="call")["Idempotency-Replayed"] == "true"
    other = send(program, study, rows[1:], mode, key="call")
    assert is_problem(other, 422, "idempotency-key-reused")
    check_whole(study)


@pytest.mark.django_db(transaction=True)
@MODES
def test_the_same_rows_in_many_calls_at_once_are_stored_once(token_client, mode):
    study = running_study(items=6)
    rater = add_rater(study, model_name="ToothNet", model_version="2")
    headers = token_client(rater.user, ["rate"]).headers_sent
    rows = [row(one) for one in in_order(rater)]

    def act():
        return send(ApiClient(headers=headers), study, rows, mode)

    answers = at_once(*[act] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    results = [answer.json()["results"] for answer in answers]
    for told in zip(*results, strict=True):
        assert len({one["rating"]["id"] for one in told}) == 1
        assert [one["replayed"] for one in told].count(False) == 1
    check_whole(study)


@MODES
def test_the_number_of_queries_does_not_grow_with_the_rows(
    program, rater, study, mode, django_assert_max_num_queries
):
    order = in_order(rater)
    with django_assert_max_num_queries(45):
        answer = send(program, study, [row(one) for one in order], mode)
    assert answer.json()["stored"] == 5


def test_everything_is_in_json_that_any_program_reads(program, study, rater):
    answer = send(
        program, study, [row(one, comment="牙 👩‍👩‍👧‍👦 \u2028") for one in in_order(rater)]
    )
    assert json.loads(answer.content)["stored"] == 5
    assert current(in_order(rater)[1]).comment == "牙 👩‍👩‍👧‍👦 \u2028"
