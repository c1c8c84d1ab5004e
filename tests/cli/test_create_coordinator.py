import getpass
import io
import sys

import pytest
from django.core.management import CommandError, call_command

from sts_qa.accounts.models import User
from sts_qa.accounts.queries import may_coordinate
from sts_qa.audit.models import Event
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def password_file(tmp_path):
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


@pytest.fixture
def terminal(monkeypatch):
    """Return a function that prepares what a person types."""

    def answer(*passwords, username=""):
        monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
        typed = iter(passwords)
        monkeypatch.setattr(getpass, "getpass", lambda prompt: next(typed))
        names = iter([username] if isinstance(username, str) else username)
        monkeypatch.setattr("builtins.input", lambda prompt: next(names))

    return answer


def create(*arguments):
    output = io.StringIO()
    call_command("create_coordinator", *map(str, arguments), stdout=output)
    return output.getvalue()


def test_the_account_may_coordinate_and_is_recorded_without_its_name(password_file):
    output = create("mei", "--password-file", password_file)
    user = User.objects.get(username="mei")
    assert user.check_password(PASSWORD)
    assert (may_coordinate(user), user.is_superuser) == (True, False)
    assert PASSWORD not in output
    event = Event.objects.get(action="account.created")
    assert event.details == {
        "account": str(user.opaque_id),
        "coordinator": True,
        "superuser": False,
    }


def test_a_superuser_is_made_on_request(password_file):
    create("mei", "--superuser", "--password-file", password_file)
    assert User.objects.get(username="mei").is_superuser


def test_the_password_is_asked_for_twice(terminal):
    terminal(PASSWORD, PASSWORD)
    create("mei")
    assert User.objects.get(username="mei").check_password(PASSWORD)


def test_the_name_is_asked_for_when_it_is_not_given(terminal):
    terminal(PASSWORD, PASSWORD, username="mei")
    create("--superuser")
    assert User.objects.filter(username="mei").exists()


def test_an_empty_name_is_asked_for_again(terminal):
    terminal(PASSWORD, PASSWORD, username=["", " ", "mei"])
    create()
    assert [user.username for user in User.objects.all()] == ["mei"]


def test_two_different_passwords_are_asked_for_again(terminal, capsys):
    terminal(PASSWORD, "another", PASSWORD, PASSWORD)
    create("mei")
    assert "differ" in capsys.readouterr().err
    assert User.objects.get().check_password(PASSWORD)


def test_a_weak_password_is_asked_for_again(terminal, capsys):
    terminal("short", "short", PASSWORD, PASSWORD)
    create("mei")
    assert "too short" in capsys.readouterr().err
    assert User.objects.get().check_password(PASSWORD)


def test_a_name_that_is_taken_ends_the_questions(terminal):
    make_user("mei")
    terminal(PASSWORD, PASSWORD)
    with pytest.raises(CommandError, match="already exists"):
        create("mei")


def test_without_a_terminal_it_says_how_to_give_the_password(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CommandError, match="--password-file"):
        create("mei")


@pytest.mark.parametrize(
    ("content", "reason"), [("short", "too short"), ("", "first line is empty"), (None, "cannot")]
)
def test_a_password_that_cannot_be_used_is_refused_with_the_reason(tmp_path, content, reason):
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CommandError, match=reason):
        create("mei", "--password-file", file)
    assert not User.objects.exists()


def test_a_name_that_is_taken_is_refused(password_file):
    make_user("mei")
    with pytest.raises(CommandError, match=r"mei: .*already exists"):
        create("mei", "--password-file", password_file)
