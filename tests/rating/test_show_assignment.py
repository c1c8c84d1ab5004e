import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.studies.models import SampledItem, Study
from tests.rating.helpers import add_rater, add_repeat, in_order, log_in, running_study, submit

pytestmark = pytest.mark.django_db


def _get(client, assignment):
    return client.get(reverse("rating:show_assignment", args=[assignment.token]))


def test_an_own_rating_is_opened_again_with_its_scores(client):
    rater = add_rater(running_study(items=2, labelled=1))
    first = in_order(rater)[0]
    log_in(client, rater)
    scores = {
        "contrast": {"value": "17"},
        "pixel_accuracy": {"code": "cannot_judge", "reason": "other", "text": "overlay shifted"},
    }
    rating = submit(client, first, scores=scores, comment="dark").json()["rating"]["id"]
    shown = _get(client, first).json()
    assert shown["rating"] == {"id": rating, "scores": scores, "comment": "dark"}
    assert shown["counter"] == {"number": 1, "total": 2}
    assert shown["study"] == str(rater.study.public_id)
    assert shown["draft"] is None


def test_with_repeats_only_within_their_distance(client):
    study = running_study(items=4, repeat_share="0.25", repeat_distance=2)
    rater = add_rater(study)
    first, second, third, fourth = in_order(rater)
    add_repeat(rater, first.sampled_item)
    log_in(client, rater)
    submit(client, first)
    submit(client, second)
    assert _get(client, first).status_code == 200
    submit(client, third)
    answer = _get(client, first)
    assert (answer.status_code, answer.json()["problem"]) == (403, "not_reopenable")
    assert _get(client, second).status_code == 200
    # What is not rated yet may be opened at any time
    assert _get(client, fourth).status_code == 200


def test_hidden_and_withdrawn_items_are_not_there(client):
    rater = add_rater(running_study(items=2))
    first, second = in_order(rater)
    log_in(client, rater)
    SampledItem.objects.filter(pk=first.sampled_item_id).update(hidden_at=timezone.now())
    SampledItem.objects.filter(pk=second.sampled_item_id).update(withdrawn_at=timezone.now())
    assert [_get(client, one).status_code for one in (first, second)] == [404, 404]


def test_access(client):
    study = running_study(items=1)
    rater = add_rater(study)
    (assignment,) = in_order(rater)
    assert _get(client, assignment).status_code == 401
    for membership in (add_rater(study), study.memberships.get(role="coordinator")):
        assert _get(log_in(client, membership), assignment).status_code == 404
    log_in(client, rater)
    for state in (Study.State.PAUSED, Study.State.CLOSED):
        Study.objects.filter(pk=study.pk).update(state=state)
        assert _get(client, assignment).status_code == 403
    Study.objects.filter(pk=study.pk).update(state=Study.State.RUNNING)
    rater.withdrawn_at = timezone.now()
    rater.save()
    assert _get(client, assignment).status_code == 403
    assert client.get("/rating/assignments/no-such-token/").status_code == 404
