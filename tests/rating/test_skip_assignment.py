import pytest
from django.utils import timezone

from sts_qa.rating.models import Rating
from sts_qa.studies.models import Study
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    in_order,
    log_in,
    queue_of,
    running_study,
    send,
    submit,
    tokens,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=3)


def test_the_item_goes_to_the_end_and_the_next_one_takes_its_number(client, study, rater):
    first, second, third = in_order(rater)
    log_in(client, rater)
    send(client, "mark_shown", first.token)
    answer = send(client, "skip_assignment", first.token)
    progress = {"rated": 0, "total": 3, "shown": 0}
    assert (answer.status_code, answer.json()) == (200, {"progress": progress})
    queue = queue_of(client, study)
    assert tokens(queue) == [second.token, third.token, first.token]
    assert [entry["counter"]["number"] for entry in queue["assignments"]] == [1, 2, 3]
    first.refresh_from_db()
    assert (first.skips, first.position, first.showing) == (1, 1, None)


def test_the_counter_ends_at_its_total_in_spite_of_skips(client, study, rater):
    log_in(client, rater)
    for one in in_order(rater)[:2]:
        send(client, "mark_shown", one.token)
        send(client, "skip_assignment", one.token)
    numbers = []
    while left := tokens(queue_of(client, study)):
        numbers.append(send(client, "mark_shown", left[0]).json()["counter"]["number"])
        submit(client, rater.assignments.get(token=left[0]))
    assert numbers == [1, 2, 3]


def test_a_resend_is_harmless(client, study, rater):
    first, second, third = in_order(rater)
    log_in(client, rater)
    for _ in range(3):
        assert send(client, "skip_assignment", first.token).status_code == 200
    assert tokens(queue_of(client, study)) == [second.token, third.token, first.token]


def test_a_rated_item_stays_rated(client, study, rater):
    first = in_order(rater)[0]
    log_in(client, rater)
    submit(client, first)
    answer = send(client, "skip_assignment", first.token)
    assert (answer.status_code, answer.json()["progress"]["rated"]) == (200, 1)
    first.refresh_from_db()
    assert (first.is_rated, first.skips, first.showing) == (True, 0, 1)


def test_a_practice_item_goes_to_the_end_of_practice_only(client):
    study = running_study(items=2, practice=3)
    rater = add_rater(study)
    one, two, three, four, five = in_order(rater)
    log_in(client, rater)
    send(client, "skip_assignment", one.token)
    order = [two, three, one, four, five]
    assert tokens(queue_of(client, study)) == [assignment.token for assignment in order]


def test_skipping_very_often_is_counted_up_to_a_limit(client, rater):
    first = in_order(rater)[0]
    rater.assignments.filter(pk=first.pk).update(skips=32_767)
    assert send(log_in(client, rater), "skip_assignment", first.token).status_code == 200
    first.refresh_from_db()
    assert first.skips == 32_767


def _fetched_ahead(client):
    """A rater without network: a repeat four items on, the items before it skipped meanwhile."""
    study = running_study(items=8, repeat_share="0.2", repeat_distance=5)
    rater = add_rater(study)
    mains = in_order(rater)
    repeat = add_repeat(rater, mains[0].sampled_item, turn=mains[5].turn)
    rater.assignments.filter(pk=mains[5].pk).update(turn=50)
    queue = tokens(queue_of(log_in(client, rater), study))
    assert queue.index(repeat.token) == 5
    submit(client, mains[0])
    for token in queue[1:5]:
        send(client, "skip_assignment", token)
    return study, rater, repeat


def test_a_repeat_that_skipping_brought_too_near_is_kept_as_late(client):
    study, _rater, repeat = _fetched_ahead(client)
    answer = submit(client, repeat)
    assert (answer.status_code, answer.json()["rating"]["late_reason"]) == (202, "item_withdrawn")
    assert Rating.objects.get(assignment=repeat).late_reason == "repeat_dropped"
    assert answer.json()["progress"] == {"rated": 1, "total": 8, "shown": 1}
    repeat.refresh_from_db()
    assert (repeat.is_rated, repeat.showing) == (False, None)
    assert (repeat.drop_reason, repeat.dropped_at is not None) == ("repeat_distance", True)
    rating = Rating.objects.get(assignment=repeat)
    assert (rating.is_current, rating.showing) == (False, None)
    assert repeat.token not in tokens(queue_of(client, study))


def test_skipping_a_repeat_that_came_too_early_drops_it(client):
    study, rater, repeat = _fetched_ahead(client)
    for _ in range(2):
        assert send(client, "skip_assignment", repeat.token).status_code == 200
    repeat.refresh_from_db()
    rater.refresh_from_db()
    assert (repeat.drop_reason, repeat.skips) == ("repeat_distance", 0)
    assert rater.assigned_count == 8
    assert repeat.token not in tokens(queue_of(client, study))


def test_a_repeat_at_its_distance_can_be_put_off(client):
    study = running_study(items=3, repeat_share="0.2", repeat_distance=2)
    rater = add_rater(study)
    mains = in_order(rater)
    repeat = add_repeat(rater, mains[0].sampled_item, turn=mains[2].turn)
    log_in(client, rater)
    for main in mains[:2]:
        submit(client, main)
    for _ in range(2):
        send(client, "mark_shown", repeat.token)
        send(client, "skip_assignment", repeat.token)
    assert tokens(queue_of(client, study)) == [mains[2].token, repeat.token]


def test_access(client, study, rater):
    token = in_order(rater)[0].token
    assert send(client, "skip_assignment", token).status_code == 401
    assert send(log_in(client, add_rater(study)), "skip_assignment", token).status_code == 404
    log_in(client, rater)
    assert client.get(f"/rating/assignments/{token}/skip/").status_code == 405
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    assert send(client, "skip_assignment", token).status_code == 403
    Study.objects.filter(pk=study.pk).update(state=Study.State.RUNNING)
    rater.withdrawn_at = timezone.now()
    rater.save()
    assert send(client, "skip_assignment", token).json()["problem"] == "withdrawn"
