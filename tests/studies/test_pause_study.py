import pytest

from sts_qa.audit.models import Event
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


def test_it_pauses_a_running_study_on_record(client, running):
    client.force_login(running.coordinator)
    answer = client.post(running.address("pause_study"))
    assert answer["Location"] == running.address("show_study")
    assert running.refresh().state == "paused"
    assert Event.objects.filter(action="study.paused").count() == 1


def test_a_draft_cannot_be_paused(client, people):
    client.force_login(people.coordinator)
    answer = client.post(people.address("pause_study"), follow=True)
    assert "This study is draft" in text_of(answer)
    assert people.refresh().state == "draft"


def test_only_coordinators_of_the_study_may(client, running, check_access):
    check_access(running, running.address("pause_study"), method="post", observer=403)
    assert running.refresh().state == "running"
    client.force_login(running.coordinator)
    assert client.get(running.address("pause_study")).status_code == 405
