"""What several windows, people and processes do at the same moment."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links
from sts_qa.rating.actions import submit as submitting
from sts_qa.rating.actions.late import admit_rating
from sts_qa.rating.actions.submission import read_submission
from sts_qa.rating.models import Rating, Score
from sts_qa.studies.actions import (
    close_study,
    replace_rater,
    withdraw_member,
    withdraw_sampled_item,
)
from sts_qa.studies.models import Assignment, Membership, Study
from tests.factories import make_user
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    at_once,
    in_order,
    log_in,
    running_study,
    send,
    submission,
)

pytestmark = pytest.mark.django_db(transaction=True)


def _sender(membership: Membership, assignment: Assignment, body: dict) -> Callable:
    client = log_in(Client(), membership)
    return lambda: send(client, "submit_rating", assignment.token, body)


def _check_whole(study: Study) -> None:
    """Every count and the chain must agree with the rows."""
    for membership in study.memberships.filter(role="rater"):
        rated = membership.assignments.filter(is_rated=True, dropped_at=None).count()
        assert membership.rated_count == rated
        due = membership.assignments.filter(dropped_at=None).count()
        assert membership.assigned_count == due
        numbers = list(
            membership.assignments.filter(showing__isnull=False)
            .order_by("showing")
            .values_list("showing", flat=True)
        )
        assert numbers == list(range(1, membership.shown_count + 1))
    for assignment in Assignment.objects.all():
        current = assignment.ratings.filter(is_current=True).count()
        assert current == (1 if assignment.is_rated else 0)
    assert Score.objects.count() == 2 * Rating.objects.count()
    assert Event.objects.filter(action="rating.submitted").count() == Rating.objects.count()
    assert list(broken_links(Chain.objects.get(name=f"study:{study.pk}"))) == []


def test_the_same_submission_many_times_at_once_is_one_rating():
    study = running_study(items=2)
    rater = add_rater(study)
    first = in_order(rater)[0]
    body = submission()
    answers = at_once(*[_sender(rater, first, body) for _ in range(6)])
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert Rating.objects.count() == 1
    _check_whole(study)


def test_two_windows_at_once_make_one_current_rating_and_the_others_are_told():
    study = running_study(items=2)
    rater = add_rater(study)
    first = in_order(rater)[0]
    values = ["1", "2", "3", "4", "5"]
    acts = [
        _sender(rater, first, submission(scores={"contrast": {"value": value}})) for value in values
    ]
    answers = at_once(*acts)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    (won,) = [answer for answer in answers if answer.status_code == 201]
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["rating"]["id"] == won.json()["rating"]["id"]
    assert Rating.objects.count() == 1
    _check_whole(study)


def test_two_changes_at_once_replace_the_rating_once():
    study = running_study(items=2)
    rater = add_rater(study)
    first = in_order(rater)[0]
    one = _sender(rater, first, submission())().json()["rating"]["id"]
    answers = at_once(*[_sender(rater, first, submission(replaces=one)) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert Rating.objects.count() == 2
    _check_whole(study)


def test_five_raters_submit_all_at_once_and_nothing_is_lost():
    study = running_study(items=6)
    raters = [add_rater(study) for _ in range(5)]

    def rate_all(rater: Membership) -> Callable:
        client = log_in(Client(), rater)

        def act() -> list[int]:
            answers = []
            for assignment in in_order(rater):
                send(client, "mark_shown", assignment.token)
                answers.append(send(client, "submit_rating", assignment.token, submission()))
            return [answer.status_code for answer in answers]

        return act

    assert at_once(*[rate_all(rater) for rater in raters]) == [[201] * 6] * 5
    assert Rating.objects.filter(is_current=True).count() == 30
    _check_whole(study)


def test_showing_and_submitting_ahead_in_any_order_number_each_showing_once():
    study = running_study(items=8)
    rater = add_rater(study)
    client = log_in(Client(), rater)
    order = in_order(rater)
    acts = [
        *[lambda one=one: send(client, "mark_shown", one.token) for one in order[:4]],
        *[_sender(rater, one, submission()) for one in order],
    ]
    answers = at_once(*acts)
    assert {answer.status_code for answer in answers} == {200, 201}
    _check_whole(study)


def test_a_repeat_that_came_too_early_is_dropped_once():
    study = running_study(items=4, repeat_share="0.3", repeat_distance=3)
    rater = add_rater(study)
    first = in_order(rater)[0]
    repeat = add_repeat(rater, first.sampled_item)
    client = log_in(Client(), rater)
    send(client, "submit_rating", first.token, submission())
    acts = [
        lambda name=name: send(client, name, repeat.token)
        for name in ("mark_shown", "skip_assignment", "mark_shown")
    ]
    *answers, submitted = at_once(*acts, _sender(rater, repeat, submission()))
    # Whoever comes after the one that dropped it finds it gone, like an item withdrawn
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert submitted.json()["rating"]["late_reason"] == "item_withdrawn"
    assert Event.objects.filter(action="repeats.dropped").count() == 1
    _check_whole(study)


def test_withdrawing_and_admitting_while_ratings_come_in():
    study = running_study(items=4, live_results=True)
    raters = [add_rater(study, pseudonym=number) for number in (1, 2)]
    coordinator = study.created_by
    first = in_order(raters[0])[0]
    one = _sender(raters[0], first, submission())().json()["rating"]["id"]
    Study.objects.filter(pk=study.pk).update(state="paused")
    late = _sender(raters[0], first, submission(replaces=one))().json()["rating"]["id"]
    Study.objects.filter(pk=study.pk).update(state="running")
    rating = Rating.objects.get(public_id=late)
    acts = [
        _sender(rater, assignment, submission())
        for rater in raters
        for assignment in in_order(rater)[1:4]
    ]
    at_once(
        *acts,
        lambda: admit_rating(rating=rating, reason="in time", acting_user=coordinator),
        lambda: withdraw_member(membership=raters[1], reason="ill", acting_user=coordinator),
    )
    assert Rating.objects.get(pk=rating.pk).is_current
    assert study.panels.get().after_results_seen
    for assignment in Assignment.objects.all():
        current = assignment.ratings.filter(is_current=True).count()
        assert current == (1 if assignment.is_rated else 0)
    assert Membership.objects.get(pk=raters[0].pk).rated_count == 4


def test_closing_while_ratings_come_in_leaves_each_on_its_side():
    study = running_study(items=4)
    raters = [add_rater(study) for _ in range(3)]
    coordinator = study.memberships.get(role="coordinator").user
    acts = [
        _sender(rater, assignment, submission())
        for rater in raters
        for assignment in in_order(rater)[:2]
    ]
    *answers, closed = at_once(*acts, lambda: close_study(study=study, acting_user=coordinator))
    counted = sum(answer.status_code == 201 for answer in answers)
    late = sum(answer.status_code == 202 for answer in answers)
    assert counted + late == 6
    event = Event.objects.get(action="study.closed")
    # What counts came before the closing in the log too, and the closing counted it
    assert event.details["ratings"] == counted
    earlier = Event.objects.filter(action="rating.submitted", number__lt=event.number)
    assert earlier.count() == counted
    assert Rating.objects.filter(is_late=True, late_reason="study_closed").count() == late
    assert closed.state == Study.State.CLOSED
    _check_whole(study)


def test_withdrawing_items_and_replacing_people_while_ratings_come_in():
    study = running_study(items=5)
    raters = [add_rater(study, pseudonym=number) for number in (1, 2, 3)]
    coordinator = study.memberships.get(role="coordinator").user
    units = list(study.sample.order_by("pk")[:2])
    newcomer = make_user()
    acts = [
        _sender(rater, assignment, submission())
        for rater in raters
        for assignment in in_order(rater)[:3]
    ]
    withdrawals = [
        lambda unit=unit: withdraw_sampled_item(
            sampled_item=unit, reason="twice", acting_user=coordinator
        )
        for unit in units
    ]
    answers = at_once(
        *acts,
        *withdrawals,
        lambda: replace_rater(
            membership=raters[0], user=newcomer, reason="ill", acting_user=coordinator
        ),
    )
    assert {answer.status_code for answer in answers[:9]} <= {201, 202}
    assert Rating.objects.count() == 9
    for membership in study.memberships.filter(role="rater"):
        due = membership.assignments.filter(dropped_at=None)
        assert membership.rated_count == due.filter(is_rated=True).count()
        assert membership.assigned_count == due.count()
    assert list(broken_links(Chain.objects.get(name=f"study:{study.pk}"))) == []


@pytest.mark.parametrize("step", ["_store", "_count", "_record"])
def test_a_crash_at_any_step_leaves_nothing_and_the_resend_goes_through(monkeypatch, step):
    study = running_study(items=2)
    rater = add_rater(study)
    first = in_order(rater)[0]
    whole = getattr(submitting, step)

    def crash(*arguments):
        whole(*arguments)
        raise SystemError("the power failed")

    monkeypatch.setattr(submitting, step, crash)
    body = submission()
    client = log_in(Client(raise_request_exception=False), rater)
    assert send(client, "submit_rating", first.token, body).status_code == 500
    assert not Rating.objects.exists()
    study.protocol_version.refresh_from_db()
    assert study.protocol_version.frozen_at is None
    monkeypatch.undo()
    assert send(client, "submit_rating", first.token, body).status_code == 201
    _check_whole(study)


def test_a_second_current_rating_is_refused_by_the_database_itself():
    study = running_study(items=1)
    rater = add_rater(study)
    (first,) = in_order(rater)
    _sender(rater, first, submission())()
    rating = Rating.objects.get()
    rating.pk, rating.public_id = None, "6f1f9c1e-6a3b-4b8e-9a51-0d2f7a5d9c11"
    rating.idempotency_key = "another"
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        rating.save(force_insert=True)
    assert Rating.objects.count() == 1


def test_the_action_answers_a_resend_itself_without_the_page():
    study = running_study(items=1, allows_program_ratings=True)
    rater = add_rater(study)
    (first,) = in_order(rater)
    sent = read_submission(json.dumps(submission()).encode())
    answers = [
        submitting.submit_rating(
            assignment=first, submission=sent, language="en", acting_user=rater.user, channel="api"
        )
        for _ in range(2)
    ]
    assert [answer.is_resend for answer in answers] == [False, True]
    assert answers[0].rating == answers[1].rating
    assert answers[0].rating.channel == "api"
