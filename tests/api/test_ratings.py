"""Ratings by the API: submit_rating; for the others see test_submit_ratings.py and
test_list_own_ratings.py.
"""

from __future__ import annotations

from contextlib import nullcontext
from decimal import Decimal

import pytest
from django.utils import timezone

from sts_qa.api.models import IdempotentAnswer
from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links
from sts_qa.rating.models import Draft, Rating
from sts_qa.studies.models import Study
from tests.api.conftest import ApiClient, is_problem
from tests.rating.helpers import (
    add_rater,
    current,
    in_order,
    log_in,
    running_study,
    submit,
)
from tests.rating.late_causes import (
    close_study,
    drop_repeat,
    hide_item,
    pause_study,
    withdraw_rater,
)

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
    return program.post(address, body, headers={"Idempotency-Key": key} if key else {})


def test_scores_are_enough(program, rater, first):
    before = timezone.now()
    answer = send(program, first)
    rating = current(first)
    assert answer.status_code == 201
    assert answer.json() == {
        "rating": {"id": str(rating.public_id), "is_late": False},
        "progress": {"rated": 1, "total": 3, "shown": 1},
    }
    assert rating.channel == "api"
    assert rating.scores.get(criterion__code="contrast").value == Decimal(17)
    assert (rating.active_ms, rating.wall_ms, rating.waiting_ms) == (0, 0, 0)
    assert (rating.comment, rating.viewer_state, rating.clarification_seen) == ("", {}, 0)
    assert before <= rating.submitted_at <= timezone.now()
    assert (rating.showing, rating.idempotency_key) == (1, "k1")


def test_all_that_may_be_said_is_kept(program, first):
    answer = send(
        program,
        first,
        scores={"contrast": {"code": "cannot_judge", "reason": "other", "text": "牙列不全"}},
        comment=" blurred ",
        active_ms=1200,
        wall_ms=1500,
        waiting_ms=10,
        viewer_state={"threads": 8},
        submitted_at="2026-03-02T08:30:00+08:00",
        clarification_seen=0,
        replaces=None,
    )
    assert answer.status_code == 201
    rating = current(first)
    score = rating.scores.get(criterion__code="contrast")
    assert (score.value, score.code, score.reason, score.reason_text) == (
        None,
        "cannot_judge",
        "other",
        "牙列不全",
    )
    assert (rating.comment, rating.viewer_state) == (" blurred ", {"threads": 8})
    assert (rating.active_ms, rating.wall_ms, rating.waiting_ms) == (1200, 1500, 10)
    assert rating.submitted_at == timezone.datetime.fromisoformat("2026-03-02T08:30:00+08:00")


def test_a_key_is_needed(program, first):
    assert is_problem(send(program, first, key=""), 400, "idempotency-key-missing")
    assert not Rating.objects.exists()


def test_a_resend_gets_the_first_answer(program, first):
    one, again = send(program, first), send(program, first)
    assert (one.status_code, again.status_code) == (201, 201)
    assert again.content == one.content
    assert again["Idempotency-Replayed"] == "true"
    assert Rating.objects.count() == 1


def test_a_resend_after_the_kept_answer_is_gone_still_makes_no_second_rating(program, first):
    one = send(program, first)
    IdempotentAnswer.objects.all().delete()
    again = send(program, first)
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert again.json()["rating"] == one.json()["rating"]
    IdempotentAnswer.objects.all().delete()
    other = send(program, first, scores={"contrast": {"value": "3"}})
    assert is_problem(other, 422, "idempotency-key-reused")
    assert Rating.objects.count() == 1


def test_a_key_stands_for_one_body(program, first):
    send(program, first)
    other = send(program, first, scores={"contrast": {"value": "3"}})
    assert is_problem(other, 422, "idempotency-key-reused")
    assert Rating.objects.count() == 1


