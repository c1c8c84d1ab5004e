"""The same request sent twice is carried out once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from sts_qa.api import idempotency
from sts_qa.api.idempotency import BROKEN_OFF_AFTER, FORGOTTEN_EVERY
from sts_qa.api.models import IdempotentAnswer
from sts_qa.api.problems import Problem
from sts_qa.audit.models import Event
from tests.api import small_api
from tests.api.conftest import ApiClient, is_problem
from tests.factories import make_user
from tests.rating.helpers import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.small_api")]
THINGS, UPLOADS, SECRETS = (f"/api/v1/{name}/" for name in ("things", "uploads", "secrets"))


@pytest.fixture(autouse=True)
def no_hooks():
    small_api.HOOKS.clear()


def send(program, name="x", key="k", address=THINGS):
    return program.post(address, {"name": name}, headers={"Idempotency-Key": key})


def made() -> int:
    return Event.objects.filter(action="thing.created").count()


def test_a_resend_gets_the_first_answer(token_client, owner):
    program = token_client(owner)
    first, again = send(program), send(program)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Location"] == "/made/"
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert made() == 1


def test_the_order_of_fields_does_not_matter_their_values_do(token_client, owner):
    program = token_client(owner)
    headers = {"Idempotency-Key": "k"}
    program.post(THINGS, b'{"name": "x", "count": 1}', headers=headers)
    assert program.post(THINGS, b'{"count":1,"name":"x"}', headers=headers).status_code == 201
    response = program.post(THINGS, b'{"count":2,"name":"x"}', headers=headers)
    assert is_problem(response, 422, "idempotency-key-reused")
    assert is_problem(send(program, address=UPLOADS), 422, "idempotency-key-reused")
    assert made() == 1


def test_a_key_belongs_to_its_account(token_client, owner):
    send(token_client(owner))
    assert send(token_client(make_user())).status_code == 201
    # Another token of the same account is the same account
    assert send(token_client(owner))["Idempotency-Replayed"] == "true"
    assert made() == 2


def test_it_is_needed_where_declared(token_client, owner):
    program = token_client(owner)
    assert is_problem(program.post(THINGS, {"name": "x"}), 400, "idempotency-key-missing")
    assert program.post(UPLOADS, {"name": "x"}).status_code == 201
    assert is_problem(send(program, key="", address=UPLOADS), 400, "malformed")
    for key in ("k" * 201, "käse"):
        assert is_problem(send(program, key=key), 400, "malformed")
    assert made() == 0


def test_after_a_refusal_nothing_is_kept(token_client, owner):
    program = token_client(owner)
    program.raise_request_exception = False

    def fail():
        raise RuntimeError

    for address in (THINGS, UPLOADS):
        small_api.HOOKS["before"] = fail
        assert send(program, address=address, key=address).status_code == 500
        small_api.HOOKS.clear()
        assert send(program, address=address, key=address).status_code == 201
    small_api.HOOKS["after"] = fail
    assert send(program, key="later").status_code == 500
    assert made() == 1
    assert not IdempotentAnswer.objects.filter(key="later").exists()


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"[" * 100_000, "application/json"),
        (b"{", "application/json"),
        (b"x", "text/plain"),
        (b"x", "multipart/form-data"),
    ],
)
def test_a_body_that_nobody_asked_for_is_not_read(token_client, owner, body, media_type):
    program = token_client(owner)
    for _time in range(2):
        answer = program.post("/api/v1/end/", body, media_type, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 204
    assert Event.objects.filter(action="thing.ended").count() == 1


def test_a_secret_is_neither_kept_nor_told_again(token_client, owner):
    program = token_client(owner)
    assert send(program, "hidden", address=SECRETS).json() == {"name": "hidden"}
    assert "hidden" not in IdempotentAnswer.objects.get().body
    assert is_problem(send(program, "hidden", address=SECRETS), 409, "shown-once")


def test_answers_are_kept_for_a_week(token_client, owner):
    program = token_client(owner)
    send(program)
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(days=6, hours=23))
    assert send(program)["Idempotency-Replayed"] == "true"
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(days=7, minutes=1))
    others = [f"other {number}" for number in range(FORGOTTEN_EVERY)]
    for key in others:
        send(program, key=key)
    assert sorted(kept.key for kept in IdempotentAnswer.objects.all()) == sorted(others)


@pytest.mark.django_db(transaction=True)
def test_who_is_refused_for_what_the_same_request_did_gets_its_answer(secret_of, monkeypatch):
    looked_up = threading.Barrier(2, timeout=10)
    look_up = idempotency._kept

    def look_up_together(*arguments):
        found = look_up(*arguments)
        if not made():
            looked_up.wait()
        return found

    def refuse_the_second():
        if made():
            raise Problem("refused", "The name is taken.")

    monkeypatch.setattr(idempotency, "_kept", look_up_together)
    small_api.HOOKS["before"] = refuse_the_second

    def ask():
        response = send(ApiClient(headers=secret_of))
        return response.status_code, response.get("Idempotency-Replayed")

    assert sorted(at_once(ask, ask), key=str) == [(201, "true"), (201, None)]
    assert made() == 1


def test_files_count_with_their_content(rf):
    from rest_framework.parsers import MultiPartParser
    from rest_framework.request import Request

    from sts_qa.api.idempotency import fingerprint

    def of(content: bytes, name: str = "a.zip") -> str:
        given = {"layout": "auto", "archive": SimpleUploadedFile(name, content)}
        request = Request(rf.post("/x/", given), parsers=[MultiPartParser()])
        found = fingerprint(request)
        assert request.FILES["archive"].read() == content
        return found

    assert of(b"one") == of(b"one")
    assert len({of(b"one"), of(b"two"), of(b"one", "b.zip")}) == 3


@pytest.fixture
def secret_of(token_client, owner) -> dict[str, str]:
    return token_client(owner).headers_sent


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_waits_for_the_first(secret_of):
    def ask():
        response = send(ApiClient(headers=secret_of))
        return response.status_code, response.get("Idempotency-Replayed")

    assert sorted(at_once(*[ask] * 4), key=str) == [
        (201, "true"),
        (201, "true"),
        (201, "true"),
        (201, None),
    ]
    assert made() == 1


@pytest.mark.django_db(transaction=True)
def test_while_long_work_goes_on_the_second_is_told_to_come_later(secret_of):
    working, told = threading.Event(), threading.Event()

    def work():
        working.set()
        assert told.wait(20)

    small_api.HOOKS["before"] = work

    def first():
        return send(ApiClient(headers=secret_of), address=UPLOADS).status_code

    def second():
        assert working.wait(20)
        response = send(ApiClient(headers=secret_of), address=UPLOADS)
        told.set()
        return is_problem(response, 409, "in-progress"), response["Retry-After"]

    assert at_once(first, second) == [201, (True, "1")]
    assert send(ApiClient(headers=secret_of), address=UPLOADS)["Idempotency-Replayed"] == "true"


def die(program, age: timedelta, name: str = "x") -> None:
    """Leave what a process leaves that was killed while it acted."""
    send(program, name, address=UPLOADS)
    begun = timezone.now() - age
    IdempotentAnswer.objects.update(status=None, body="", headers={}, created_at=begun)


def test_what_died_with_its_process_is_carried_out_again_by_the_same_request(token_client, owner):
    program = token_client(owner)
    acts = []
    small_api.HOOKS["before"] = lambda: acts.append(1)
    die(program, BROKEN_OFF_AFTER - timedelta(minutes=1))
    assert is_problem(send(program, address=UPLOADS), 409, "in-progress")
    die_at = timezone.now() - BROKEN_OFF_AFTER - timedelta(seconds=1)
    IdempotentAnswer.objects.update(created_at=die_at)
    assert is_problem(send(program, "another", address=UPLOADS), 409, "in-progress")
    assert len(acts) == 1
    answers = [send(program, address=UPLOADS) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert [one.get("Idempotency-Replayed") for one in answers] == [None, "true"]
    assert len(acts) == 2


def test_what_is_refused_when_carried_out_again_leaves_its_key_free(token_client, owner):
    program = token_client(owner)
    die(program, 2 * BROKEN_OFF_AFTER)

    def refuse():
        raise Problem("refused", "The name is taken.")

    small_api.HOOKS["before"] = refuse
    assert is_problem(send(program, address=UPLOADS), 409, "refused")
    assert not IdempotentAnswer.objects.exists()


def test_who_was_taken_for_dead_does_not_free_the_key_of_another(token_client, owner):
    program = token_client(owner)
    taken_over = timezone.now() + timedelta(seconds=1)

    def be_slow():
        IdempotentAnswer.objects.update(created_at=taken_over)
        raise Problem("refused", "The name is taken.")

    small_api.HOOKS["before"] = be_slow
    assert is_problem(send(program, address=UPLOADS), 409, "refused")
    assert IdempotentAnswer.objects.get().created_at == taken_over


@pytest.mark.django_db(transaction=True)
def test_of_several_only_one_takes_over(secret_of, monkeypatch):
    die(ApiClient(headers=secret_of), 2 * BROKEN_OFF_AFTER)
    found, acts = threading.Barrier(3, timeout=20), []
    look_up = idempotency._kept

    def look_up_together(*arguments):
        kept = look_up(*arguments)
        found.wait()
        return kept

    monkeypatch.setattr(idempotency, "_kept", look_up_together)
    small_api.HOOKS["before"] = lambda: acts.append(1)

    def ask():
        return send(ApiClient(headers=secret_of), address=UPLOADS).status_code

    assert sorted(at_once(ask, ask, ask)) == [201, 409, 409]
    assert len(acts) == 1
