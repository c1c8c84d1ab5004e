import re

import pytest

from sts_qa.accounts.models import User
from sts_qa.audit.models import Event
from sts_qa.studies.actions import add_member, close_study, create_account
from sts_qa.studies.models import Invitation, Membership, Study
from sts_qa.studies.queries.people import hash_secret
from tests.factories import make_study, make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(client, people):
    client.force_login(people.coordinator)

    def post(username="wei", account="new", role="rater", full_name="", language="en"):
        data = {"username": username, "account": account, "role": role, "full_name": full_name}
        data["language"] = language
        return client.post(people.address("manage_members"), data)

    return post


def link_in(answer) -> str:
    return re.search(r'value="(http[^"]+/studies/invitations/[^"]+/)"', answer.content.decode())[1]


def test_a_new_account_has_no_password_and_gets_a_link(add, people):
    answer = add(full_name="Lin Wei")
    assert answer.status_code == 200
    user = User.objects.get(username="wei")
    assert not user.has_usable_password()
    assert str(user) == "Lin Wei"
    assert people.membership(user).role == Membership.Role.RATER
    secret = link_in(answer).rstrip("/").rsplit("/", 1)[1]
    invitation = Invitation.objects.get()
    assert invitation.token_hash == hash_secret(secret)
    assert "no-store" in answer["Cache-Control"]


def test_the_link_shows_only_once(add, client, people):
    link = link_in(add())
    later = client.get(people.address("manage_members")).content.decode()
    assert link not in later
    assert "Invited" in later
    details = [str(event.details) for event in Event.objects.all()]
    assert not any(link.rsplit("/", 2)[1] in text or "wei" in text for text in details)


@pytest.mark.parametrize("role", ["rater", "observer", "coordinator"])
def test_an_account_that_exists_takes_part_without_a_link(add, people, role):
    user = make_user("wei")
    answer = add(account="existing", role=role)
    assert people.membership(user).role == role
    assert not Invitation.objects.exists()
    assert "logging in is enough" in text_of(answer)


@pytest.mark.parametrize(
    ("username", "account", "reason"),
    [
        ("nobody", "existing", "no such account"),
        ("rater", "new", "name is taken"),
        ("RATER", "new", "name is taken"),
        ("two words", "new", "valid username"),
        ("", "new", "required"),
    ],
)
def test_an_error_stands_at_the_name(add, people, username, account, reason):
    before = User.objects.count(), people.study.memberships.count()
    answer = add(username=username, account=account)
    assert answer.status_code == 422
    assert reason in answer.context["form"].errors["username"][0]
    assert (User.objects.count(), people.study.memberships.count()) == before


@pytest.mark.parametrize("username", ["rater", "withdrawn", "coordinator"])
def test_a_person_has_one_role(add, username):
    answer = add(username=username, account="existing", role="observer")
    assert answer.status_code == 422
    assert "takes part in this study already" in text_of(answer)


def test_a_closed_account_is_not_added(add, people):
    make_user("gone", is_active=False)
    answer = add(username="gone", account="existing")
    assert "closed" in answer.context["form"].errors["username"][0]


def test_an_account_that_another_study_awaits_gets_no_second_link(add, people):
    """Whoever held the link would get into the other study."""
    user = create_account(username="wei", acting_user=people.stranger)
    add_member(study=make_study(), user=user, acting_user=people.stranger)
    answer = add(account="existing")
    assert people.membership(user).is_active
    assert not Invitation.objects.exists()
    assert "Another study invited this account" in text_of(answer)


def test_a_rater_who_joins_a_running_study_rates_the_whole_sample(client, running):
    client.force_login(running.coordinator)
    data = {"username": "late", "account": "new", "role": "rater", "language": "en"}
    client.post(running.address("manage_members"), data)
    assert running.membership(User.objects.get(username="late")).assigned_count == 13


def test_no_rater_joins_once_the_work_is_shared_out(client, running):
    Study.objects.filter(pk=running.study.pk).update(raters_per_item=1)
    client.force_login(running.coordinator)
    address = running.address("manage_members")
    assert "Replace a rater instead" in text_of(client.get(address))
    answer = client.post(
        address, {"username": "late", "account": "new", "role": "rater", "language": "en"}
    )
    assert answer.status_code == 422
    assert "Replace a rater instead of adding one" in text_of(answer)
    assert not User.objects.filter(username="late").exists()
    client.post(
        address, {"username": "reader", "account": "new", "role": "observer", "language": "en"}
    )
    assert running.membership(User.objects.get(username="reader")).is_active


def test_nobody_joins_a_closed_study(client, running):
    close_study(study=running.study, acting_user=running.coordinator)
    client.force_login(running.coordinator)
    data = {"username": "late", "account": "new", "role": "rater", "language": "en"}
    answer = client.post(running.address("manage_members"), data)
    assert answer.status_code == 422
    assert not User.objects.filter(username="late").exists()


def test_only_coordinators_of_the_study_may(people, check_access):
    check_access(people, people.address("manage_members"), observer=403)
    check_access(people, people.address("manage_members"), method="post", observer=403)