@pytest.mark.parametrize("key", ["a key with spaces", "x" * 200, "x" * 64])
def test_any_key_finds_its_rating_again(program, first, key):
    assert send(program, first, key=key).status_code == 201
    IdempotentAnswer.objects.all().delete()
    assert send(program, first, key=key)["Idempotency-Replayed"] == "true"
    assert Rating.objects.count() == 1


def test_changing_it_names_what_it_replaces(program, first):
    one = send(program, first).json()["rating"]["id"]
    answer = send(program, first, key="k2", replaces=one, scores={"contrast": {"value": "9"}})
    assert answer.status_code == 201
    old, new = Rating.objects.order_by("pk")
    assert (old.is_current, new.is_current, new.replaces) == (False, True, old)


@pytest.mark.parametrize("replaces", [None, "6f1f9c1e-6a3b-4b8e-9a51-0d2f7a5d9c11"])
def test_of_two_windows_the_later_one_is_told(program, first, replaces):
    send(program, first)
    answer = send(program, first, key="k2", replaces=replaces, scores={"contrast": {"value": "1"}})
    assert is_problem(answer, 409, "replaced")
    assert [one["field"] for one in answer.json()["errors"]] == ["/replaces"]
    assert Rating.objects.count() == 1
    # Nothing was done, so the same key goes through once it names the current rating
    current_id = str(current(first).public_id)
    assert send(program, first, key="k2", replaces=current_id).status_code == 201


@pytest.mark.parametrize(
    ("scores", "field"),
    [
        ({}, "/scores/contrast"),
        ({"contrast": {"value": "21"}}, "/scores/contrast"),
        ({"contrast": {"value": "1.5"}}, "/scores/contrast"),
        ({"contrast": {"value": 17}}, "/scores/contrast"),
        ({"contrast": {}}, "/scores/contrast"),
        ({"contrast": "17"}, "/scores/contrast"),
        ({"contrast": {"value": "17", "code": "cannot_judge"}}, "/scores/contrast"),
        ({"contrast": {"code": "not_applicable"}}, "/scores/contrast"),
        ({"contrast": {"code": "cannot_judge", "reason": "lazy"}}, "/scores/contrast"),
        ({**GOOD, "pixel_accuracy": {"value": "3"}}, "/scores/pixel_accuracy"),
        ({**GOOD, "beauty": {"value": "3"}}, "/scores/beauty"),
        ([], "/scores"),
    ],
)
def test_a_wrong_score_is_refused_at_its_place(program, first, scores, field):
    answer = send(program, first, scores=scores)
    assert is_problem(answer, 422, "invalid")
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("comment", 7),
        ("comment", "x" * 4001),
        ("comment", "a\0b"),
        ("active_ms", -1),
        ("active_ms", "5"),
        ("active_ms", 2**31),
        ("viewer_state", []),
        ("viewer_state", {"x": "y" * 9000}),
        ("submitted_at", "yesterday"),
        ("submitted_at", None),
        ("clarification_seen", "one"),
        ("replaces", "no identifier"),
        ("idempotency_key", "in-the-body"),
        ("conditions", None),
    ],
)
def test_a_wrong_field_is_refused_by_name(program, first, name, value):
    answer = send(program, first, **{name: value})
    assert is_problem(answer, 422, "invalid")
    assert [one["field"] for one in answer.json()["errors"]] == [f"/{name}"]
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"colour": 1, "comment": 2}, ["/colour", "/comment"]),
        (
            {"colour": 1, "replaces": "x", "submitted_at": 3},
            ["/colour", "/replaces", "/submitted_at"],
        ),
        ({"comment": "a\0b", "wall_ms": -1, "scores": {}}, ["/comment", "/wall_ms"]),
        ({"scores": {"contrast": 17}, "active_ms": "5"}, ["/active_ms", "/scores/contrast"]),
        ({"a.b": 1, "c/d": 2}, ["/a.b", "/c~1d"]),
        ({"scores": {"a.b": 17, "c~d": 18}}, ["/scores/a.b", "/scores/c~0d"]),
    ],
)
def test_every_wrong_field_is_named_by_a_pointer_to_it(program, first, body, fields):
    answer = send(program, first, **body)
    assert is_problem(answer, 422, "invalid")
    assert sorted(one["field"] for one in answer.json()["errors"]) == fields
    assert not Rating.objects.exists()


