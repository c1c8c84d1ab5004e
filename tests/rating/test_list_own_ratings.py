import pytest
from django.urls import reverse

from sts_qa.studies.models import Study
from tests.rating.helpers import add_rater, add_repeat, in_order, log_in, running_study, submit

pytestmark = pytest.mark.django_db


def _ratings(client, study):
    return client.get(reverse("rating:list_own_ratings", args=[study.public_id])).json()["ratings"]


def test_it_lists_own_current_ratings_newest_first(client):
    study = running_study(items=3, practice=1)
    rater, colleague = add_rater(study), add_rater(study)
    submit(log_in(client, colleague), in_order(colleague)[2])
    practice, first, second, _ = in_order(rater)
    log_in(client, rater)
    submit(client, practice)
    one = submit(client, first).json()["rating"]["id"]
    submit(client, second, scores={"contrast": {"value": "4"}})
    submit(client, first, replaces=one, scores={"contrast": {"value": "9"}})
    rows = _ratings(client, study)
    assert [(row["token"], row["number"]) for row in rows] == [
        (second.token, 2),
        (first.token, 1),
        (practice.token, None),
    ]
    assert rows[1]["scores"] == {"contrast": {"value": "9"}}
    assert all(row["reopenable"] for row in rows)


def test_it_lists_the_last_twenty(client):
    study = running_study(items=23)
    rater = add_rater(study)
    log_in(client, rater)
    for assignment in in_order(rater):
        submit(client, assignment)
    assert [row["number"] for row in _ratings(client, study)] == list(range(23, 3, -1))


def test_with_repeats_it_says_which_can_still_be_opened(client):
    study = running_study(items=3, repeat_share="0.3", repeat_distance=2)
    rater = add_rater(study)
    add_repeat(rater, in_order(rater)[0].sampled_item)
    log_in(client, rater)
    for assignment in in_order(rater)[:3]:
        submit(client, assignment)
    assert [row["reopenable"] for row in _ratings(client, study)] == [True, True, False]


def test_access(client):
    study = running_study(items=1)
    rater = add_rater(study)
    address = reverse("rating:list_own_ratings", args=[study.public_id])
    assert client.get(address).status_code == 401
    assert log_in(client, add_rater(running_study(items=1))).get(address).status_code == 404
    coordinator = study.memberships.get(role="coordinator")
    assert log_in(client, coordinator).get(address).status_code == 403
    Study.objects.filter(pk=study.pk).update(state=Study.State.CLOSED)
    assert log_in(client, rater).get(address).status_code == 403
