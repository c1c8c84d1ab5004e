"""Overseeing the rating by the API: show_progress, list_problems, decide_problem, list_questions,
close_question, list_clarifications, publish_clarification, list_late_ratings, admit_rating.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from sts_qa.rating.models import Clarification, ProblemReport, Rating
from sts_qa.studies.models import Membership, SampledItem, Study
from tests.api.conftest import is_problem
from tests.factories import make_membership, make_rating, make_study
from tests.rating.helpers import (
    add_clarification,
    add_question,
    add_rater,
    in_order,
    running_study,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(owner) -> Study:
    """A running study of three items, one with a mask."""
    made = running_study(3, labelled=1)
    made.memberships.update(withdrawn_at=made.started_at)
    make_membership(made, owner, role=Membership.Role.COORDINATOR)
    return made


@pytest.fixture
def rater(study) -> Membership:
    return add_rater(study, "dr-wang", pseudonym=3)


@pytest.fixture
def program(token_client, owner):
    """A client of the study's coordinator."""
    return token_client(owner, ["manage"])


def at(study: Study, path: str) -> str:
    return f"/api/v1/studies/{study.public_id}/{path}"


def fields(response) -> set[str]:
    return {fault["field"] for fault in response.json()["errors"]}


def report(assignment, kind="orientation", key="k", **more) -> ProblemReport:
    return ProblemReport.objects.create(
        assignment=assignment, kind=kind, idempotency_key=key, **more
    )


# Progress


