"""Requests to one installation: the token, resending what may be resent, pages and streams."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from sts_qa_client.errors import Json, Refused

VERSION = "0.1.0"
BASE = "/api/v1/"
LONGEST_PAUSE = 60.0
# With Retry-After: still being carried out, too many requests, busy
RESENT = (409, 429, 503)


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
    transport
        For tests: what carries requests instead of the network.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        timeout: float = 60.0,
        patience: float = 120.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.address = address.rstrip("/")
        self.patience = patience
        headers = {"Authorization": f"Bearer {token}", "User-Agent": f"sts-qa-client/{VERSION}"}
        self._http = httpx.Client(headers=headers, timeout=timeout, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close_connection()

    def close_connection(self) -> None:
        self._http.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request and return the answer.

        Parameters
        ----------
        method
        path
            Below /api/v1/, or an address that an answer holds.
        options
            As of `httpx.Client.request`: params, json, data, files, headers.

        Raises
        ------
        Refused
            When the server refuses.
        httpx.TransportError
            When it cannot be reached.
        """
        headers = dict(options.pop("headers", {}))
        if method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        address = self._address(path)
        until = time.monotonic() + self.patience
        pause = 0.5
        while True:
            try:
                answer = self._http.request(method, address, headers=headers, **options)
            except httpx.TransportError:
                if time.monotonic() + pause > until:
                    raise
            else:
                if answer.is_success:
                    return answer
                refused = Refused(answer)
                wait = _asked_pause(refused, answer, pause)
                if wait is None or time.monotonic() + wait > until:
                    raise refused
                pause = wait
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def get(self, path: str, **query: Any) -> Json:
        return content_of(self.request("GET", path, params=_given(query)))

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> Json:
        """Send a JSON object; `key` names the request where the caller may resend it itself."""
        headers = {"Idempotency-Key": key} if key else {}
        return content_of(self.request("POST", path, json=dict(body or {}), headers=headers))

    def send_file(self, path: str, field: str, file: str | Path, values: Mapping[str, Any]) -> Json:
        """Send a file, with other fields of a form; read again when it is sent again."""
        with Path(file).open("rb") as opened:
            sent = {field: (Path(file).name, opened)}
            return content_of(self.request("POST", path, files=sent, data=_given(values)))

    def patch(self, path: str, body: Mapping[str, Any]) -> Json:
        return content_of(self.request("PATCH", path, json=dict(body)))

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Yield all items of a list, fetched page by page."""
        page = self.get(path, **query)
        yield from page["items"]
        while page["next"]:
            page = self.get(page["next"])
            yield from page["items"]

    def stream(self, path: str, **query: Any) -> Iterator[Json]:
        """Yield all rows of a long list while they arrive, in one request."""
        headers = {"Accept": "application/x-ndjson"}
        address, given = self._address(path), _given(query)
        with self._http.stream("GET", address, params=given, headers=headers) as answer:
            if not answer.is_success:
                answer.read()
                raise Refused(answer)
            for line in answer.iter_lines():
                if line:
                    yield json.loads(line)

    def _address(self, path: str) -> str:
        """Return the whole address; the token goes to this installation only, by its scheme."""
        own = urlsplit(self.address)
        asked = urlsplit(urljoin(f"{self.address}{BASE}", path))
        if asked.netloc != own.netloc:
            raise ValueError(f"{path} is not an address of {self.address}.")
        # A server behind a proxy may not know that it is reached by https
        return urlunsplit((own.scheme, *asked[1:]))


def content_of(answer: httpx.Response) -> Json:
    content: Json = answer.json() if answer.content else {}
    return content


def _given(query: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the parameters that have a value, None for none: {} would cut those of an address."""
    given = {name: value for name, value in query.items() if value is not None}
    return given or None


def _asked_pause(refused: Refused, answer: httpx.Response, pause: float) -> float | None:
    """Return after how many seconds the same request may succeed, None when it will not."""
    asked = answer.headers.get("Retry-After", "")
    if refused.status in RESENT and asked.isdigit():
        return max(float(asked), 0.1)
    # A proxy speaks for a server that is starting again
    is_of_proxy = refused.status in (502, 503, 504) and not refused.problem
    return pause if is_of_proxy else None
