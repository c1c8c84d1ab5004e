import pytest

from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/theme/"


def test_the_choice_belongs_to_the_account_and_the_browser(client):
    person = make_user()
    client.force_login(person)
    response = client.post(ADDRESS, {"theme": "dark", "next": "/studies/"})
    person.refresh_from_db()
    assert (response.status_code, response.url) == (302, "/studies/")
    assert person.theme == response.cookies["theme"].value == "dark"


def test_without_an_account_the_browser_keeps_it(client):
    client.post(ADDRESS, {"theme": "light"})
    assert 'data-theme="light"' in client.get("/account/log-in/").content.decode()


def test_it_is_open_before_the_notice_is_accepted(client):
    client.force_login(make_user(notice_version=0))
    assert client.post(ADDRESS, {"theme": "dark", "next": "/studies/"}).url == "/studies/"


@pytest.mark.parametrize("theme", ["", "pink", 'x" onload="'])
def test_another_value_is_refused(client, theme):
    response = client.post(ADDRESS, {"theme": theme})
    assert response.status_code == 400
    assert "theme" not in response.cookies


def test_it_never_leads_to_another_server(client):
    assert client.post(ADDRESS, {"theme": "dark", "next": "//evil.example"}).url == "/"


def test_a_link_changes_nothing(client):
    assert client.get(ADDRESS).status_code == 405
