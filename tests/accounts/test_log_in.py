import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.accounts.models import LogInFailure
from sts_qa.accounts.queries import DEMONSTRATION_FILE, FREE_FAILURES, LONGEST_WAIT_SECONDS
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/log-in/"


@pytest.fixture
def person():
    return make_user("mei")


def log_in(client, username="mei", password=PASSWORD, **fields):
    return client.post(ADDRESS, {"username": username, "password": password, **fields})


def is_logged_in(client) -> bool:
    return "_auth_user_id" in client.session


def fail(client, times, username="mei"):
    for _ in range(times):
        log_in(client, username=username, password="wrong")


def let_pass(seconds):
    for failure in LogInFailure.objects.all():
        failure.last_at = timezone.now() - timedelta(seconds=seconds)
        failure.save()


def test_the_page_is_open_to_everyone(client):
    assert client.get(ADDRESS).status_code == 200


def test_name_and_password_log_in(client, person):
    response = log_in(client)
    assert (response.status_code, response.url) == (302, reverse("home"))
    assert is_logged_in(client)


def test_who_is_logged_in_already_goes_on(client, person):
    client.force_login(person)
    assert client.get(ADDRESS).status_code == 302


def test_it_leads_to_the_page_that_was_asked_for(client, person):
    assert log_in(client, next="/studies/?a=1").url == "/studies/?a=1"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_it_never_leads_to_another_server(client, person, address):
    assert log_in(client, next=address).url == reverse("home")


def test_the_answer_is_the_same_for_a_wrong_name_and_a_wrong_password(client, person):
    wrong_password = log_in(client, password="wrong")
    wrong_name = log_in(client, username="nobody", password="wrong")
    sentence = "User name and password do not belong together."
    assert sentence in wrong_password.content.decode()
    assert sentence in wrong_name.content.decode()
    assert not is_logged_in(client)


def test_a_closed_account_gets_the_same_answer(client, person):
    person.is_active = False
    person.save()
    assert "do not belong together" in log_in(client).content.decode()
    assert not is_logged_in(client)


@pytest.mark.parametrize("username", ["mei", "nobody"])
def test_after_some_failures_even_the_right_password_must_wait(client, person, username):
    fail(client, FREE_FAILURES, username)
    response = log_in(client, username=username)
    assert "Too many failed log-ins under this name. Wait 1 second." in response.content.decode()
    assert not is_logged_in(client)


def test_few_failures_do_not_make_anyone_wait(client, person):
    fail(client, FREE_FAILURES - 1)
    log_in(client)
    assert is_logged_in(client)


def test_each_further_failure_doubles_the_wait(client, person):
    fail(client, FREE_FAILURES)
    let_pass(1)
    fail(client, 1)
    assert "Wait 2 seconds." in log_in(client).content.decode()
    let_pass(2)
    log_in(client)
    assert is_logged_in(client)


def test_nobody_waits_longer_than_a_minute(client, person):
    fail(client, FREE_FAILURES)
    LogInFailure.objects.update(count=1000)
    let_pass(LONGEST_WAIT_SECONDS)
    log_in(client)
    assert is_logged_in(client)


def test_the_failures_of_one_name_do_not_slow_another(client, person):
    fail(client, FREE_FAILURES + 3, username="other")
    log_in(client)
    assert is_logged_in(client)


def test_capital_letters_make_no_second_count(client, person):
    fail(client, FREE_FAILURES, username="MEI")
    assert "Too many" in log_in(client).content.decode()


def test_a_log_in_forgets_the_failures(client, person):
    fail(client, FREE_FAILURES - 1)
    log_in(client)
    assert not LogInFailure.objects.exists()


def test_what_was_typed_as_a_name_is_not_kept(client):
    fail(client, 1, username="my-secret-password")
    row = str(LogInFailure.objects.values().get())
    assert "my-secret-password" not in row


def test_the_language_of_the_account_follows_it_to_a_new_browser(client, person):
    person.language = "zh-hans"
    person.save()
    assert log_in(client).cookies["django_language"].value == "zh-hans"


def test_the_accounts_of_a_demonstration_are_shown_there_only(client, settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    accounts = [{"username": "rater1", "password": "s3cret-of-demo", "role": "Rater"}]
    (tmp_path / DEMONSTRATION_FILE).write_text(json.dumps(accounts))

    settings.DEMONSTRATION = False
    assert "s3cret-of-demo" not in client.get(ADDRESS).content.decode()
    settings.DEMONSTRATION = True
    assert "s3cret-of-demo" in client.get(ADDRESS).content.decode()
