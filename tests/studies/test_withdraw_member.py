import pytest

from sts_qa.audit.models import Event
from sts_qa.studies.actions import (
    add_member,
    choose_panel,
    close_study,
    unseal_results,
    withdraw_member,
)
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Membership
from sts_qa.studies.queries.panel import current_panel
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
    assert event.note == "Illness"
    assert "Illness" not in str(event.details)


def test_it_needs_a_reason(client, running, address):
    client.force_login(running.coordinator)
    assert client.post(address, {"reason": " "}).status_code == 422
    assert running.membership(running.rater).is_active
    with pytest.raises(StudyError, match="Say why"):
        withdraw_member(
            membership=running.membership(running.rater),
            reason=" ",
            acting_user=running.coordinator,
        )


def test_raters_of_a_closed_study_are_final(client, running, address):
    close_study(study=running.study, acting_user=running.coordinator)
    client.force_login(running.coordinator)
    before = current_panel(running.study)[0]
    answer = client.post(address, {"reason": "Scores look odd"})
    assert answer.status_code == 422
    assert "Choose the panel instead" in text_of(answer)
    assert current_panel(running.study)[0] == before
    assert address not in client.get(running.address("manage_members")).content.decode()


def test_access_of_others_to_a_closed_study_can_still_end(client, running):
    close_study(study=running.study, acting_user=running.coordinator)
    client.force_login(running.coordinator)
    observer = running.address("withdraw_member", running.membership(running.observer).pk)
    assert client.post(observer, {"reason": "Moved away"}).status_code == 302
    assert not running.membership(running.observer).is_active


@pytest.fixture
def second(running):
    user = make_user("second")
    return add_member(study=running.study, user=user, acting_user=running.coordinator)


def test_once_results_were_seen_the_panel_left_is_marked(client, running, second, address):
    unseal_results(study=running.study, reason="Look", acting_user=running.coordinator)
    client.force_login(running.coordinator)
    client.post(address, {"reason": "Scores look odd"})
    raters, panel = current_panel(running.study)
    assert raters == [second]
    assert (panel.after_results_seen, panel.reason) == (True, "Scores look odd")
    event = Event.objects.get(action="panel.chosen")
    assert event.details["members"] == [second.pk]


def test_a_panel_without_the_rater_holds(client, running, second, address):
    chosen = choose_panel(
        study=running.study,
        memberships=[second],
        reason="Left early",
        acting_user=running.coordinator,
    )
    unseal_results(study=running.study, reason="Look", acting_user=running.coordinator)
    client.force_login(running.coordinator)
    client.post(address, {"reason": "Illness"})
    assert current_panel(running.study) == ([second], chosen)


def test_while_sealed_no_panel_is_recorded(client, running, second, address):
    client.force_login(running.coordinator)
    client.post(address, {"reason": "Illness"})
    assert current_panel(running.study) == ([second], None)


def test_the_last_coordinator_stays(client, running):
    client.force_login(running.coordinator)
    own = running.address("withdraw_member", running.membership(running.coordinator).pk)
    answer = client.post(own, {"reason": "Moved away"})
    assert answer.status_code == 422
    assert "keeps at least one coordinator" in text_of(answer)
    assert running.membership(running.coordinator).is_active


def test_who_withdraws_the_own_person_ends_at_the_list(client, running):
    other = make_user("second")
    add_member(study=running.study, user=other, role="coordinator", acting_user=running.coordinator)
    client.force_login(other)
    own = running.address("withdraw_member", running.membership(other).pk)
    assert "This is you" in text_of(client.get(own))
    assert client.post(own, {"reason": "Moved away"})["Location"] == "/studies/"
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
