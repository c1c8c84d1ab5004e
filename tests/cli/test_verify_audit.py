import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from sts_qa.audit import actions as audit
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_events():
    person = make_user()
    with transaction.atomic():
        return [
            audit.record(chain="study:7", action="a.b", acting_user=person, subject=person)
            for _ in range(3)
        ]


def test_a_whole_log_is_said_to_be_whole_and_its_last_hash_is_printed(three_events):
    output = io.StringIO()
    call_command("verify_audit", stdout=output)
    assert f"study:7 3 {three_events[-1].hash}" in output.getvalue()


def test_a_broken_log_ends_with_an_error_that_names_the_place(three_events):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_event SET action = 'other' WHERE number = 2 AND action = 'a.b'"
        )
    output = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("verify_audit", stdout=output)
    assert error.value.returncode == 1
    assert "event 2 was changed" in output.getvalue()
