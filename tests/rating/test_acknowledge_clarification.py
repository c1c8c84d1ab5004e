import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.audit.models import Event
from sts_qa.rating.models import Acknowledgement
from sts_qa.rating.queries.clarifications import clarifications_json
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_user
from tests.rating.helpers import add_clarification, add_rater, log_in, running_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    study = running_study(items=1)
    for number in (1, 2, 3):
        add_clarification(study, number)
    return study


def _acknowledge(client, study, number):
    address = reverse("rating:acknowledge_clarification", args=[study.public_id, number])
    return client.post(address, "{}", content_type="application/json")


def _open(rater):
    return [entry["number"] for entry in clarifications_json(rater, "en")["open"]]


def test_all_up_to_the_number_are_acknowledged_for_this_rater(client, study, rater):
    colleague = add_rater(study)
    answer = _acknowledge(log_in(client, rater), study, 2)
    assert (answer.status_code, answer.json()) == (200, {"acknowledged": 2})
    assert _open(rater) == [3]
    assert _open(colleague) == [1, 2, 3]
    assert Event.objects.get(action="clarification.acknowledged").details == {
        "membership": rater.pk,
        "number": 2,
    }


def test_once_more_changes_nothing(client, study, rater):
    log_in(client, rater)
    answers = [_acknowledge(client, study, number).json() for number in (2, 2, 1)]
    assert answers == [{"acknowledged": 2}] * 3
    assert Acknowledgement.objects.count() == 2
    assert Event.objects.filter(action="clarification.acknowledged").count() == 1


@pytest.mark.parametrize("number", [0, 4])
def test_a_number_that_does_not_exist_is_not_found(client, study, rater, number):
    add_clarification(running_study(items=1), 4)
    answer = _acknowledge(log_in(client, rater), study, number)
    assert (answer.status_code, answer.json()["problem"]) == (404, "not_found")
    assert not Acknowledgement.objects.exists()


def test_access(client, study, rater):
    assert _acknowledge(client, study, 1).status_code == 401
    stranger = add_rater(running_study(items=1))
    assert _acknowledge(log_in(client, stranger), study, 1).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, study.memberships.get(role="coordinator")):
        assert _acknowledge(log_in(client, membership), study, 1).status_code == 403
    log_in(client, rater)
    assert (
        client.get(
            reverse("rating:acknowledge_clarification", args=[study.public_id, 1])
        ).status_code
        == 405
    )
    Study.objects.filter(pk=study.pk).update(state=Study.State.CLOSED)
    assert _acknowledge(client, study, 1).json()["problem"] == "closed"
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    assert _acknowledge(client, study, 1).status_code == 200
    rater.withdrawn_at = timezone.now()
    rater.save()
    assert _acknowledge(client, study, 2).json()["problem"] == "withdrawn"
    assert Acknowledgement.objects.count() == 1
