import pytest

from sts_qa.audit.models import Event
from sts_qa.studies.actions import add_member
from sts_qa.studies.models import Membership
from tests.factories import make_membership, make_study, make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(running):
    return running.address("withdraw_member", running.membership(running.rater).pk)


def test_it_says_what_will_happen(client, running, address):
    Membership.objects.filter(user=running.rater).update(rated_count=4)
    client.force_login(running.coordinator)
    text = text_of(client.get(address))
    assert "Access ends at once" in text
    assert "4 of 13 ratings were given" in text
    assert running.membership(running.rater).is_active


def test_the_rater_loses_access_at_once_and_the_assignments_stay(client, running, address):
    client.force_login(running.coordinator)
    answer = client.post(address, {"reason": "Illness"})
    assert answer["Location"] == running.address("manage_members")
    membership = running.membership(running.rater)
    assert not membership.is_active
    assert membership.assignments.filter(kind="main").count() == 13
    event = Event.objects.filter(action="member.withdrawn").latest("pk")
    assert event.details["reason"] == "Illness"


def test_the_last_coordinator_stays(client, running):
    client.force_login(running.coordinator)
    own = running.address("withdraw_member", running.membership(running.coordinator).pk)
    answer = client.post(own)
    assert answer.status_code == 422
    assert "keeps at least one coordinator" in text_of(answer)
    assert running.membership(running.coordinator).is_active


def test_who_withdraws_the_own_person_ends_at_the_list(client, running):
    other = make_user("second")
    add_member(study=running.study, user=other, role="coordinator", acting_user=running.coordinator)
    client.force_login(other)
    own = running.address("withdraw_member", running.membership(other).pk)
    assert "This is you" in text_of(client.get(own))
    assert client.post(own)["Location"] == "/studies/"
    assert client.get(running.address("show_study")).status_code == 404


def test_members_of_other_studies_are_not_found(client, running):
    elsewhere = make_membership(make_study())
    client.force_login(running.coordinator)
    assert client.post(running.address("withdraw_member", elsewhere.pk)).status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.is_active


def test_only_coordinators_of_the_study_may(running, address, check_access):
    check_access(running, address, observer=403)
    check_access(running, address, method="post", observer=403)
    assert running.membership(running.rater).is_active
