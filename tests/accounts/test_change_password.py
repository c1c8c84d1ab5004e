from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sts_qa.api.models import Token
from sts_qa.audit.models import Event
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/password/"
NEW = "staple horse battery"


@pytest.fixture
def person(client):
    person = make_user("mei")
    client.force_login(person)
    return person


def change(client, old=PASSWORD, new=NEW, again=NEW):
    fields = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post(ADDRESS, fields)


def test_it_changes_the_password_and_keeps_this_browser_logged_in(client, person):
    elsewhere = Client()
    elsewhere.force_login(person)

    assert change(client).url == reverse("home")

    person.refresh_from_db()
    assert person.check_password(NEW)
    assert client.get(ADDRESS).status_code == 200
    assert elsewhere.get(ADDRESS).status_code == 302
    event = Event.objects.get(action="account.password_changed")
    assert event.actor == str(person.opaque_id)
    assert event.details == {}


def test_its_rules_speak_chinese_and_politely(client, person):
    client.post(reverse("accounts:set_language"), {"language": "zh-hans"})
    rules = client.get(ADDRESS).content.decode()
    for rule in ("至少 10 个字符", "不可全为数字"):
        assert rule in rules
    assert "你" not in rules
    assert "This password" not in change(client, new="abc", again="abc").content.decode()


def test_it_names_the_tokens_that_still_work_where_they_are_revoked(client, person):
    for number, ends_in in enumerate((1, 1, -1)):
        Token.objects.create(
            user=person,
            name=f"Program {number}",
            secret_hash=str(number),
            created_by=person,
            expires_at=timezone.now() + timedelta(days=ends_in),
        )
    page = client.post(
        ADDRESS,
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW},
        follow=True,
    )
    assert page.redirect_chain == [(reverse("api:list_tokens"), 302)]
    assert "2 API tokens still work." in page.content.decode()
    assert reverse("api:revoke_all_tokens") in page.content.decode()


@pytest.mark.parametrize(
    "fields", [{"old": "wrong"}, {"again": "another one here"}, {"new": "short", "again": "short"}]
)
def test_a_wrong_entry_changes_nothing(client, person, fields):
    response = change(client, **fields)
    assert response.status_code == 422
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_without_a_log_in_one_is_sent_to_it(client):
    for response in (client.get(ADDRESS), change(client)):
        assert response.status_code == 302
        assert response.url.startswith(reverse("accounts:log_in"))
