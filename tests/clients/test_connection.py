"""The Python client's requests: what is sent again and what is not, pages, streams, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
from sts_qa_client import Client, Fault, Refused, connection

ADDRESS = "https://qa.example.org"
PROBLEM = {
    "type": "/api/v1/problems/invalid/",
    "title": "Something that was sent is wrong",
    "status": 422,
    "detail": "/name: This field is required.",
    "instance": "/api/v1/datasets/",
    "errors": [{"field": "/name", "detail": "This field is required."}],
}


class Server:
    """Answers with what is given, one after the other, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def keys(self) -> list[str | None]:
        return [request.headers.get("Idempotency-Key") for request in self.asked]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds waited so far; the clock goes on by them and by nothing else."""
    pauses: list[float] = []
    monkeypatch.setattr(connection.time, "sleep", pauses.append)
    monkeypatch.setattr(connection.time, "monotonic", lambda: sum(pauses))
    return pauses


def client_of(server: Callable[[httpx.Request], httpx.Response], **options: float) -> Client:
    return Client(ADDRESS, "stsqa_secret", transport=httpx.MockTransport(server), **options)


def problem(status: int, kind: str, **headers: str) -> httpx.Response:
    content = {**PROBLEM, "status": status, "type": f"/api/v1/problems/{kind}/"}
    sent = {"Content-Type": "application/problem+json", **headers}
    return httpx.Response(status, content=json.dumps(content), headers=sent)


def test_each_request_carries_the_token() -> None:
    server = Server(httpx.Response(200, json={"id": 7}))
    assert client_of(server).dataset(7) == {"id": 7}
    assert server.asked[0].headers["Authorization"] == "Bearer stsqa_secret"
    assert server.asked[0].url == f"{ADDRESS}/api/v1/datasets/7/"


def test_a_refusal_says_what_is_wrong_and_where() -> None:
    with pytest.raises(Refused) as caught:
        client_of(Server(problem(422, "invalid"))).create_dataset("")
    refused = caught.value
    assert (refused.status, refused.kind, refused.title) == (422, "invalid", PROBLEM["title"])
    assert refused.detail == PROBLEM["detail"]
    assert refused.errors == (Fault("/name", "This field is required."),)
    assert refused.problem["instance"] == "/api/v1/datasets/"
    assert "/name: This field is required." in str(refused)


def test_a_refusal_that_is_no_problem_is_told_too() -> None:
    with pytest.raises(Refused) as caught:
        client_of(Server(httpx.Response(404, text="<h1>nginx</h1>"))).dataset(1)
    assert (caught.value.status, caught.value.problem) == (404, {})


def test_a_redirect_is_a_refusal_and_not_followed() -> None:
    server = Server(httpx.Response(301, headers={"Location": "https://elsewhere.example/"}))
    with pytest.raises(Refused):
        client_of(server).dataset(1)
    assert len(server.asked) == 1


def test_each_post_has_a_key_of_its_own() -> None:
    server = Server(*(httpx.Response(201, json={}) for _ in range(3)))
    client = client_of(server)
    client.create_dataset("A")
    client.create_dataset("A")
    client.rate("token", {}, key="mine")
    first, second, third = server.keys()
    assert first
    assert second
    assert first != second
    assert third == "mine"


def test_a_lost_connection_is_tried_again_with_the_same_key_and_body(slept) -> None:
    lost = (httpx.ConnectError("refused"), httpx.ReadTimeout("slow"))
    server = Server(*lost, httpx.Response(201, json={"id": 1}))
    assert client_of(server).create_dataset("Jaws") == {"id": 1}
    assert len(set(server.keys())) == 1
    assert {request.content for request in server.asked} == {server.asked[0].content}
    assert json.loads(server.asked[0].content) == {"name": "Jaws"}
    assert slept == [0.5, 1.0]


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "too-many-requests"), (503, "busy"), (409, "in-progress")]
)
def test_the_server_says_when_to_come_again(slept, status, kind) -> None:
    waiting = problem(status, kind, **{"Retry-After": "3"})
    server = Server(waiting, httpx.Response(201, json={"id": 1}))
    assert client_of(server).create_dataset("Jaws") == {"id": 1}
    assert slept == [3.0]
    assert len(set(server.keys())) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_proxy_that_says_to_wait_but_not_how_long_is_asked_again(slept, status) -> None:
    server = Server(
        httpx.Response(status, text="<h1>nginx</h1>"), httpx.Response(200, json={"id": 1})
    )
    assert client_of(server).dataset(1) == {"id": 1}
    assert slept == [0.5]


@pytest.mark.parametrize(
    "answer",
    [
        problem(409, "refused"),
        problem(503, "unreadable"),
        problem(403, "sealed"),
        problem(422, "invalid"),
        problem(500, "server-error"),
    ],
    ids=lambda answer: str(answer.status_code),
)
def test_a_refusal_is_not_tried_again(slept, answer) -> None:
    server = Server(answer)
    with pytest.raises(Refused):
        client_of(server).create_dataset("Jaws")
    assert slept == []


def test_patience_ends(slept) -> None:
    server = Server(*(httpx.ConnectError("refused") for _ in range(99)))
    with pytest.raises(httpx.ConnectError):
        client_of(server, patience=10).create_dataset("Jaws")
    assert slept == [0.5, 1.0, 2.0, 4.0]


def test_it_does_not_wait_longer_than_its_patience(slept) -> None:
    waiting = problem(429, "too-many-requests", **{"Retry-After": "60"})
    with pytest.raises(Refused) as caught:
        client_of(Server(waiting), patience=10).dataset(1)
    assert (caught.value.status, slept) == (429, [])


def test_an_archive_is_sent_whole_each_time(slept, tmp_path) -> None:
    archive = tmp_path / "images.zip"
    archive.write_bytes(b"PK" + bytes(range(256)) * 500)
    server = Server(httpx.ReadError("reset"), httpx.Response(202, json={"number": 1}))
    client_of(server).import_archive(3, archive)
    assert [archive.read_bytes() in request.content for request in server.asked] == [True, True]
    assert len(set(server.keys())) == 1


def test_a_list_is_fetched_page_by_page() -> None:
    server = Server(
        httpx.Response(200, json={"items": [{"id": 1}], "next": "/api/v1/datasets/?cursor=a%3Ab"}),
        httpx.Response(200, json={"items": [{"id": 2}], "next": None}),
    )
    assert [row["id"] for row in client_of(server).datasets()] == [1, 2]
    assert [str(request.url) for request in server.asked] == [
        f"{ADDRESS}/api/v1/datasets/",
        f"{ADDRESS}/api/v1/datasets/?cursor=a%3Ab",
    ]


def test_parameters_are_written_as_the_api_reads_them() -> None:
    server = Server(httpx.Response(200, json={"items": [], "next": None}))
    given = {"labelled": True, "category": "A-PXI", "kind": None}
    assert list(client_of(server).pages("datasets/1/items/", **given)) == []
    assert dict(server.asked[0].url.params) == {"labelled": "true", "category": "A-PXI"}


def test_a_long_list_is_streamed_row_by_row() -> None:
    def rows():
        yield b'{"id": 1}\n{"i'
        yield b'd": 2}\n'

    server = Server(httpx.Response(200, content=rows()))
    assert [row["id"] for row in client_of(server).stream("datasets/1/items/")] == [1, 2]
    assert server.asked[0].headers["Accept"] == "application/x-ndjson"


def test_a_stream_that_has_not_begun_is_asked_for_again(slept) -> None:
    waiting = problem(429, "too-many-requests", **{"Retry-After": "2"})
    server = Server(waiting, httpx.ConnectError("gone"), httpx.Response(200, content=b'{"id": 1}'))
    assert list(client_of(server).stream("datasets/1/items/")) == [{"id": 1}]
    assert slept == [2.0, 4.0]


def test_rows_that_are_lost_on_the_way_are_an_error_and_not_the_end_of_the_list(slept) -> None:
    def rows():
        yield b'{"id": 1}\n{"id": 2}\n'
        raise httpx.RemoteProtocolError("closed without the last chunk")

    found = client_of(Server(httpx.Response(200, content=rows()))).stream("datasets/1/items/")
    assert [next(found)["id"], next(found)["id"]] == [1, 2]
    with pytest.raises(httpx.RemoteProtocolError):
        next(found)
    assert slept == []


def test_what_has_not_changed_is_not_sent_again() -> None:
    server = Server(
        httpx.Response(200, json={"id": 1}, headers={"ETag": '"a"'}),
        httpx.Response(304, headers={"ETag": '"a"'}),
        httpx.Response(200, json={"id": 2}, headers={"ETag": '"b"'}),
    )
    client = client_of(server)
    assert client.changed("datasets/1/") == ({"id": 1}, '"a"')
    assert client.changed("datasets/1/", '"a"') == (None, '"a"')
    assert client.changed("datasets/1/", '"a"') == ({"id": 2}, '"b"')
    assert [one.headers.get("If-None-Match") for one in server.asked] == [None, '"a"', '"a"']


def test_each_request_has_the_timeout_that_was_asked_for() -> None:
    server = Server(httpx.Response(200, json={}))
    client_of(server, timeout=7).dataset(1)
    assert set(server.asked[0].extensions["timeout"].values()) == {7}


def test_a_refused_stream_says_why() -> None:
    with pytest.raises(Refused) as caught:
        list(client_of(Server(problem(403, "sealed"))).stream("datasets/1/items/"))
    assert caught.value.errors[0].field == "/name"


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/api/v1/",
        "//elsewhere.example/",
        "https://qa.example.org:8443/api/v1/",
        "https://qa.example.org@elsewhere.example/",
        "ftp://qa.example.org/api/v1/",
    ],
)
def test_the_token_goes_to_no_other_installation(address) -> None:
    server = Server()
    with pytest.raises(ValueError, match="not an address of"):
        client_of(server).pixels(address)
    assert server.asked == []


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ("https://QA.example.org", "https://qa.example.org/a"),
        ("https://qa.example.org:443/", "https://qa.example.org/a"),
        ("https://qa.example.org", "https://QA.example.org:443/a"),
        ("http://qa.example.org:80", "http://qa.example.org/a"),
        ("http://QA.example.org:8000", "http://qa.example.org:8000/a"),
        ("http://[::1]:8000", "http://[::1]:8000/a"),
    ],
)
def test_one_installation_may_be_written_in_several_ways(own, told) -> None:
    server = Server(httpx.Response(200, content=b"pixels"))
    client = Client(own, "stsqa_secret", transport=httpx.MockTransport(server))
    assert client.pixels(told) == b"pixels"
    assert server.asked[0].url == httpx.URL(own).join("/a")


def test_what_the_client_reaches_by_https_it_asks_by_https(slept) -> None:
    server = Server(httpx.Response(200, content=b"pixels"))
    address = "http://qa.example.org/api/v1/assignments/x/pixels/image?v=2"
    assert client_of(server).pixels(address) == b"pixels"
    assert str(server.asked[0].url) == address.replace("http:", "https:")
