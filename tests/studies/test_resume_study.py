import pytest

from sts_qa.audit.models import Event
from sts_qa.studies.actions import pause_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def paused(running):
    pause_study(study=running.study, acting_user=running.coordinator)
    return running


def test_it_resumes_a_paused_study_on_record(client, paused):
    client.force_login(paused.coordinator)
    answer = client.post(paused.address("resume_study"))
    assert answer["Location"] == paused.address("show_study")
    assert paused.refresh().state == "running"
    assert Event.objects.filter(action="study.resumed").count() == 1


def test_a_running_study_stays_as_it_is(client, running):
    client.force_login(running.coordinator)
    client.post(running.address("resume_study"))
    assert not Event.objects.filter(action="study.resumed").exists()


def test_only_coordinators_of_the_study_may(client, paused, check_access):
    check_access(paused, paused.address("resume_study"), method="post", observer=403)
    assert paused.refresh().state == "paused"
    client.force_login(paused.coordinator)
    assert client.get(paused.address("resume_study")).status_code == 405