def leaves(value: Any) -> Iterator[Any]:
    """All values in an answer, however nested."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def test_progress_tells_how_far_everyone_is_and_no_score(program, study, rater):
    first, second, _third = in_order(rater)
    make_rating(first, {"contrast": 17, "pixel_accuracy": 17}, active_ms=20_000)
    make_rating(second, {"contrast": 17}, active_ms=40_000)
    Membership.objects.filter(pk=rater.pk).update(rated_count=2)
    add_rater(study, "net", pseudonym=4, model_name="ToothNet", model_version="1")
    report(first)
    add_question(first)
    response = program.get(at(study, "progress/"))
    told = response.json()
    assert (told["state"], told["people"]) == ("running", {"done": 2, "total": 3})
    assert told["programs"] == {"done": 0, "total": 3}
    assert (told["open_problems"], told["open_questions"]) == (1, 1)
    person, net = told["raters"]
    assert (person["member"], person["label"]) == (rater.pk, "dr-wang")
    assert person["categories"] == [{"category": "A-PXI", "done": 2, "total": 3}]
    assert (person["median_seconds"], person["overall"]["done"]) == (30, 2)
    assert person["hours_left"] == pytest.approx(30 / 3600)
    assert (person["flags"]["ratings"], person["flags"]["percent_one_value"]) == (2, 100)
    assert (net["is_program"], net["label"]) == (True, "ToothNet 1 (program)")
    assert [net["median_seconds"], net["finish"], net["flags"]["percent_skipped"]] == [None] * 3
    assert not {17, "17", "17.000"} & set(leaves(told)) - {rater.pk}


# Problems


def test_problems_are_listed_with_what_they_are_about(program, study, rater):
    first, second, _third = in_order(rater)
    report(first, "other", text="A clip.", decision="keep", decided_at=timezone.now())
    open_one = report(second)
    rows = program.get(at(study, "problems/")).json()["items"]
    assert [row["kind"] for row in rows] == ["orientation", "other"]
    assert rows[0]["id"] == str(open_one.public_id)
    assert rows[0]["by"] == {"rater": 3, "is_program": False}
    assert rows[0]["about"] == {"unit": 2, "category": "A-PXI", "key": "A-PXI/001.png"}
    assert (rows[0]["decision"], rows[0]["slice_number"]) == ("", None)
    assert (rows[1]["text"], rows[1]["decision"]) == ("A clip.", "keep")
    assert "dr-wang" not in str(rows)
    waiting = program.get(at(study, "problems/?decided=false")).json()["items"]
    assert [row["id"] for row in waiting] == [rows[0]["id"]]
    decided = program.get(at(study, "problems/?decided=true")).json()["items"]
    assert [row["id"] for row in decided] == [rows[1]["id"]]
    assert fields(program.get(at(study, "problems/?decided=perhaps"))) == {"decided"}


def test_a_reported_item_is_withdrawn(program, study, rater):
    first = in_order(rater)[0]
    address = at(study, f"problems/{report(first).public_id}/decision/")
    response = program.post(address, {"decision": "withdraw", "note": "Upside down."})
    assert response.status_code == 200, response.content
    assert (response.json()["decision"], response.json()["decision_note"]) == (
        "withdraw",
        "Upside down.",
    )
    assert SampledItem.objects.get(pk=first.sampled_item_id).withdrawn_at is not None
    again = program.post(address, {"decision": "keep"})
    assert is_problem(again, 409, "refused")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/decision"),
        ({"decision": "delete"}, "/decision"),
        ({"decision": "withdraw"}, "/note"),
        ({"decision": "withdraw", "note": " "}, "/note"),
        ({"decision": "keep", "note": "x" * 251}, "/note"),
    ],
)
def test_a_wrong_decision_names_the_field(program, study, rater, body, field):
    problem = report(in_order(rater)[0])
    response = program.post(at(study, f"problems/{problem.public_id}/decision/"), body)
    assert is_problem(response, 422, "invalid")
    assert fields(response) == {field}
    problem.refresh_from_db()
    assert problem.decision == ""


def test_nothing_replaces_a_practice_item(program, study, rater):
    first = in_order(rater)[0]
    SampledItem.objects.filter(pk=first.sampled_item_id).update(kind="practice")
    address = at(study, f"problems/{report(first).public_id}/decision/")
    response = program.post(address, {"decision": "replace", "note": "x"})
    assert is_problem(response, 409, "refused")


# Questions and clarifications


def test_questions_are_listed_and_settled(program, study, rater):
    first, second, _third = in_order(rater)
    add_question(first, "Is this noise?")
    answered = add_question(second, "And this?", clarification=add_clarification(study, 1))
    rows = program.get(at(study, "questions/")).json()["items"]
    assert [(row["text"], row["clarification"]) for row in rows] == [
        ("And this?", 1),
        ("Is this noise?", None),
    ]
    waiting = program.get(at(study, "questions/?settled=false")).json()["items"]
    assert [row["text"] for row in waiting] == ["Is this noise?"]
    address = at(study, f"questions/{waiting[0]['id']}/close/")
    assert fields(program.post(address, {})) == {"/note"}
    told = program.post(address, {"note": "Said aloud."}).json()
    assert (told["closed_at"] is None, told["closing_note"]) == (False, "Said aloud.")
    assert is_problem(program.post(address, {"note": "Again."}), 409, "refused")
    settled = program.get(at(study, "questions/?settled=true")).json()["items"]
    assert {row["id"] for row in settled} == {str(answered.public_id), told["id"]}


def test_a_clarification_is_published_once_and_answers_questions(program, study, rater):
    question = add_question(in_order(rater)[0])
    body = {
        "number": 1,
        "texts": {"en": "Noise is not contrast.", "zh-hans": "噪声不是对比度。"},
        "questions": [str(question.public_id)],
    }
    first = program.post(at(study, "clarifications/"), body)
    assert first.status_code == 201, first.content
    assert (first.json()["number"], first.json()["texts"]) == (1, body["texts"])
    question.refresh_from_db()
    assert question.clarification.number == 1
    again = program.post(at(study, "clarifications/"), body)
    assert (again.status_code, again.json()) == (200, first.json())
    other = program.post(at(study, "clarifications/"), {**body, "texts": {"en": "Other."}})
    assert is_problem(other, 409, "refused")
    assert Clarification.objects.count() == 1
    assert program.get(at(study, "clarifications/")).json()["items"] == [first.json()]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": 0}, "/number"),
        ({"texts": {}}, "/texts/en"),
        ({"texts": {"en": " "}}, "/texts/en"),
        ({"texts": {"en": "x" * 2001}}, "/texts/en"),
        ({"texts": {"en": "A text.", "tlh": "nuqneH"}}, "/texts/tlh"),
        ({"questions": ["none"]}, "/questions/0"),
    ],
)
def test_a_wrong_clarification_names_the_field(program, study, rater, changes, field):
    body = {"number": 1, "texts": {"en": "A text."}, **changes}
    response = program.post(at(study, "clarifications/"), body)
    assert is_problem(response, 422, "invalid")
    assert fields(response) == {field}
    assert not Clarification.objects.exists()


def test_another_study_s_question_is_not_answered(program, study, rater):
    other = add_question(in_order(add_rater(running_study(1)))[0])
    body = {"number": 1, "texts": {"en": "A."}, "questions": [str(other.public_id)]}
    assert is_problem(program.post(at(study, "clarifications/"), body), 409, "refused")
    address = at(study, f"questions/{other.public_id}/close/")
    assert is_problem(program.post(address, {"note": "x"}), 404, "not-found")
    other.refresh_from_db()
    assert not other.is_settled


def test_a_draft_takes_no_clarification(token_client, owner):
    draft = make_study(coordinator=owner)
    body = {"number": 1, "texts": {"en": "A."}}
    response = token_client(owner).post(at(draft, "clarifications/"), body)
    assert is_problem(response, 409, "refused")


# Late ratings


def late_rating(assignment, **more) -> Rating:
    return make_rating(
        assignment,
        {"contrast": 13},
        is_current=False,
        is_late=True,
        late_reason=Rating.LateReason.STUDY_PAUSED,
        comment="thirteen",
        **more,
    )


def test_late_ratings_are_listed_without_scores_and_let_count(program, study, rater):
    rating = late_rating(in_order(rater)[1])
    response = program.get(at(study, "late-ratings/?admitted=false"))
    (row,) = response.json()["items"]
    assert (row["id"], row["late_reason"]) == (str(rating.public_id), "study_paused")
    assert (row["by"]["rater"], row["about"]["unit"]) == (3, 2)
    assert (row["is_outdated"], row["corrects"], row["admitted_at"]) == (False, False, None)
    assert "thirteen" not in response.content.decode()
    assert "scores" not in row
    address = at(study, f"late-ratings/{rating.public_id}/admit/")
    assert fields(program.post(address, {"reason": ""})) == {"/reason"}
    told = program.post(address, {"reason": "Sent in time."}).json()
    assert told["admitted_at"] is not None
    rating.refresh_from_db()
    assert rating.is_current
    assert is_problem(program.post(address, {"reason": "Again."}), 409, "refused")
    assert program.get(at(study, "late-ratings/?admitted=false")).json()["items"] == []
    assert len(program.get(at(study, "late-ratings/?admitted=true")).json()["items"]) == 1


# Who may


@pytest.mark.parametrize(
    "path", ["progress/", "problems/", "questions/", "clarifications/", "late-ratings/"]
)
def test_only_coordinators_oversee(session_client, token_client, owner, study, rater, path):
    assert is_problem(session_client(rater.user).get(at(study, path)), 403, "not-allowed")
    observer = make_membership(study, role=Membership.Role.OBSERVER).user
    assert is_problem(session_client(observer).get(at(study, path)), 403, "not-allowed")
    assert is_problem(token_client(study.created_by).get(at(study, path)), 404, "not-found")
    # Who rates images of the dataset elsewhere would learn which they are
    elsewhere = make_study(dataset=study.dataset, state=Study.State.RUNNING)
    make_membership(elsewhere, owner)
    assert is_problem(session_client(owner).get(at(study, path)), 403, "not-allowed")


def test_what_belongs_to_another_study_is_not_there(program, study):
    assignment = in_order(add_rater(running_study(1)))[0]
    problem, rating = report(assignment), late_rating(assignment)
    for path, body in (
        (f"problems/{problem.public_id}/decision/", {"decision": "keep"}),
        (f"late-ratings/{rating.public_id}/admit/", {"reason": "x"}),
    ):
        assert is_problem(program.post(at(study, path), body), 404, "not-found")
