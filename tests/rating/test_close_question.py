import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_user
from tests.rating.helpers import (
    add_clarification,
    add_question,
    add_rater,
    in_order,
    log_in,
    running_study,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=1)


@pytest.fixture
def question(study):
    return add_question(in_order(add_rater(study, "dr-wang", pseudonym=4))[0], "Is this noise?")


def _address(study, question):
    return reverse("rating:close_question", args=[study.public_id, question.public_id])


def test_a_question_is_settled_with_the_reason_on_record(coordinator_client, study, question):
    page = coordinator_client.get(_address(study, question)).content.decode()
    assert "Is this noise?" in page
    assert "dr-wang" not in page
    answer = coordinator_client.post(_address(study, question), {"note": " In the guidance. "})
    assert answer.url == reverse("rating:list_questions", args=[study.public_id])
    question.refresh_from_db()
    assert question.is_settled
    assert question.closing_note == "In the guidance."
    assert question.closed_by == study.memberships.get(role="coordinator").user
    event = Event.objects.get(action="question.closed")
    assert event.note == "In the guidance."
    assert "guidance" not in str(event.details)


def test_a_reason_is_needed(coordinator_client, study, question):
    assert coordinator_client.post(_address(study, question), {"note": " "}).status_code == 422
    question.refresh_from_db()
    assert not question.is_settled


def test_it_is_settled_once(coordinator_client, study, question):
    coordinator_client.post(_address(study, question), {"note": "first"})
    answer = coordinator_client.post(_address(study, question), {"note": "second"})
    assert answer.status_code == 422
    assert "settled already" in answer.content.decode()
    question.refresh_from_db()
    assert question.closing_note == "first"
    assert Event.objects.filter(action="question.closed").count() == 1


def test_an_answered_one_stays_answered(coordinator_client, study, question):
    question.clarification = add_clarification(study, 2)
    question.save()
    page = coordinator_client.get(_address(study, question)).content.decode()
    assert "Answered by clarification 2." in page
    assert coordinator_client.post(_address(study, question), {"note": "no"}).status_code == 422
    question.refresh_from_db()
    assert question.closed_at is None


def test_what_is_left_can_be_settled_after_closing(coordinator_client, study, question):
    Study.objects.filter(pk=study.pk).update(state=Study.State.CLOSED)
    assert coordinator_client.post(_address(study, question), {"note": "late"}).status_code == 302


def test_access(client, study, question):
    other = running_study(items=1)
    others_question = add_question(in_order(add_rater(other))[0])
    observer = make_membership(study, make_user(), role="observer")
    for send in (client.get, client.post):
        client.logout()
        assert send(_address(study, question)).status_code == 302
        for membership in (observer, question.assignment.membership):
            log_in(client, membership)
            assert send(_address(study, question)).status_code == 403
        log_in(client, other.memberships.get(role="coordinator"))
        assert send(_address(study, question)).status_code == 404
        log_in(client, study.memberships.get(role="coordinator"))
        assert send(_address(study, others_question)).status_code == 404
    question.refresh_from_db()
    assert not question.is_settled
