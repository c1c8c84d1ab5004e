import pytest
from django.test import Client
from django.utils import timezone

from sts_qa.audit.models import Event
from sts_qa.rating.models import Question
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_user
from tests.rating.helpers import (
    add_rater,
    in_order,
    log_in,
    queue_of,
    running_study,
    send,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=2)


def _ask(client, assignment, **changes):
    body = {"idempotency_key": "k1", "text": "Does the crown count?", **changes}
    return send(client, "ask_question", assignment.token, body)


def test_a_question_is_kept_with_its_item(client, rater):
    first = in_order(rater)[0]
    answer = _ask(log_in(client, rater), first, text="  Does the\ncrown count?  ")
    assert (answer.status_code, answer.json()) == (201, {})
    question = Question.objects.get()
    assert (question.assignment, question.text) == (first, "Does the\ncrown count?")
    assert not question.is_settled
    event = Event.objects.get(action="question.asked")
    assert (event.object_id, event.details) == (str(question.pk), {"assignment": first.pk})


def test_an_item_that_was_scored_may_be_asked_about(client, rater):
    first = in_order(rater)[0]
    log_in(client, rater)
    assert submit(client, first).status_code == 201
    assert _ask(client, first).status_code == 201


def test_a_resend_gets_the_first_answer_also_after_closing(client, study, rater):
    first = in_order(rater)[0]
    log_in(client, rater)
    assert [_ask(client, first).status_code for _ in range(2)] == [201, 200]
    Study.objects.filter(pk=study.pk).update(state=Study.State.CLOSED)
    assert _ask(client, first).status_code == 200
    assert Question.objects.count() == 1
    other = _ask(client, first, text="Something else?")
    assert (other.status_code, other.json()["problem"]) == (422, "idempotency")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", ""),
        ("text", " \n "),
        ("text", 7),
        ("text", "x" * 2001),
        ("idempotency_key", ""),
        ("idempotency_key", None),
        ("to", "someone"),
    ],
)
def test_a_wrong_field_is_refused_by_name(client, rater, name, value):
    answer = _ask(log_in(client, rater), in_order(rater)[0], **{name: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {name})
    assert not Question.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"idempotency_key":"k","text":"a\\u0000b"}', b" " * 70_000 + b"{}"],
)
def test_a_body_that_cannot_be_kept_is_refused(client, rater, body):
    answer = send(log_in(client, rater), "ask_question", in_order(rater)[0].token, body)
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"body"})
    assert not Question.objects.exists()


def test_the_longest_question_is_kept_whole(client, rater):
    text = "牙" * 2000
    assert _ask(log_in(client, rater), in_order(rater)[0], text=text).status_code == 201
    assert Question.objects.get().text == text


def test_no_rater_learns_of_a_question_not_even_that_there_is_one(client, study, rater):
    colleague = add_rater(study)
    before = queue_of(log_in(client, colleague), study)
    assert _ask(log_in(Client(), rater), in_order(rater)[0]).status_code == 201
    assert queue_of(client, study) == before


def test_access(client, study, rater):
    first = in_order(rater)[0]
    assert _ask(client, first).status_code == 401
    observer = make_membership(study, make_user(), role="observer")
    others = [
        add_rater(study),
        add_rater(running_study(items=1)),
        study.memberships.get(role="coordinator"),
        observer,
    ]
    for membership in others:
        assert _ask(log_in(client, membership), first).status_code == 404
    log_in(client, rater)
    Study.objects.filter(pk=study.pk).update(state=Study.State.CLOSED)
    assert _ask(client, first).status_code == 403
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    assert _ask(client, first).status_code == 201
    rater.withdrawn_at = timezone.now()
    rater.save()
    assert _ask(client, first, idempotency_key="k2").status_code == 403
    assert Question.objects.count() == 1
