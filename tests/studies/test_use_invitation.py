from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.accounts.models import LogInFailure, User
from sts_qa.accounts.queries import FREE_FAILURES
from sts_qa.audit.models import Event
from sts_qa.studies.actions import add_member, create_account, create_invitation, withdraw_member
from sts_qa.studies.models import Invitation
from tests.factories import PASSWORD, make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db
GOOD = "violet harbour 42"


@pytest.fixture
def invited(people):
    user = create_account(username="wei", acting_user=people.coordinator)
    return add_member(study=people.study, user=user, acting_user=people.coordinator)


@pytest.fixture
def link(people, invited):
    return address_of(create_invitation(membership=invited, acting_user=people.coordinator))


def address_of(secret: str) -> str:
    return reverse("studies:use_invitation", args=[secret])


def set_password(client, link, password=GOOD, again=None):
    return client.post(link, {"new_password1": password, "new_password2": again or password})


def test_a_new_account_sets_its_password_and_is_logged_in(client, people, link):
    page = client.get(link)
    assert "Teeth" in text_of(page)
    assert "wei" in text_of(page)
    answer = set_password(client, link)
    assert answer.status_code == 302
    user = User.objects.get(username="wei")
    assert user.check_password(GOOD)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Event.objects.filter(action="invitation.used").count() == 1


def test_who_has_used_the_link_and_opens_it_again_goes_on_to_the_study(
    client, people, invited, link
):
    set_password(client, link)
    again = client.get(link)
    assert again.status_code == 302
    assert again["Location"] == reverse("rating:rate_study", args=[people.study.public_id])
    client.logout()
    assert "used already" in text_of(client.get(link))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "at least 10 characters"), ("zh-hans", "至少需要 10 个字符")],
)
def test_a_short_password_is_refused_in_the_language_of_the_page(client, link, language, sentence):
    client.post(reverse("accounts:set_language"), {"language": language})
    refused = set_password(client, link, password="short")
    assert refused.status_code == 422
    assert sentence in text_of(refused)


def test_an_observer_arrives_at_the_study(client, people):
    user = create_account(username="eve", acting_user=people.coordinator)
    membership = add_member(
        study=people.study, user=user, role="observer", acting_user=people.coordinator
    )
    secret = create_invitation(membership=membership, acting_user=people.coordinator)
    assert set_password(client, address_of(secret))["Location"] == people.address("show_study")


def test_looking_at_the_link_does_not_use_it_up(client, link):
    for _ in range(3):
        assert client.get(link).status_code == 200
    assert Invitation.objects.get().used_at is None


def test_it_works_once(client, link):
    set_password(client, link)
    client.logout()
    again = set_password(client, link, "another violet 43")
    assert again.status_code == 410
    assert "used already" in text_of(again)
    assert User.objects.get(username="wei").check_password(GOOD)


@pytest.mark.parametrize(
    ("password", "again"),
    [("short", None), ("1234567890123", None), ("password1234", None), (GOOD, "other")],
)
def test_a_weak_or_mistyped_password_is_refused_at_its_field(client, link, password, again):
    answer = set_password(client, link, password, again)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) <= {"new_password1", "new_password2"}
    assert answer.context["form"].errors
    assert not User.objects.get(username="wei").has_usable_password()
    assert Invitation.objects.get().used_at is None


def test_an_old_link_says_so(client, link):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = client.get(link)
    assert answer.status_code == 410
    assert "too old" in text_of(answer)
    assert set_password(client, link).status_code == 410
    assert not User.objects.get(username="wei").has_usable_password()


def test_a_replaced_link_says_so(client, people, invited, link):
    create_invitation(membership=invited, acting_user=people.coordinator)
    assert "replaced by a newer one" in text_of(client.get(link))
    assert set_password(client, link).status_code == 410


def test_a_withdrawn_person_cannot_use_it(client, people, invited, link):
    withdraw_member(membership=invited, reason="Moved", acting_user=people.coordinator)
    assert "withdrawn you" in text_of(client.get(link))
    assert set_password(client, link).status_code == 410


def test_a_dead_link_names_neither_study_nor_person(client, link):
    Invitation.objects.update(expires_at=timezone.now())
    content = client.get(link).content.decode()
    assert "Teeth" not in content
    assert "wei" not in content


def test_guessing_is_slowed_down_for_right_guesses_too(client, link):
    for number in range(FREE_FAILURES):
        answer = client.get(address_of(f"guess{number}"))
        assert answer.status_code == 404
    waiting = client.get(link)
    assert waiting.status_code == 429
    assert int(waiting["Retry-After"]) >= 1
    assert "Teeth" not in waiting.content.decode()
    LogInFailure.objects.update(last_at=timezone.now() - timedelta(seconds=2))
    assert client.get(link).status_code == 200


def test_dead_links_do_not_count_as_guesses(client, link):
    Invitation.objects.update(expires_at=timezone.now())
    for _ in range(FREE_FAILURES + 1):
        assert client.get(link).status_code == 410


def test_an_account_with_a_password_logs_in_with_it_only(client, people, invited, link):
    user = invited.user
    user.set_password(PASSWORD)
    user.save()
    page = client.get(link)
    assert "new_password1" not in page.content.decode()
    assert f"{reverse('accounts:log_in')}?next={link}" in page.content.decode()
    set_password(client, link)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert "_auth_user_id" not in client.session
    client.force_login(user)
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 302
    assert Invitation.objects.get().used_at is not None


def test_who_is_logged_in_as_somebody_else_is_asked_to_log_out(client, link):
    client.force_login(make_user("other"))
    assert "for another account" in text_of(client.get(link))
    set_password(client, link)
    assert not User.objects.get(username="wei").has_usable_password()


def test_it_is_open_before_the_notice_is_accepted(client, invited, link):
    client.force_login(make_user("fresh", notice_version=0))
    assert client.get(link).status_code == 200


def test_the_address_stays_on_this_server_and_in_no_cache(client, link):
    page = client.get(link)
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
