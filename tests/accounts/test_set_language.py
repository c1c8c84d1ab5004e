import pytest
from django.conf import settings

from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/language/"


def test_the_choice_belongs_to_the_account_and_the_browser(client):
    person = make_user()
    client.force_login(person)
    response = client.post(ADDRESS, {"language": "zh-hans", "next": "/studies/"})
    person.refresh_from_db()
    assert (response.status_code, response.url) == (302, "/studies/")
    assert person.language == response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"


def test_the_pages_follow_it(client):
    client.post(ADDRESS, {"language": "zh-hans"})
    assert '<html lang="zh-hans"' in client.get("/account/log-in/").content.decode()


def test_it_is_open_before_the_notice_is_accepted(client):
    client.force_login(make_user(notice_version=0))
    assert client.post(ADDRESS, {"language": "en", "next": "/studies/"}).url == "/studies/"


@pytest.mark.parametrize("language", ["", "fr", "xx-yy"])
def test_a_language_that_is_not_offered_is_refused(client, language):
    response = client.post(ADDRESS, {"language": language})
    assert response.status_code == 400
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_a_link_changes_nothing(client):
    assert client.get(ADDRESS).status_code == 405
