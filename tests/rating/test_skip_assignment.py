import pytest
from django.utils import timezone

from sts_qa.studies.models import Study
from tests.rating.helpers import (
    add_rater,
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


@pytest.fixture
def rater(study):
    return add_rater(study)


def test_the_item_goes_to_the_end_and_the_next_one_takes_its_number(client, study, rater):
    first, second, third = in_order(rater)
    log_in(client, rater)
    send(client, "mark_shown", first.token)
    answer = send(client, "skip_assignment", first.token)
    progress = {"rated": 0, "total": 3, "shown": 0, "practice_left": 0}
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
