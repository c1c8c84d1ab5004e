import pytest
from django.urls import reverse

from sts_qa.accounts.queries import NOTICE_VERSION
from sts_qa.audit.models import Event
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/notice/"


@pytest.fixture
def newcomer(client):
    person = make_user(notice_version=0)
    client.force_login(person)
    return person


def accept(client, version=NOTICE_VERSION, following="/studies/"):
    return client.post(ADDRESS, {"version": version, "next": following})


def test_whoever_has_not_accepted_is_sent_to_it_from_any_page(client, newcomer):
    response = client.get(reverse("accounts:change_password") + "?a=1&b=2")
    assert response.status_code == 302
    assert response.url == f"{ADDRESS}?next=%2Faccount%2Fpassword%2F%3Fa%3D1%26b%3D2"


def test_it_says_what_is_recorded_who_sees_it_and_how_it_is_published(client, newcomer):
    page = client.get(ADDRESS, {"next": "/studies/"}).content.decode()
    for heading in ("What is recorded", "Who sees it", "How it is published"):
        assert f"<h2>{heading}</h2>" in page
    assert 'name="next" value="/studies/"' in page


def test_accepting_is_kept_recorded_and_leads_on(client, newcomer):
    response = accept(client)
    newcomer.refresh_from_db()
    assert (response.status_code, response.url) == (302, "/studies/")
    assert newcomer.notice_version == NOTICE_VERSION
    assert newcomer.notice_accepted_at is not None
    event = Event.objects.get(action="notice.accepted")
    assert (event.actor, event.details) == (str(newcomer.opaque_id), {"version": NOTICE_VERSION})
    assert client.get(reverse("accounts:change_password")).status_code == 200


def test_a_text_that_was_replaced_meanwhile_is_shown_again(client, newcomer):
    response = accept(client, version=NOTICE_VERSION - 1)
    newcomer.refresh_from_db()
    assert response.status_code == 200
    assert newcomer.notice_version == 0


def test_whoever_accepted_can_read_it_again(client):
    client.force_login(make_user())
    page = client.get(ADDRESS).content.decode()
    assert "You accepted this notice on" in page
    assert "I have read and accept this" not in page


def test_it_never_leads_to_another_server(client, newcomer):
    assert accept(client, following="https://evil.example/").url == reverse("home")


def test_without_a_log_in_one_is_sent_to_it(client):
    for response in (client.get(ADDRESS), accept(client)):
        assert response.status_code == 302
        assert response.url.startswith(reverse("accounts:log_in"))
