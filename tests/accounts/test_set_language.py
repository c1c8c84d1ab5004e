"""The switch of languages, and which language a page speaks."""

import re

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import translation

from sts_qa.accounts import languages
from sts_qa.accounts.models import User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/language/"
LOG_IN = "/account/log-in/"


def language_of(response) -> str:
    return re.search(r'<html lang="([^"]+)"', response.content.decode())[1]


def test_the_choice_belongs_to_the_account_and_the_browser(client):
    person = make_user()
    client.force_login(person)
    response = client.post(ADDRESS, {"language": "zh-hans", "next": "/studies/"})
    person.refresh_from_db()
    assert (response.status_code, response.url) == (302, "/studies/")
    assert person.language == response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"


def test_the_pages_follow_it(client):
    client.post(ADDRESS, {"language": "zh-hans"})
    assert language_of(client.get(LOG_IN)) == "zh-hans"


def test_without_a_choice_they_follow_the_browser(client):
    assert language_of(client.get(LOG_IN)) == "en"
    assert language_of(client.get(LOG_IN, headers={"Accept-Language": "zh-CN,zh"})) == "zh-hans"


def test_the_account_goes_before_the_cookie_and_the_browser(client):
    client.force_login(make_user(language="zh-hans"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    response = client.get("/studies/", headers={"Accept-Language": "en"})
    assert language_of(response) == response.headers["Content-Language"] == "zh-hans"


def test_the_cookie_goes_before_the_browser(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert language_of(client.get(LOG_IN, headers={"Accept-Language": "zh"})) == "en"


def test_one_request_leaves_no_language_to_the_next(client):
    client.force_login(make_user(language="zh-hans"))
    client.get("/studies/")
    client.logout()
    assert language_of(client.get(LOG_IN)) == "en"
    assert translation.get_language() == "en"


def test_it_is_open_before_the_notice_is_accepted(client):
    client.force_login(make_user(notice_version=0))
    assert client.post(ADDRESS, {"language": "en", "next": "/studies/"}).url == "/studies/"


@pytest.mark.parametrize("language", ["", "fr", "xx-yy"])
def test_a_language_that_is_not_offered_is_refused(client, language):
    response = client.post(ADDRESS, {"language": language})
    assert response.status_code == 400
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_it_never_leads_to_another_server(client, address):
    assert client.post(ADDRESS, {"language": "en", "next": address}).url == "/"


def test_a_link_changes_nothing(client):
    assert client.get(ADDRESS).status_code == 405


def test_a_choice_made_before_the_first_log_in_becomes_the_account_s(client):
    make_user("mei")
    client.post(ADDRESS, {"language": "zh-hans"})
    client.post(LOG_IN, {"username": "mei", "password": PASSWORD})
    assert User.objects.get().language == "zh-hans"
    assert language_of(client.get("/studies/")) == "zh-hans"


def test_what_somebody_switched_on_the_log_in_page_does_not_change_an_account_that_has_one(client):
    make_user("mei", language="zh-hans")
    client.post(ADDRESS, {"language": "en"})
    client.post(LOG_IN, {"username": "mei", "password": PASSWORD})
    assert User.objects.get().language == "zh-hans"
    assert language_of(client.get("/studies/")) == "zh-hans"


def test_an_account_without_a_language_keeps_that_of_the_page_of_its_first_log_in(client):
    make_user("mei")
    chinese = {"Accept-Language": "zh-CN,zh"}
    assert language_of(client.get(LOG_IN, headers=chinese)) == "zh-hans"
    client.post(LOG_IN, {"username": "mei", "password": PASSWORD}, headers=chinese)
    assert User.objects.get().language == "zh-hans"
    assert language_of(client.get("/studies/", headers={"Accept-Language": "en"})) == "zh-hans"
    client.post("/account/log-out/")
    client.cookies.clear()
    client.post(LOG_IN, {"username": "mei", "password": PASSWORD})
    assert User.objects.get().language == "zh-hans"


def test_who_fails_to_log_in_changes_no_account(client):
    make_user("mei")
    wrong = {"username": "mei", "password": "no"}
    client.post(LOG_IN, wrong, headers={"Accept-Language": "zh"})
    assert User.objects.get().language == ""


@pytest.mark.parametrize("language", ["", "fr"])
def test_without_one_that_is_offered_an_account_is_spoken_to_as_it_is_counted(client, language):
    person = make_user(language=language)
    client.force_login(person)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    response = client.get("/studies/", headers={"Accept-Language": "zh-CN"})
    counted = languages.language_of(person)
    assert language_of(response) == response.headers["Content-Language"] == counted == "en"


@pytest.mark.parametrize("address", [LOG_IN, "/no-such-page/", "/account/notice/", "/studies/"])
def test_every_page_has_the_switch(client, address):
    client.force_login(make_user(notice_version=0 if "notice" in address else 1))
    if address == LOG_IN:
        client.logout()
    content = client.get(address).content.decode()
    assert f'action="{ADDRESS}"' in content
    assert re.search(r'lang="en" aria-pressed="true">English<', content)
    assert re.search(r'lang="zh-hans" aria-pressed="false">中文<', content)
    assert f'name="next" value="{address}"' in content


def test_after_a_form_was_refused_the_switch_leads_to_the_page_with_the_form(client):
    client.force_login(make_user())
    page = "http://testserver/studies/"
    response = client.post("/datasets/new/", headers={"Referer": page})
    assert response.status_code == 403
    assert f'name="next" value="{page}"' in response.content.decode()
    elsewhere = client.post("/datasets/new/", headers={"Referer": "https://evil.example/"})
    assert 'name="next" value="/"' in elsewhere.content.decode()


def test_the_page_of_a_refused_form_has_the_switch():
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    response = client.post(LOG_IN, {})
    assert (response.status_code, language_of(response)) == (403, "zh-hans")
    assert f'action="{ADDRESS}"' in response.content.decode()


def test_the_page_of_a_broken_server_speaks_every_language_without_the_database(
    client, monkeypatch
):
    def broken(*arguments, **options):
        raise OperationalError("no database")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
    monkeypatch.setattr("sts_qa.accounts.context_processors.page_frame", broken)
    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    response = client.get("/studies/")
    assert (response.status_code, language_of(response)) == (500, "zh-hans")
    spoken = re.findall(r'<section lang="([^"]+)">', response.content.decode())
    assert spoken == ["zh-hans", "en"]
