"""Several coordinators, clicks and raters at the same moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links
from sts_qa.rating.actions.clarifications import publish_clarification
from sts_qa.rating.errors import RatingError
from sts_qa.rating.models import Acknowledgement, Clarification, Rating
from sts_qa.rating.queries.clarifications import last_number
from tests.factories import make_membership, make_user
from tests.rating.helpers import (
    add_clarification,
    add_rater,
    at_once,
    in_order,
    log_in,
    running_study,
    send,
    submission,
)

pytestmark = pytest.mark.django_db(transaction=True)


def _publisher(study, user, number, text) -> Callable:
    def act() -> str:
        try:
            publish_clarification(study=study, number=number, texts={"en": text}, acting_user=user)
        except RatingError as error:
            return error.problem
        return "published"

    return act


def test_of_two_texts_for_one_number_one_is_published():
    study = running_study(items=1)
    people = [make_membership(study, make_user(), role="coordinator").user for _ in range(5)]
    acts = [_publisher(study, person, 1, f"Text of {person.pk}.") for person in people]
    assert sorted(at_once(*acts)) == ["number"] * 4 + ["published"]
    assert Clarification.objects.count() == 1
    assert list(broken_links(Chain.objects.get(name=f"study:{study.pk}"))) == []


def test_many_clicks_at_once_publish_once():
    study = running_study(items=1)
    coordinator = study.memberships.get(role="coordinator")
    form = {"step": "publish", "number": 1, "text-en": "Grain is noise."}
    address = reverse("rating:publish_clarification", args=[study.public_id])
    clients = [log_in(Client(), coordinator) for _ in range(5)]
    answers = at_once(*[lambda client=client: client.post(address, form) for client in clients])
    assert [answer.status_code for answer in answers] == [302] * 5
    assert Clarification.objects.count() == 1
    assert Event.objects.filter(action="clarification.published").count() == 1


def test_numbers_have_no_gap_when_each_tries_again():
    study = running_study(items=1)
    people = [make_membership(study, make_user(), role="coordinator").user for _ in range(4)]

    def until_published(person) -> Callable:
        def act() -> None:
            for _attempt in range(50):
                number = last_number(study) + 1
                if _publisher(study, person, number, f"Text of {person.pk}.")() == "published":
                    return

        return act

    at_once(*[until_published(person) for person in people])
    numbers = Clarification.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4]


def test_ratings_before_fits_the_order_of_the_log():
    study = running_study(items=6)
    rater = add_rater(study)
    client = log_in(Client(), rater)

    def rate() -> None:
        for assignment in in_order(rater):
            send(client, "submit_rating", assignment.token, submission())

    def publish() -> None:
        for number in (1, 2, 3):
            _publisher(study, study.created_by, number, f"Text {number}.")()

    at_once(rate, publish)
    assert Rating.objects.count() == 6
    events = Event.objects.filter(action="clarification.published").order_by("number")
    rated = Event.objects.filter(action="rating.submitted")
    expected = [rated.filter(number__lt=event.number).count() for event in events]
    found = Clarification.objects.order_by("number").values_list("ratings_before", flat=True)
    assert list(found) == expected
    assert len(expected) == 3


def test_acknowledging_in_two_windows_at_once_counts_once():
    study = running_study(items=1)
    rater = add_rater(study)
    for number in (1, 2):
        add_clarification(study, number)
    address = reverse("rating:acknowledge_clarification", args=[study.public_id, 2])
    clients = [log_in(Client(), rater) for _ in range(4)]
    answers = at_once(
        *[
            lambda client=client: client.post(address, "{}", content_type="application/json")
            for client in clients
        ]
    )
    assert [answer.json() for answer in answers] == [{"acknowledged": 2}] * 4
    assert Acknowledgement.objects.count() == 2
