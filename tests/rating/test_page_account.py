"""A page left open says whose it is: the server takes nothing of it for somebody else."""

import json

import pytest
from django.urls import reverse

from sts_qa.accounts.queries import account_key
from sts_qa.rating.models import Acknowledgement, Draft, Rating, ReadingConditions
from tests.rating.helpers import (
    add_clarification,
    add_rater,
    in_order,
    log_in,
    queue_of,
    running_study,
    submission,
)

pytestmark = pytest.mark.django_db
DIM = {"room": "dim", "monitor": "office", "sees_dark_patch": True, "sees_bright_patch": True}


@pytest.fixture
def study():
    study = running_study(items=2)
    add_clarification(study, 1)
    return study


@pytest.fixture
def colleague(study):
    return add_rater(study)


def _requests(membership):
    """What a rater's page sends: name, arguments, body and method."""
    study, token = membership.study.public_id, in_order(membership)[0].token
    return {
        "state_conditions": ([study], DIM, "post"),
        "acknowledge_clarification": ([study, 1], {}, "post"),
        "list_own_ratings": ([study], None, "get"),
        "show_assignment": ([token], None, "get"),
        "save_draft": ([token], {"scores": {}, "comment": "dark", "sequence": 1}, "put"),
        "submit_rating": ([token], submission(), "post"),
    }


def _send(client, membership, name, account):
    arguments, body, method = _requests(membership)[name]
    address = reverse(f"rating:{name}", args=arguments)
    content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, method)(address, headers={"X-Account": account}, **content)


NAMES = [
    "state_conditions",
    "acknowledge_clarification",
    "list_own_ratings",
    "show_assignment",
    "save_draft",
    "submit_rating",
]


@pytest.mark.parametrize("name", NAMES)
def test_what_another_accounts_page_sends_is_refused_and_leaves_nothing(
    client, study, rater, colleague, name
):
    log_in(client, colleague)
    # Even where the address would be the colleague's own
    answer = _send(client, colleague, name, account_key(rater.user))
    assert (answer.status_code, answer.json()["problem"]) == (403, "other_account")
    assert "logged in as someone else" in answer.json()["detail"]
    for model in (Acknowledgement, Draft, Rating, ReadingConditions):
        assert not model.objects.exists()
    assert queue_of(client, study)["conditions"] is None


@pytest.mark.parametrize("name", NAMES)
def test_what_the_own_page_sends_is_taken(client, rater, name):
    answer = _send(log_in(client, rater), rater, name, account_key(rater.user))
    assert answer.status_code in (200, 201, 204)


def test_a_hostile_name_of_an_account_is_refused(client, rater):
    log_in(client, rater)
    for account in ("", "ä", "x" * 5000):
        assert _send(client, rater, "show_assignment", account).status_code == 403


def test_without_a_log_in_the_name_of_an_account_opens_nothing(client, rater):
    answer = _send(client, rater, "show_assignment", account_key(rater.user))
    assert answer.status_code == 401
