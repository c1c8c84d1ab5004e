"""Requests to one installation: the token, resending what may be resent, pages and streams."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from sts_qa_client.errors import Json, Refused

VERSION = "0.1.0"
BASE = "/api/v1/"
LONGEST_PAUSE = 60.0
# With Retry-After: still being carried out, too many requests, busy
RESENT = (409, 429, 503)
# Of a proxy, which says nothing of when
RESENT_UNTOLD = (429, 502, 503, 504)
NOT_MODIFIED = 304
USUAL_PORTS = {"http": 80, "https": 443}


class Connection:
    """A log-in to an installation.

    A request is sent again when the network failed, or when the server was busy, had too many
    requests, or still works on the same one; for at most `patience` seconds in all. Nothing is
    done twice by that: each POST carries a key by which the server knows it again.

    Parameters
    ----------
    address
        Where the installation is, such as "https://qa.example.org".
    token
        "stsqa_…", from the page "API tokens".
    timeout
        Seconds to wait for an answer.
    patience
        Seconds during which one request is sent again.
    options
        Others of `httpx.Client`, such as verify, proxy or transport.
    """

    def __init__(
        self, address: str, token: str, timeout: float = 60, patience: float = 120, **options: Any
    ) -> None:
        self.address = address.rstrip("/")
        self.patience = patience
        headers = {"Authorization": f"Bearer {token}", "User-Agent": f"sts-qa-client/{VERSION}"}
        self._http = httpx.Client(headers=headers, timeout=timeout, **options)

    def __enter__(self) -> Self:
        """Return the client; it is closed at the end of `with`."""
        return self

    def __exit__(self, *_error: object) -> None:
        self.close_connection()

    def close_connection(self) -> None:
        """Close the connection; the client asks for nothing more."""
        self._http.close()

    def request(
        self, method: str, path: str, *, stream: bool = False, **options: Any
    ) -> httpx.Response:
        """Send a request and return the answer; all other methods send theirs by this one.

        Parameters
        ----------
        method
        path
            Below /api/v1/, or an address that an answer holds.
        stream
            Whether to return before the content has arrived; the caller closes the answer.
        options
            As of `httpx.Client.build_request`: params, json, data, files, headers.

        Raises
        ------
        Refused
            When the server refuses, and goes on refusing for as long as the request may be resent.
        httpx.TransportError
            When it cannot be reached, or the connection is lost or times out, for as long.
        ValueError
            When the address is of another installation.
        """
        headers = dict(options.pop("headers", {}))
        if method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        address = self._address(path)
        until, pause = time.monotonic() + self.patience, 0.5
        while True:
            try:
                asked = self._http.build_request(method, address, headers=headers, **options)
                answer = self._http.send(asked, stream=stream)
                if answer.is_success or answer.status_code == NOT_MODIFIED:
                    return answer
                answer.read()
                raise Refused(answer)
            except (httpx.TransportError, Refused) as error:
                wait = _pause_after(error, pause)
                if wait is None or time.monotonic() + wait > until:
                    raise
            time.sleep(wait)
            pause = min(2 * wait, LONGEST_PAUSE)

    def get(self, path: str, **query: Any) -> Json:
        """Return the object at an address; parameters that are None are left out."""
        return content_of(self.request("GET", path, params=_given(query)))

    def changed(self, path: str, tag: str = "", **query: Any) -> tuple[Json | None, str]:
        """Return the object at an address, None while it still has this ETag, and its ETag."""
        headers = {"If-None-Match": tag} if tag else {}
        answer = self.request("GET", path, params=_given(query), headers=headers)
        found = None if answer.status_code == NOT_MODIFIED else content_of(answer)
        return found, answer.headers.get("ETag", tag)

    def download(self, path: str, **query: Any) -> bytes:
        """Return the content at an address as it comes: a file, pixels."""
        return self.request("GET", path, params=_given(query)).content

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> Json:
        """Send a JSON object and return the answer's, which is empty where it has none.

        `key` names the request for a caller that may send it again itself.
        """
        headers = {"Idempotency-Key": key} if key else {}
        return content_of(self.request("POST", path, json=dict(body or {}), headers=headers))

    def send_file(self, path: str, field: str, file: str | Path, values: Mapping[str, Any]) -> Json:
        """Send a file with other fields of a form, and return the answer's object.

        The file is read again when it is sent again. Raises OSError when it cannot be read.
        """
        with Path(file).open("rb") as opened:
            sent = {field: (Path(file).name, opened)}
            return content_of(self.request("POST", path, files=sent, data=_given(values)))

    def patch(self, path: str, body: Mapping[str, Any]) -> Json:
        """Change the fields that are given, and return the whole object."""
        return content_of(self.request("PATCH", path, json=dict(body)))

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        """Set the whole object, and return it."""
        return content_of(self.request("PUT", path, json=dict(body)))

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Yield all items of a list, fetched page by page."""
        page = self.get(path, **query)
        yield from page["items"]
        while page["next"]:
            page = self.get(page["next"])
            yield from page["items"]

    def stream(self, path: str, **query: Any) -> Iterator[Json]:
        """Yield all rows of a long list while they arrive, in one request.

        Raises httpx.TransportError when the connection is lost among them.
        """
        headers = {"Accept": "application/x-ndjson"}
        with closing(
            self.request("GET", path, stream=True, params=_given(query), headers=headers)
        ) as answer:
            for line in answer.iter_lines():
                if line:
                    yield json.loads(line)

    def _address(self, path: str) -> str:
        """Return the whole address; the token goes to this installation only, by its scheme."""
        own = urlsplit(self.address)
        asked = urlsplit(urljoin(f"{self.address}{BASE}", path))
        usual = USUAL_PORTS.get(own.scheme)
        places = [(one.hostname, one.port or usual) for one in (own, asked)]
        if asked.scheme not in USUAL_PORTS or places[0] != places[1]:
            raise ValueError(f"{path} is not an address of {self.address}.")
        # A server behind a proxy may not know that it is reached by https
        return urlunsplit((own.scheme, own.netloc, *asked[2:]))


def content_of(answer: httpx.Response) -> Json:
    """Return the JSON object of an answer, an empty one where it has no content."""
    content: Json = answer.json() if answer.content else {}
    return content


def _given(query: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the parameters that have a value, None for none: {} would cut those of an address."""
    given = {name: value for name, value in query.items() if value is not None}
    return given or None


def _pause_after(error: httpx.TransportError | Refused, pause: float) -> float | None:
    """Return after how many seconds the same request may succeed, None when it will not."""
    if not isinstance(error, Refused):
        return pause
    asked = error.answer.headers.get("Retry-After", "")
    if error.status in RESENT and asked.isdigit():
        return max(float(asked), 0.1)
    # A proxy speaks for a server that is starting again
    return pause if error.status in RESENT_UNTOLD and not error.problem else None