def test_a_body_without_scores_names_what_else_is_wrong(program, first):
    address = f"/api/v1/assignments/{first.token}/ratings/"
    answer = program.post(address, {"colour": 1, "comment": 2}, headers={"Idempotency-Key": "k"})
    fields = sorted(one["field"] for one in answer.json()["errors"])
    assert fields == ["/colour", "/comment", "/scores"]


@pytest.mark.parametrize(
    ("happen", "told"),
    [
        (withdraw_rater, "rater_withdrawn"),
        (pause_study, "study_paused"),
        (close_study, "study_closed"),
        (hide_item, "item_hidden"),
        # Nobody is told that an item was a repeat
        (drop_repeat, "item_withdrawn"),
    ],
)
def test_what_comes_too_late_is_kept_apart(program, rater, first, happen, told):
    happen(rater, first)
    answers = [send(program, first) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    late = {"id": str(Rating.objects.get().public_id), "is_late": True, "late_reason": told}
    assert answers[0].json()["rating"] == answers[1].json()["rating"] == late
    rater.refresh_from_db()
    assert rater.rated_count == 0


def test_a_persons_program_needs_the_studys_leave(token_client, session_client, study):
    person = add_rater(study, "anna")
    one, two = in_order(person)[:2]
    for program in (token_client(person.user, ["rate"]), session_client(person.user)):
        assert is_problem(send(program, one), 403, "no-access")
    assert not Rating.objects.exists()
    Study.objects.filter(pk=study.pk).update(allows_program_ratings=True)
    assert send(token_client(person.user, ["rate"]), one).status_code == 201
    assert send(session_client(person.user), two, key="k2").status_code == 201
    assert set(Rating.objects.values_list("channel", flat=True)) == {"api"}


def test_a_browser_needs_the_csrf_token(first, rater):
    strict = ApiClient(enforce_csrf_checks=True)
    strict.force_login(rater.user)
    assert is_problem(send(strict, first), 403, "not-allowed")
    assert not Rating.objects.exists()


def test_somebody_elses_assignment_is_not_there(token_client, study, first):
    colleague = add_rater(study, "colleague")
    coordinator = study.memberships.get(role="coordinator")
    for other in (colleague, coordinator):
        assert is_problem(send(token_client(other.user), first), 404, "not-found")
    assert not Rating.objects.exists()


def test_page_and_api_know_each_others_ratings(client, token_client, study):
    Study.objects.filter(pk=study.pk).update(allows_program_ratings=True)
    person = add_rater(study, "anna")
    (one, *_rest) = in_order(person)
    on_page = submit(log_in(client, person), one).json()["rating"]["id"]
    program = token_client(person.user, ["rate"])
    assert is_problem(send(program, one), 409, "replaced")
    Draft.objects.create(assignment=one, content={})
    assert send(program, one, replaces=on_page).status_code == 201
    assert not Draft.objects.exists()
    assert submit(client, one, replaces=on_page).status_code == 409


def test_every_rating_is_on_record(program, study, first):
    one = send(program, first).json()["rating"]["id"]
    send(program, first, key="k2", replaces=one)
    assert Event.objects.filter(action="rating.submitted").count() == 2
    assert list(broken_links(Chain.objects.get(name=f"study:{study.pk}"))) == []


def test_submitting_takes_few_statements_however_much_was_rated(
    token_client, study, rater, django_assert_max_num_queries
):
    # Limited to the study, as most programs are: one more statement
    program = token_client(rater.user, ["rate"], study=study)
    for number, assignment in enumerate(in_order(rater)):
        send_one = django_assert_max_num_queries(22) if number else nullcontext()
        with send_one:
            assert send(program, assignment, key=str(number)).status_code == 201
