"""A rater's queue by the API: show_queue, show_next, list_open_assignments, show_assignment,
mark_shown, skip_assignment, report_problem, ask_question, list_open_clarifications,
acknowledge_clarification.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from django.utils import timezone

from sts_qa.rating.models import Acknowledgement, ProblemReport, Question
from sts_qa.studies.models import Assignment, Membership, SampledItem, Study
from tests.api.conftest import is_problem
from tests.rating.conftest import files_study  # noqa: F401
from tests.rating.helpers import (
    add_clarification,
    add_rater,
    add_repeat,
    in_order,
    log_in,
    queue_of,
    running_study,
    tokens,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=3, labelled=1)


@pytest.fixture
def rater(study):
    return add_rater(study, model_name="ToothNet", model_version="2")


@pytest.fixture
def program(token_client, rater):
    return token_client(rater.user, ["rate"])


def at(study, part="queue/"):
    return f"/api/v1/studies/{study.public_id}/{part}"


def of(assignment, part=""):
    return f"/api/v1/assignments/{assignment.token}/{part}"


def rate(program, assignment, key=None):
    scores = {"contrast": {"value": "17"}}
    if assignment.sampled_item.labelled:
        scores["pixel_accuracy"] = {"value": "3"}
    headers = {"Idempotency-Key": key or f"rate {assignment.pk}"}
    answer = program.post(of(assignment, "ratings/"), {"scores": scores}, headers=headers)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_the_queue_tells_what_the_page_is_told(program, client, study, rater):
    found, page = program.get(at(study)).json(), queue_of(log_in(client, rater), study)
    assert found["study"] == page["study"]
    for name in ("progress", "gate", "clarifications"):
        assert found[name] == page[name]
    assert found["rubrics"] == json.loads(json.dumps(page["rubrics"]))
    assert tokens(found) == tokens(page) == [one.token for one in in_order(rater)]
    for ours, theirs in zip(found["assignments"], page["assignments"], strict=True):
        for name in ("practice", "counter", "criteria", "not_applicable", "rating"):
            assert ours[name] == theirs[name]
        plane, same = ours["image"]["planes"]["image"], theirs["image"]["planes"]["image"]
        assert {**plane, "url": ""} == {**same, "url": ""}
        token = ours["token"]
        assert plane["url"].startswith(
            f"http://testserver/api/v1/assignments/{token}/pixels/image?v="
        )
    assert [one["mask"] is None for one in found["assignments"]] == [False, True, True]


def test_the_next_one_is_the_first_of_the_queue_until_none_is_left(program, study, rater):
    for assignment in in_order(rater):
        queue, following = program.get(at(study)).json(), program.get(at(study, "queue/next/"))
        assert following.status_code == 200
        assert following.json() == queue["assignments"][0]
        assert following.json()["token"] == assignment.token
        rate(program, assignment)
    following = program.get(at(study, "queue/next/"))
    assert (following.status_code, following.content) == (204, b"")
    assert "Content-Type" not in following
    assert program.get(at(study)).json()["progress"] == {"rated": 3, "total": 3, "shown": 3}


def test_all_open_assignments_in_their_order(program, study, rater):
    first, second, third = in_order(rater)
    rate(program, second)
    SampledItem.objects.filter(pk=third.sampled_item_id).update(hidden_at=timezone.now())
    assert program.post(of(first, "skip/")).status_code == 200
    repeat = add_repeat(rater, second.sampled_item, turn=9)
    found = program.get(at(study, "assignments/?limit=1")).json()
    assert [one["token"] for one in found["items"]] == [first.token]
    following = program.get(found["next"]).json()
    assert following["next"] is None
    assert following["items"] == [
        {
            "token": repeat.token,
            "practice": False,
            "kind": "radiograph",
            "criteria": ["contrast"],
            "url": f"http://testserver{of(repeat)}",
        }
    ]
    lines = b"".join(program.get(at(study, "assignments/?stream=true")).streaming_content)
    assert [json.loads(line)["token"] for line in lines.splitlines()] == [first.token, repeat.token]


def test_people_are_handed_out_a_few_unless_their_programs_may_rate(token_client, study):
    person = add_rater(study, "anna")
    program = token_client(person.user, ["rate"])
    assert is_problem(program.get(at(study, "assignments/")), 403, "no-access")
    assert program.get(at(study)).status_code == 200
    Study.objects.filter(pk=study.pk).update(allows_program_ratings=True)
    assert len(program.get(at(study, "assignments/")).json()["items"]) == 3


def test_an_assignment_with_its_current_rating(program, study, rater):
    Study.objects.filter(pk=study.pk).update(live_results=True)
    first = in_order(rater)[0]
    assert program.get(of(first)).json()["rating"] is None
    given = rate(program, first)
    found = program.get(of(first)).json()
    assert found["rating"] == {
        "id": given["rating"]["id"],
        "scores": {"contrast": {"value": "17"}, "pixel_accuracy": {"value": "3"}},
        "comment": "",
    }
    assert found["counter"] == {"number": 1, "total": 3}


def test_with_repeats_an_assignment_is_opened_again_only_within_their_distance(program, study):
    Study.objects.filter(pk=study.pk).update(repeat_share="0.3", repeat_distance=2)
    rater = study.memberships.get(model_name="ToothNet")
    first, second, third = in_order(rater)
    for assignment in (first, second):
        rate(program, assignment)
    assert program.get(of(first)).status_code == 200
    rate(program, third)
    assert is_problem(program.get(of(first)), 403, "no-access")


@pytest.mark.parametrize("door", ["paused", "closed", "withdrawn"])
def test_a_closed_door(program, study, rater, door):
    if door == "withdrawn":
        rater.withdrawn_at = timezone.now()
        rater.save()
    else:
        Study.objects.filter(pk=study.pk).update(state=door)
    queue = program.get(at(study)).json()
    assert (queue["study"]["state"], queue["assignments"]) == (door, [])
    first = in_order(rater)[0]
    for address in (at(study, "queue/next/"), at(study, "assignments/"), of(first)):
        assert is_problem(program.get(address), 403, "no-access")
    assert is_problem(program.post(of(first, "shown/")), 403, "no-access")


def test_showing_gives_the_number_once(program, rater):
    first, second, _third = in_order(rater)
    assert program.post(of(second, "shown/")).json() == {"counter": {"number": 1, "total": 3}}
    assert program.post(of(first, "shown/")).json() == {"counter": {"number": 2, "total": 3}}
    assert program.post(of(second, "shown/")).json() == {"counter": {"number": 1, "total": 3}}


def test_a_skipped_one_comes_last(program, study, rater):
    first, second, third = in_order(rater)
    key = {"Idempotency-Key": "one skip"}
    for _again in range(2):
        answer = program.post(of(first, "skip/"), headers=key)
        assert answer.json() == {"progress": {"rated": 0, "total": 3, "shown": 0}}
    assert tokens(program.get(at(study)).json()) == [second.token, third.token, first.token]
    assert Assignment.objects.get(pk=first.pk).skips == 1


def test_a_report_reaches_the_coordinators_and_privacy_hides_at_once(program, study, rater):
    first, second, _third = in_order(rater)
    answer = program.post(of(second, "problems/"), {"kind": "other", "text": "A ruler."})
    assert (answer.status_code, answer.json()) == (201, {"hidden": False})
    headers = {"Idempotency-Key": "once"}
    for _again in range(2):
        answer = program.post(of(first, "problems/"), {"kind": "privacy"}, headers=headers)
        assert (answer.status_code, answer.json()) == (201, {"hidden": True})
    reports = ProblemReport.objects.order_by("pk").values_list("assignment", "kind", "text")
    assert list(reports) == [(second.pk, "other", "A ruler."), (first.pk, "privacy", "")]
    assert is_problem(program.get(of(first)), 404, "not-found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/kind"),
        ({"kind": "boring"}, "/kind"),
        ({"kind": "other"}, "/text"),
        ({"kind": "other", "text": " "}, "/text"),
        ({"kind": "privacy", "text": "x" * 2001}, "/text"),
        ({"kind": "privacy", "why": "x"}, "/why"),
    ],
)
def test_a_wrong_report_names_the_field(program, rater, body, field):
    answer = program.post(of(in_order(rater)[0], "problems/"), body)
    assert is_problem(answer, 422, "invalid")
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert not ProblemReport.objects.exists()


def test_a_question_is_asked_once(program, study, rater):
    first = in_order(rater)[0]
    headers = {"Idempotency-Key": "q"}
    for _again in range(2):
        answer = program.post(of(first, "questions/"), {"text": "Is this noise?"}, headers=headers)
        assert (answer.status_code, answer.content) == (201, b"")
        assert "Content-Type" not in answer
    assert answer["Idempotency-Replayed"] == "true"
    assert list(Question.objects.values_list("assignment", "text")) == [
        (first.pk, "Is this noise?")
    ]
    answer = program.post(of(first, "questions/"), {"text": ""})
    assert is_problem(answer, 422, "invalid")


def test_clarifications_wait_until_they_are_acknowledged(program, study, rater):
    for number in (1, 2, 3):
        add_clarification(study, number)
    address = at(study, "queue/clarifications/")
    found = program.get(address).json()
    assert found["acknowledged"] == 0
    assert [(one["number"], one["text"]) for one in found["open"]] == [
        (1, "Text 1."),
        (2, "Text 2."),
        (3, "Text 3."),
    ]
    assert program.post(f"{address}2/acknowledged/").json() == {"acknowledged": 2}
    assert program.post(f"{address}1/acknowledged/").json() == {"acknowledged": 2}
    assert [one["number"] for one in program.get(address).json()["open"]] == [3]
    assert program.get(at(study)).json()["clarifications"] == program.get(address).json()
    assert Acknowledgement.objects.filter(membership=rater).count() == 2
    assert is_problem(program.post(f"{address}9/acknowledged/"), 404, "not-found")


def test_a_withdrawn_rater_reads_no_clarification(program, study, rater):
    add_clarification(study, 1)
    assert len(program.get(at(study)).json()["clarifications"]["open"]) == 1
    Membership.objects.filter(pk=rater.pk).update(withdrawn_at=timezone.now())
    assert program.get(at(study, "queue/clarifications/")).json()["open"] == []
    assert program.get(at(study)).json()["clarifications"]["open"] == []


def test_nothing_tells_which_item_it_is(token_client, files_study):  # noqa: F811
    noise = files_study.random.integers(0, 256, (16, 16)).astype(np.uint8)
    volume = files_study.random.integers(0, 999, (6, 5, 4)).astype(np.int16)
    files_study.radiograph("secret_1.png", noise, mask=(noise > 128).astype(np.uint8))
    files_study.volume("secret_2.nii.gz", volume, mask=(volume > 500).astype(np.uint8))
    Study.objects.filter(pk=files_study.study.pk).update(
        repeat_share="0.5", repeat_distance=1, allows_program_ratings=True
    )
    files_study.study.refresh_from_db()
    rater = files_study.start()
    again = add_repeat(rater, in_order(rater)[0].sampled_item)
    program = token_client(rater.user, ["rate"])
    secrets = ["secret", str(files_study.folder), "repeat", "labelled"]
    for unit in files_study.study.sample.all():
        secrets += [unit.item_version.sha256[:16], unit.item_version.mask.sha256[:16]]
    study = files_study.study
    parts = ("queue/", "queue/next/", "assignments/", "ratings/")
    answers = [program.get(at(study, part)) for part in parts]
    first = in_order(rater)[0]
    answers += [rate_answer(program, first), program.get(at(study, "ratings/"))]
    answers += [program.get(of(one)) for one in in_order(rater)]
    answers.append(rate_answer(program, again))
    assert {answer.status_code for answer in answers} <= {200, 201, 202}
    for answer in answers:
        whole = answer.content.decode() + "".join(map(str, answer.headers.items()))
        assert [secret for secret in secrets if secret.lower() in whole.lower()] == []


def rate_answer(program, assignment):
    scores = {code: {"value": "1"} for code in ("contrast", "pixel_accuracy")}
    headers = {"Idempotency-Key": assignment.token}
    return program.post(of(assignment, "ratings/"), {"scores": scores}, headers=headers)
