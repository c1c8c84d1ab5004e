import pytest

from sts_qa.studies.actions import add_member, create_account, create_invitation, withdraw_member
from sts_qa.studies.models import Invitation
from tests.factories import make_membership, make_study
from tests.studies.plan_data import text_of
from tests.studies.test_manage_members import link_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def invited(people):
    user = create_account(username="wei", acting_user=people.coordinator)
    membership = add_member(study=people.study, user=user, acting_user=people.coordinator)
    create_invitation(membership=membership, acting_user=people.coordinator)
    return membership


def test_a_new_link_ends_the_former_one(client, people, invited):
    client.force_login(people.coordinator)
    answer = client.post(people.address("invite_member", invited.pk))
    assert answer.status_code == 200
    assert link_in(answer)
    first, second = Invitation.objects.order_by("pk")
    assert first.cancelled_at is not None
    assert second.cancelled_at is None


def test_who_has_a_password_gets_no_link(client, people):
    """A link would let a coordinator into somebody's account."""
    client.force_login(people.coordinator)
    address = people.address("invite_member", people.membership(people.rater).pk)
    answer = client.post(address, follow=True)
    assert "has a password already" in text_of(answer)
    assert not Invitation.objects.exists()


def test_an_account_that_another_study_awaits_gets_no_link(client, people, invited):
    make_membership(make_study(), invited.user)
    client.force_login(people.coordinator)
    answer = client.post(people.address("invite_member", invited.pk), follow=True)
    assert "invited by another study" in text_of(answer)
    assert Invitation.objects.count() == 1


def test_who_was_withdrawn_gets_no_link(client, people, invited):
    withdraw_member(membership=invited, reason="Moved", acting_user=people.coordinator)
    client.force_login(people.coordinator)
    client.post(people.address("invite_member", invited.pk))
    assert Invitation.objects.count() == 1


def test_members_of_other_studies_are_not_found(client, people):
    elsewhere = make_membership(make_study())
    client.force_login(people.coordinator)
    assert client.post(people.address("invite_member", elsewhere.pk)).status_code == 404


def test_loading_the_page_of_the_link_again_leads_to_the_people_and_makes_no_other(
    client, people, invited
):
    client.force_login(people.coordinator)
    answer = client.get(people.address("invite_member", invited.pk), follow=True)
    assert answer.redirect_chain == [(people.address("manage_members"), 302)]
    assert Invitation.objects.count() == 1


def test_only_coordinators_of_the_study_may(people, invited, check_access):
    address = people.address("invite_member", invited.pk)
    check_access(people, address, method="post", observer=403)
    assert Invitation.objects.count() == 1
