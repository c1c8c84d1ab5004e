import pytest
from django.db.models import F

from sts_qa.audit.models import Event
from sts_qa.studies.models import Membership
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


def test_it_says_what_is_missing_before_closing(client, running):
    Membership.objects.filter(user=running.rater).update(rated_count=5)
    client.force_login(running.coordinator)
    text = text_of(client.get(running.address("close_study")))
    assert "8 of 13 ratings are missing" in text
    assert "Close it incomplete" in text
    assert running.refresh().state == "running"


def test_a_complete_study_is_said_to_be_complete(client, running):
    Membership.objects.update(rated_count=F("assigned_count"))
    client.force_login(running.coordinator)
    text = text_of(client.get(running.address("close_study")))
    assert "All ratings are there" in text
    assert "incomplete" not in text


def test_it_closes_for_good_and_opens_the_results(client, running):
    client.force_login(running.coordinator)
    answer = client.post(running.address("close_study"))
    assert answer["Location"] == running.address("show_study")
    study = running.refresh()
    assert study.state == "closed"
    assert not study.is_sealed
    assert not study.kept_files.filter(released_at=None).exists()
    assert Event.objects.filter(action="study.closed").count() == 1
    client.post(running.address("resume_study"))
    assert running.refresh().state == "closed"


def test_a_draft_cannot_be_closed(client, people):
    client.force_login(people.coordinator)
    assert client.get(people.address("close_study")).status_code == 302
    client.post(people.address("close_study"))
    assert people.refresh().state == "draft"


def test_only_coordinators_of_the_study_may(running, check_access):
    check_access(running, running.address("close_study"), observer=403)
    check_access(running, running.address("close_study"), method="post", observer=403)
    assert running.refresh().state == "running"
