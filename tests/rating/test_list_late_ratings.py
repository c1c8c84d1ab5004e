import pytest
from django.urls import reverse

from sts_qa.studies.models import Study
from tests.factories import make_membership, make_user
from tests.rating.helpers import add_rater, in_order, log_in, running_study, submit

pytestmark = pytest.mark.django_db


def _page(client, study):
    return client.get(reverse("rating:list_late_ratings", args=[study.public_id]))


def test_coordinators_see_late_ratings_without_their_scores(client):
    study = running_study(items=2)
    rater = add_rater(study, "dr-wang", pseudonym=3)
    first, second = in_order(rater)
    log_in(client, rater)
    scores = {"contrast": {"value": "13"}}
    submit(client, second)
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    submit(client, first, scores=scores, comment="thirteen")
    log_in(client, study.memberships.get(role="coordinator"))
    page = _page(client, study).content.decode()
    assert "The study was paused" in page
    assert "A-PXI/000.png" in page
    assert "A-PXI/001.png" not in page
    assert "R3" in page
    assert "dr-wang" not in page
    assert "thirteen" not in page
    assert page.count("Let it count") == 1


def test_a_correction_says_what_letting_it_count_does(client):
    study = running_study(items=1)
    rater = add_rater(study)
    (first,) = in_order(rater)
    log_in(client, rater)
    one = submit(client, first).json()["rating"]["id"]
    Study.objects.filter(pk=study.pk).update(state=Study.State.CLOSED)
    submit(client, first, replaces=one)
    log_in(client, study.memberships.get(role="coordinator"))
    page = _page(client, study).content.decode()
    assert page.count("Let it count") == 1
    assert "take its place" in page


def test_one_that_cannot_count_says_why(client):
    study = running_study(items=1)
    rater = add_rater(study)
    (first,) = in_order(rater)
    log_in(client, rater)
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    submit(client, first)
    Study.objects.filter(pk=study.pk).update(state=Study.State.RUNNING)
    submit(client, first)
    log_in(client, study.memberships.get(role="coordinator"))
    page = _page(client, study).content.decode()
    assert "Let it count" not in page
    assert "scored this item again since" in page


def test_access(client):
    study = running_study(items=1)
    address = reverse("rating:list_late_ratings", args=[study.public_id])
    assert client.get(address).status_code == 302
    other = running_study(items=1).memberships.get(role="coordinator")
    assert log_in(client, other).get(address).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, add_rater(study)):
        assert log_in(client, membership).get(address).status_code == 403
