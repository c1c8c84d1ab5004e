import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/log-out/"


def test_it_ends_the_session(client):
    client.force_login(make_user())
    response = client.post(ADDRESS)
    assert (response.status_code, response.url) == (302, reverse("accounts:log_in"))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(("secure", "header"), [(True, '"cache"'), (False, None)])
def test_it_clears_cached_pixels_where_browsers_let_it(client, secure, header):
    client.force_login(make_user())
    response = client.post(ADDRESS, secure=secure)
    assert response.headers.get("Clear-Site-Data") == header


def test_a_link_logs_nobody_out(client):
    client.force_login(make_user())
    assert client.get(ADDRESS).status_code == 405
    assert "_auth_user_id" in client.session


def test_another_site_logs_nobody_out():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    assert client.post(ADDRESS).status_code == 403
    assert "_auth_user_id" in client.session


def test_it_does_no_harm_after_the_session_has_ended(client):
    assert client.post(ADDRESS).status_code == 302


def test_the_form_names_the_account_by_a_key_that_tells_no_name(client):
    person = make_user("lin-wei")
    client.force_login(person)
    page = client.get(reverse("accounts:change_password")).content.decode()
    key = page.split('data-account="')[1].split('"')[0]
    assert len(key) == 16
    assert key not in str(person.opaque_id).replace("-", "")

    client.force_login(make_user())
    assert key not in client.get(reverse("accounts:change_password")).content.decode()
