"""The event log: what is written, that it only grows, and that tampering shows."""

import hashlib
import json
import threading

import pytest
from django.db import connection, transaction

from sts_qa.audit import actions as audit
from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links, canonical_bytes, events_of
from tests.factories import make_user

# A chain of the tests' own: setting an installation up writes events too
CHAIN = audit.study_chain(7)


@pytest.fixture
def person(db):
    return make_user("lin.wei", email="lin@example.org", first_name="Lin")


def record(person, **details) -> Event:
    with transaction.atomic():
        return audit.record(
            chain=CHAIN, action="thing.done", acting_user=person, subject=person, details=details
        )


def faults() -> list[str]:
    return [fault for chain in Chain.objects.all() for fault in broken_links(chain)]


def execute(statement: str, *parameters) -> None:
    """Tamper below Django, as somebody with access to the database would."""
    own = "chain_id = (SELECT id FROM audit_chain WHERE name = 'study:7')"
    with connection.cursor() as cursor:
        cursor.execute(statement.format(own=own), parameters)


def test_an_event_holds_who_did_what_to_what(person):
    record(person, size=3)
    event = Event.objects.get(chain__name=CHAIN)
    assert (event.actor, event.action) == (str(person.opaque_id), "thing.done")
    assert (event.object_type, event.object_id) == ("accounts.user", str(person.pk))
    assert event.details == {"size": 3}


def test_the_hash_is_that_of_the_documented_bytes(person):
    event = record(person, text="牙", number=1.5)
    content = {
        "chain": CHAIN,
        "number": 1,
        "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"),
        "actor": str(person.opaque_id),
        "action": "thing.done",
        "object_type": "accounts.user",
        "object_id": str(person.pk),
        "details": {"number": 1.5, "text": "牙"},
        "previous_hash": "",
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert event.hash == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_what_people_write_stays_out_of_the_hashed_part(person):
    with transaction.atomic():
        event = audit.record(
            chain=CHAIN, action="a.b", acting_user=person, subject=person, note="Dr Lin is ill"
        )
    event = Event.objects.get(pk=event.pk)
    assert event.note == "Dr Lin is ill"
    hashed = hashlib.sha256(f"{event.note_salt}Dr Lin is ill".encode()).hexdigest()
    assert event.details == {"note_sha256": hashed}
    assert b"Lin" not in canonical_bytes(event, CHAIN)
    assert faults() == []


def test_a_note_may_be_blanked_but_not_rewritten(person):
    with transaction.atomic():
        audit.record(chain=CHAIN, action="a.b", acting_user=person, subject=person, note="Ill")
    execute("UPDATE audit_event SET note = 'Well' WHERE {own}")
    assert faults() == [f"{CHAIN}: the note of event 1 was changed after it was written."]
    execute("UPDATE audit_event SET note = '', note_salt = '' WHERE {own}")
    assert faults() == []


def test_each_event_quotes_the_one_before_it(person):
    first, second = record(person), record(person)
    assert (first.number, second.number) == (1, 2)
    assert second.previous_hash == first.hash


def test_many_events_at_once_continue_the_chain_in_their_order(person):
    record(person)
    with transaction.atomic():
        acts = [audit.Act(person, {"size": size}) for size in (3, 1, 2)]
        acts.append(audit.Act(person, note="why"))
        audit.record_many(chain=CHAIN, action="thing.done", acting_user=person, acts=acts)
        audit.record_many(chain=CHAIN, action="thing.done", acting_user=person, acts=[])
    record(person)
    events = events_of(CHAIN)
    assert [event.number for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event.details.get("size") for event in events[1:4]] == [3, 1, 2]
    assert events[4].note == "why"
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert faults() == []


def test_chains_are_counted_apart(person):
    with transaction.atomic():
        for chain in (audit.study_chain(8), audit.dataset_chain(8), audit.study_chain(8)):
            audit.record(chain=chain, action="a.b", acting_user=None, subject=person)
    assert [event.number for event in events_of("study:8")] == [1, 2]
    assert [event.number for event in events_of("dataset:8")] == [1]
    assert faults() == []


def test_no_name_or_address_of_the_person_is_written(person):
    record(person)
    row = json.dumps(Event.objects.values().get(chain__name=CHAIN), default=str)
    for private in ("lin.wei", "lin@example.org", "Lin"):
        assert private not in row


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded():
    person = make_user()
    with pytest.raises(transaction.TransactionManagementError):
        audit.record(action="a.b", acting_user=person, subject=person)
    assert not Event.objects.filter(action="a.b").exists()


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_leaves_no_event_and_no_gap():
    person = make_user()
    record(person)
    with transaction.atomic():
        audit.record(chain=CHAIN, action="a.b", acting_user=person, subject=person)
        transaction.set_rollback(True)
    record(person)
    assert [event.number for event in events_of(CHAIN)] == [1, 2]
    assert faults() == []


def test_events_cannot_be_changed_or_deleted(person):
    event = record(person)
    with pytest.raises(TypeError, match="append-only"):
        event.save()
    with pytest.raises(TypeError, match="append-only"):
        event.delete()
    with pytest.raises(TypeError, match="append-only"):
        Event.objects.update(action="x")
    with pytest.raises(TypeError, match="append-only"):
        Event.objects.all().delete()
    with pytest.raises(TypeError, match="append-only"):
        event.chain.events.all().delete()


TAMPERINGS = {
    "another action": (
        "UPDATE audit_event SET action = 'nothing' WHERE number = 2 AND {own}",
        "changed",
    ),
    "another actor": ("UPDATE audit_event SET actor = '' WHERE number = 2 AND {own}", "changed"),
    "one removed": ("DELETE FROM audit_event WHERE number = 2 AND {own}", "event 2 is missing"),
    "the last removed": ("DELETE FROM audit_event WHERE number = 4 AND {own}", "missing"),
    "the first removed": (
        "DELETE FROM audit_event WHERE number = 1 AND {own}",
        "event 1 is missing",
    ),
    "another hash": (
        "UPDATE audit_event SET hash = previous_hash WHERE number = 3 AND {own}",
        "changed",
    ),
    "end cut off": ("UPDATE audit_chain SET length = 3 WHERE name = 'study:7'", "fewer"),
}


@pytest.mark.parametrize(("statement", "fault"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_shows(person, statement, fault):
    for number in range(4):
        record(person, number=number)
    assert faults() == []
    execute(statement)
    assert any(fault in sentence for sentence in faults())


def test_two_events_in_the_other_order_show(person):
    for number in range(3):
        record(person, number=number)
    execute("UPDATE audit_event SET number = 99 WHERE number = 1 AND {own}")
    execute("UPDATE audit_event SET number = 1 WHERE number = 2 AND {own}")
    execute("UPDATE audit_event SET number = 2 WHERE number = 99 AND {own}")
    assert any("does not follow" in sentence for sentence in faults())


def test_a_later_event_made_to_fit_a_changed_one_shows_in_the_head(person):
    """Whoever rewrites an event and all after it must also rewrite the head, kept elsewhere too."""
    for number in range(2):
        record(person, number=number)
    execute("UPDATE audit_event SET action = 'x', hash = %s WHERE number = 2 AND {own}", "0" * 64)
    assert any("replaced" in sentence for sentence in faults())


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_keep_one_chain_without_gaps():
    person = make_user()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(10):
                record(person)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failures == []
    assert [event.number for event in events_of(CHAIN)] == list(range(1, 51))
    assert faults() == []
