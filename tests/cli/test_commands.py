"""On whose behalf a command acts."""

import pytest
from django.core.management import CommandError

from sts_qa.cli.commands import acting_user
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_the_person_named_acts():
    make_user(is_superuser=True)
    person = make_user("mei")
    assert acting_user({"acting_user": "mei"}) == person


def test_by_default_the_only_superuser_acts():
    make_user()
    make_user(is_superuser=True, is_active=False)
    superuser = make_user(is_superuser=True)
    assert acting_user({"acting_user": ""}) == superuser


def test_of_two_superusers_one_must_be_named():
    make_user(is_superuser=True)
    make_user(is_superuser=True)
    with pytest.raises(CommandError, match=r"more than one superuser.*--as USER"):
        acting_user({})


def test_without_a_superuser_somebody_must_be_named():
    make_user(coordinator=True)
    with pytest.raises(CommandError, match=r"no superuser.*--as USER"):
        acting_user({})


def test_an_unknown_name_is_refused():
    with pytest.raises(CommandError, match="--as nobody: there is no such user"):
        acting_user({"acting_user": "nobody"})


def test_a_closed_account_does_not_act():
    make_user("mei", is_active=False)
    with pytest.raises(CommandError, match="--as mei: this account is closed"):
        acting_user({"acting_user": "mei"})
