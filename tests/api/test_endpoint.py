"""What holds for every endpoint: log-in, scopes, limits, reading, answering, lists."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import chain

import pytest
from django.test import Client
from django.utils import timezone

from sts_qa.accounts.queries import NOTICE_VERSION
from sts_qa.api.actions import create_token
from sts_qa.api.models import Token
from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Item
from sts_qa.studies.actions import create_model_rater
from tests.api import small_api
from tests.api.conftest import ApiClient, fields_at_fault, is_problem
from tests.factories import PASSWORD, make_dataset, make_item, make_study, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.small_api")]
THINGS = "/api/v1/things/"
KEY = {"Idempotency-Key": "k"}


@pytest.fixture(autouse=True)
def no_hooks():
    small_api.HOOKS.clear()


@pytest.fixture
def program(token_client, owner):
    return token_client(owner)


def make_items(number: int) -> list[str]:
    dataset = make_dataset()
    return [make_item(dataset, f"{number:04}.png").key for number in range(number)]


# Who asks


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer a b", "Bearer stsqa_unknown", "Bearer ünïcode", "Basic eDp5"]
)
def test_without_a_usable_token_it_is_401_with_the_scheme(header):
    response = ApiClient(headers={"Authorization": header}).get(THINGS)
    assert is_problem(response, 401, "log-in")
    assert response["WWW-Authenticate"] == 'Bearer realm="STS-QA"'


def test_a_token_ends_with_its_date_its_revocation_and_its_account(token_client, owner):
    now = timezone.now()
    for changes in ({"expires_at": now}, {"revoked_at": now}):
        program = token_client(owner)
        assert program.get(THINGS).status_code == 200
        Token.objects.filter(pk=program.token.pk).update(**changes)
        assert is_problem(program.get(THINGS), 401, "log-in")
    program = token_client(owner)
    owner.is_active = False
    owner.save()
    assert is_problem(program.get(THINGS), 401, "log-in")


def test_the_last_use_is_kept_to_the_minute(program):
    program.get(THINGS)
    first = Token.objects.get().last_used_at
    program.get(THINGS)
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=first - timedelta(seconds=61))
    program.get(THINGS)
    assert Token.objects.get().last_used_at >= first


def test_a_browser_needs_the_csrf_header_to_write(owner):
    browser = Client(enforce_csrf_checks=True)
    browser.post("/account/log-in/")
    token = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else ""
    if not token:
        browser.get("/account/log-in/")
        token = browser.cookies["csrftoken"].value
    given = {"username": owner.username, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.post("/account/log-in/", given).status_code == 302
    token = browser.cookies["csrftoken"].value
    assert browser.get(THINGS).status_code == 200

    def write(**headers):
        return browser.post(THINGS, {"name": "x"}, "application/json", headers={**KEY, **headers})

    assert is_problem(write(), 403, "not-allowed")
    assert not Event.objects.filter(action="thing.created").exists()
    assert write(**{"X-CSRFToken": token}).status_code == 201


def test_a_person_reads_the_notice_first(session_client):
    new = make_user(notice_version=0)
    assert is_problem(session_client(new).get(THINGS), 403, "notice")


def test_a_persons_token_stops_when_the_notice_changes(token_client, owner):
    program = token_client(owner)
    assert program.get(THINGS).status_code == 200
    owner.notice_version = NOTICE_VERSION - 1
    owner.save()
    response = program.get(THINGS)
    assert is_problem(response, 403, "notice")
    assert "in the browser" in response.json()["detail"]


def test_a_program_that_rates_has_no_notice_to_accept(owner):
    study = make_study(coordinator=owner)
    rater = create_model_rater(study=study, name="ToothNet", version="1", acting_user=owner).user
    assert rater.notice_version < NOTICE_VERSION
    _token, secret = create_token(
        user=rater,
        name="Here",
        scopes=["read"],
        study=study,
        expires_at=timezone.now() + timedelta(days=1),
        acting_user=owner,
    )
    program = ApiClient(headers={"Authorization": f"Bearer {secret}"})
    assert program.get(THINGS).status_code == 200


def test_each_scope_opens_its_own(token_client, owner):
    answers = {}
    for scope in ("read", "rate", "manage"):
        program = token_client(owner, [scope])
        answers[scope] = (
            program.get(THINGS).status_code,
            program.post(THINGS, {"name": "x"}, headers={"Idempotency-Key": scope}).status_code,
        )
    assert answers == {"read": (200, 403), "rate": (403, 403), "manage": (200, 201)}
    assert is_problem(token_client(owner, ["rate"]).get(THINGS), 403, "scope")


def test_a_limited_token_reaches_only_what_its_endpoint_narrows(token_client, owner):
    study = make_study(coordinator=owner)
    program = token_client(owner, study=study)
    assert program.get(THINGS).status_code == 200
    assert small_api.HOOKS["study"] == study
    response = program.post(THINGS, {"name": "x"}, headers=KEY)
    assert is_problem(response, 403, "token-limit")


# What is sent


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"name": "x", "count": "3"}, {"/count"}),
        ({"name": "x", "count": True}, {"/count"}),
        ({"name": "x", "count": 1.0}, {"/count"}),
        ({"name": "x", "count": 11}, {"/count"}),
        ({"name": "x", "ready": "true"}, {"/ready"}),
        ({"name": "x", "parts": [{"size": 1}, {"size": "1"}]}, {"/parts/1/size"}),
        ({"name": "x", "parts": [{}, {"size": 1, "sise": 1}]}, {"/parts/0/size", "/parts/1/sise"}),
        ({"name": "x", "words": ["a", 1]}, {"/words"}),
        ({"name": "x", "content": []}, {"/content"}),
        ({"name": "x", "content": {"a": "\0"}}, {"/content"}),
        ({"name": "x", "a/b~c": 1}, {"/a~1b~0c"}),
    ],
)
def test_every_fault_is_named_by_its_place(program, body, fields):
    response = program.post(THINGS, body, headers=KEY)
    assert is_problem(response, 422, "invalid")
    assert {fault["field"] for fault in response.json()["errors"]} == fields
    assert response.json()["instance"] == THINGS


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"{", 400, "malformed"),
        (b"\xff", 400, "malformed"),
        (b'{"name": NaN}', 400, "malformed"),
        (b'{"name": "x", "name": "y"}', 400, "malformed"),
        (b'{"name": "x", "content": {"a": [{"b": 1, "b": 1}]}}', 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b"[]", 422, "invalid"),
        (b'"name"', 422, "invalid"),
        (b'{"name": "x", "content": {"a": 1e999}}', 422, "invalid"),
        (b'{"name": "x", "content": {"a": "\\ud800"}}', 422, "invalid"),
        # Read, but too deep for what handles it later
        (b'{"name": "x", "content": {"a": %s}}' % (b"[" * 400 + b"]" * 400), 422, "invalid"),
        (b'{"name": "\\ud800"}', 422, "invalid"),
        (b'{"name": "%s"}' % (b"x" * 1024 * 1024), 413, "too-large"),
    ],
)
def test_what_is_no_usable_json_is_refused(program, body, status, slug):
    response = program.post(THINGS, body, headers=KEY)
    assert is_problem(response, status, slug)


def test_no_body_is_an_empty_object_whatever_its_type(program):
    response = program.generic("POST", THINGS, b"", "text/plain", headers=KEY)
    assert is_problem(response, 422, "invalid")
    assert [one["field"] for one in response.json()["errors"]] == ["/name"]


def test_a_body_in_chunks_is_refused_and_not_taken_for_none(program):
    headers = {**KEY, "Transfer-Encoding": "chunked"}
    response = program.generic("POST", THINGS, b"", "application/json", headers=headers)
    assert is_problem(response, 400, "malformed")


def test_another_media_type_is_refused(program):
    response = program.post(THINGS, {"name": "x"}, "multipart/form-data; boundary=x", headers=KEY)
    assert is_problem(response, 415, "media-type")
    assert is_problem(program.post(THINGS, b"name=x", "text/plain", headers=KEY), 415, "media-type")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=two", "limit"),
        ("limit=1.0", "limit"),
        ("stream=1", "stream"),
        ("size=%C2%B2", "size"),
        ("cursor=x", "cursor"),
        ("begining=a", "begining"),
    ],
)
def test_a_wrong_parameter_is_named(program, query, field):
    make_items(1)
    response = program.get(f"{THINGS}?{query}")
    assert is_problem(response, 422, "invalid")
    assert [fault["field"] for fault in response.json()["errors"]] == [field]


def test_parameters_reach_the_endpoint_read(program):
    program.get(f"{THINGS}?whole=false&size=-3&keys=a&keys=b")
    query = small_api.HOOKS["query"]
    assert (query["whole"], query["size"], query["keys"]) == (False, -3, ["a", "b"])
    program.get(THINGS)
    assert "whole" not in small_api.HOOKS["query"]


# What is answered


def test_an_error_that_nobody_foresaw_is_a_problem_and_is_logged(owner, token_client, caplog):
    def fail():
        raise ZeroDivisionError("a secret in the code")

    small_api.HOOKS["before"] = fail
    program = token_client(owner)
    program.raise_request_exception = False
    response = program.get("/api/v1/nothing/")
    assert is_problem(response, 500, "server-error")
    assert "secret" not in response.content.decode()
    assert "ZeroDivisionError" in caplog.text


def test_problems_speak_the_language_that_is_asked_for(program):
    response = program.post("/api/v1/refusal/", headers={"Accept-Language": "zh-hans"})
    assert is_problem(response, 403, "not-allowed")
    assert response.json()["title"] == "不允许"
    assert program.post("/api/v1/refusal/").json()["title"] == "Not allowed"


def test_a_known_answer_is_not_sent_again(program):
    make_items(2)
    first = program.get(THINGS)
    again = program.get(THINGS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert "RateLimit-Limit" in again
    make_items(1)
    changed = program.get(THINGS, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert "private" in changed["Cache-Control"]


def test_any_tag_that_is_sent_counts_weak_ones_and_the_star_too(program):
    tag = program.get(THINGS)["ETag"]
    for known in (f'"other", {tag}', f"W/{tag}", "*"):
        assert program.get(THINGS, headers={"If-None-Match": known}).status_code == 304
        assert program.head(THINGS, headers={"If-None-Match": known}).status_code == 304
        stream = program.get(f"{THINGS}?stream=true", headers={"If-None-Match": known})
        assert stream.status_code == 200
    for other in ('"other"', tag.strip('"'), ""):
        assert program.get(THINGS, headers={"If-None-Match": other}).status_code == 200


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("If-Match", '"other"'),
        ("If-Unmodified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("If-Modified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ],
)
def test_other_conditions_change_nothing(program, condition, value):
    plain = program.get(THINGS)
    assert program.get(THINGS, headers={condition: value}).content == plain.content
    both = {condition: value, "If-None-Match": plain["ETag"]}
    assert program.get(THINGS, headers=both).status_code == 304


def test_head_answers_as_get_without_content(program):
    make_items(1)
    head = program.head(THINGS)
    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == program.get(THINGS)["ETag"]


def test_a_deprecated_endpoint_says_so(program):
    response = program.get("/api/v1/nothing/")
    assert response["Deprecation"] == "@1767225600"
    assert response["Sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT"
    assert response["Link"] == '</api/v1/things/>; rel="successor-version"'
    assert program.head("/api/v1/nothing/")["Sunset"] == response["Sunset"]
    assert "Deprecation" not in program.get(THINGS)


# Lists


def follow(program, address) -> list[list[str]]:
    pages = []
    while address:
        content = program.get(address).json()
        pages.append([row["key"] for row in content["items"]])
        address = content["next"]
    return pages


def test_pages_keep_their_place_whatever_comes_and_goes(program):
    keys = make_items(7)
    Item.objects.update(created_at=timezone.now())
    first = program.get(f"{THINGS}?limit=3&beginning=0").json()
    assert [row["key"] for row in first["items"]] == keys[:3]
    newest = make_item(make_dataset(), "0000a.png")
    Item.objects.filter(key=keys[2]).update(key="x.png")
    assert follow(program, first["next"]) == [keys[3:6], keys[6:]]
    assert newest.key not in chain(*follow(program, first["next"]))


def test_rows_of_one_moment_come_once_in_falling_order_of_time(program):
    keys = make_items(9)
    now = timezone.now().replace(microsecond=123_456)
    for number, key in enumerate(keys):
        moment = now - timedelta(microseconds=number // 2)
        Item.objects.filter(key=key).update(created_at=moment)
    assert list(chain(*follow(program, f"{THINGS}?limit=1"))) == keys


def test_a_cursor_is_of_one_list_only(program):
    make_items(3)
    cursor = program.get(f"{THINGS}?limit=1").json()["next"].partition("cursor=")[2]
    forged = cursor[:-3] + "AAA"
    assert is_problem(program.get(f"{THINGS}?cursor={forged}"), 422, "invalid")
    assert is_problem(program.get(f"/api/v1/datasets/?cursor={cursor}"), 422, "invalid")


@pytest.mark.parametrize("how", ["parameter", "header"])
def test_a_stream_has_the_whole_list_a_line_each(
    program, how, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr("sts_qa.api.paging.STREAMED_AT_ONCE", 10)
    keys = make_items(25)
    Item.objects.update(created_at=timezone.now())
    address = f"{THINGS}?stream=true" if how == "parameter" else THINGS
    headers = {} if how == "parameter" else {"Accept": "application/x-ndjson"}
    response = program.get(address, headers=headers)
    assert response["Content-Type"] == "application/x-ndjson"
    assert response.streaming
    assert "ETag" not in response
    # Three parts of at most ten rows; nothing is read before it is sent
    with django_assert_max_num_queries(3):
        lines = b"".join(response.streaming_content).decode().splitlines()
    assert [json.loads(line)["key"] for line in lines] == keys


@pytest.mark.parametrize(
    ("query", "accepts", "streams"),
    [
        ("", "application/x-ndjson;q=0", False),
        ("", "application/json, application/x-ndjson;q=0.5", False),
        ("", "application/json;q=0.5, application/x-ndjson", True),
        ("", "application/x-ndjson, */*;q=0.1", True),
        ("", "Application/X-NDJSON", True),
        ("", "application/x-ndjsonx", False),
        ("", "*/*", False),
        # The parameter comes first
        ("?stream=false", "application/x-ndjson", False),
        ("?stream=true", "application/json", True),
    ],
)
def test_the_preferred_form_of_a_list_is_sent(program, query, accepts, streams):
    response = program.get(f"{THINGS}{query}", headers={"Accept": accepts})
    assert response.status_code == 200
    wanted = "application/x-ndjson" if streams else "application/json"
    assert response["Content-Type"] == wanted
    assert "Accept" in response["Vary"].split(", ")


def test_a_stream_begins_nowhere_but_at_the_beginning(program):
    make_items(3)
    following = program.get(f"{THINGS}?limit=1").json()["next"]
    for address, headers in (
        (f"{following}&stream=true", {}),
        (following, {"Accept": "application/x-ndjson"}),
        (f"{THINGS}?cursor=forged&stream=true", {}),
    ):
        response = program.get(address, headers=headers)
        assert is_problem(response, 422, "invalid")
        assert fields_at_fault(response) == ["cursor"]


def test_too_many_parameters_are_a_problem_too(program):
    assert is_problem(program.get(f"{THINGS}?{'size=1&' * 1001}"), 400, "malformed")
