import pytest
from django.utils import timezone

from sts_qa.audit.models import Event
from sts_qa.rating.models import Rating
from sts_qa.studies.models import Membership, SampledItem, Study
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    in_order,
    log_in,
    running_study,
    send,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=3, practice=1)


def test_it_numbers_showings_once_and_practice_apart(client, rater):
    practice, first, second, _ = in_order(rater)
    log_in(client, rater)
    shown = [practice, first, first, second, first]
    counters = [send(client, "mark_shown", one.token).json()["counter"] for one in shown]
    numbers = [(counter["number"], counter["total"]) for counter in counters]
    assert numbers == [(1, 1), (1, 3), (1, 3), (2, 3), (1, 3)]
    rater.refresh_from_db()
    assert rater.shown_count == 2
    assert rater.last_seen_at is not None
    first.refresh_from_db()
    assert first.first_shown_at is not None


def test_looking_at_a_rated_item_again_is_no_new_showing(client, rater):
    _, first, second, _ = in_order(rater)
    log_in(client, rater)
    submit(client, first)
    submit(client, second)
    assert send(client, "mark_shown", first.token).json()["counter"]["number"] == 1
    assert Membership.objects.get(pk=rater.pk).shown_count == 2


def test_hidden_items_are_not_there(client, rater):
    first = in_order(rater)[1]
    SampledItem.objects.filter(pk=first.sampled_item_id).update(hidden_at=timezone.now())
    assert send(log_in(client, rater), "mark_shown", first.token).status_code == 404


@pytest.mark.parametrize("state", [Study.State.PAUSED, Study.State.CLOSED])
def test_only_while_the_study_runs(client, rater, study, state):
    Study.objects.filter(pk=study.pk).update(state=state)
    answer = send(log_in(client, rater), "mark_shown", in_order(rater)[1].token)
    assert (answer.status_code, answer.json()["problem"]) == (403, state)
    rater.refresh_from_db()
    assert rater.shown_count == 0


def test_only_the_own_rater(client, study, rater):
    token = in_order(rater)[1].token
    assert send(client, "mark_shown", token).status_code == 401
    colleague = add_rater(study)
    assert send(log_in(client, colleague), "mark_shown", token).status_code == 404
    rater.withdrawn_at = timezone.now()
    rater.save()
    assert send(log_in(client, rater), "mark_shown", token).status_code == 403


def _with_repeat(*, distance, items=4):
    """A rater whose repeat of the first item stands at the end."""
    study = running_study(items=items, repeat_share="0.2", repeat_distance=distance)
    rater = add_rater(study)
    return rater, add_repeat(rater, in_order(rater)[0].sampled_item)


def _is_dropped(rater, repeat) -> bool:
    repeat.refresh_from_db()
    rater.refresh_from_db()
    total = rater.assignments.exclude(kind="practice").filter(dropped_at=None).count()
    assert rater.assigned_count == total
    assert (repeat.drop_reason == "repeat_distance") == (repeat.dropped_at is not None)
    return repeat.dropped_at is not None


@pytest.mark.parametrize(("shown_before", "dropped"), [(1, True), (2, True), (3, False)])
def test_a_repeat_counts_only_at_its_distance_in_the_order_shown(client, shown_before, dropped):
    rater, repeat = _with_repeat(distance=3)
    log_in(client, rater)
    for one in in_order(rater, "main")[:shown_before]:
        send(client, "mark_shown", one.token)
    assert send(client, "mark_shown", repeat.token).status_code == 200
    assert _is_dropped(rater, repeat) is dropped
    assert repeat.showing == (None if dropped else 4)
    # The number of a dropped showing goes to the next item
    assert rater.shown_count == shown_before + (not dropped)
    events = Event.objects.filter(action="repeats.dropped")
    assert [event.details["count"] for event in events] == [1] * dropped


def test_a_repeat_before_its_main_showing_is_dropped(client):
    rater, repeat = _with_repeat(distance=1)
    answer = send(log_in(client, rater), "mark_shown", repeat.token)
    assert (answer.status_code, _is_dropped(rater, repeat)) == (200, True)
    # From then on it is gone like an item that was withdrawn
    assert send(client, "mark_shown", repeat.token).status_code == 404
    assert Event.objects.filter(action="repeats.dropped").count() == 1
    assert rater.shown_count == 0


def test_a_repeat_does_not_count_when_its_main_item_was_put_off_behind_it(client):
    rater, repeat = _with_repeat(distance=1)
    main = in_order(rater)[0]
    log_in(client, rater)
    send(client, "mark_shown", main.token)
    send(client, "mark_shown", repeat.token)
    send(client, "skip_assignment", main.token)
    answer = submit(client, repeat)
    assert (answer.status_code, answer.json()["rating"]["late_reason"]) == (202, "item_withdrawn")
    assert Rating.objects.get(assignment=repeat).late_reason == "repeat_dropped"
    assert _is_dropped(rater, repeat)
