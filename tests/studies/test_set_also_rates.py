import pytest

from sts_qa.audit.models import Event
from sts_qa.studies.models import Study
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client):
    def send(people, user=None, also_rates="yes"):
        client.force_login(people.coordinator)
        member = people.membership(user or people.coordinator)
        address = people.address("set_also_rates", member.pk)
        return client.post(address, {"also_rates": also_rates}, follow=True)

    return send


def allow(people):
    Study.objects.filter(pk=people.study.pk).update(coordinators_may_rate=True)


def test_a_coordinator_rates_where_the_plan_lets(post, people):
    allow(people)
    post(people)
    assert people.membership(people.coordinator).rates
    assert Event.objects.get(action="coordinator.also_rates").details["also_rates"] is True
    post(people, also_rates="no")
    assert not people.membership(people.coordinator).rates


def test_by_default_coordinators_do_not_rate(post, people):
    assert "does not let coordinators rate" in text_of(post(people))
    assert not people.membership(people.coordinator).rates


def test_once_started_a_coordinator_gets_the_whole_sample_and_stays(post, running):
    allow(running)
    post(running)
    assert running.membership(running.coordinator).assigned_count == 13
    assert "stays a rater" in text_of(post(running, also_rates="no"))
    assert running.membership(running.coordinator).also_rates


def test_not_once_the_work_is_shared_out(post, running):
    allow(running)
    Study.objects.filter(pk=running.study.pk).update(raters_per_item=1)
    assert "Replace a rater instead" in text_of(post(running))
    assert not running.membership(running.coordinator).rates


def test_observers_do_not_rate(post, people):
    allow(people)
    assert "Only a coordinator" in text_of(post(people, people.observer))
    assert not people.membership(people.observer).also_rates


def test_only_coordinators_of_the_study_may(people, check_access):
    allow(people)
    address = people.address("set_also_rates", people.membership(people.coordinator).pk)
    check_access(people, address, method="post", observer=403)
    assert not people.membership(people.coordinator).also_rates
