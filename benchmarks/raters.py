"""Raters at their pages, as the server meets them: log-in, queue, pixels, drafts, submissions."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from typing import Any

TIMEOUT_SECONDS = 60
# The page asks for more when fewer are left
FEW = 8


class RefusedError(Exception):
    """The server did not answer as it must; the message says what it was asked and answered."""


@dataclass(frozen=True)
class Submit:
    """One acknowledged submission: when it was sent (perf_counter), and how long it took."""

    token: str
    sent_at: float
    milliseconds: float


@dataclass
class Rater:
    """One person at one browser, who rates one study."""

    address: str
    study: str
    submits: list[Submit] = field(default_factory=list)
    upcoming: list[dict[str, Any]] = field(default_factory=list)
    error: Exception | None = None

    def __post_init__(self) -> None:
        self._cookies = CookieJar()
        handler = urllib.request.HTTPCookieProcessor(self._cookies)
        # No proxy stands between this process and the server
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)

    def log_in(self, username: str, password: str) -> None:
        self._send("GET", "account/log-in/")
        fields = {
            "username": username,
            "password": password,
            "csrfmiddlewaretoken": self._cookie("csrftoken"),
        }
        self._send("POST", "account/log-in/", urllib.parse.urlencode(fields).encode())
        if not self._cookie("sessionid"):
            raise RefusedError(f"{username} could not log in.")
        self._send("GET", f"rating/{self.study}/")

    def rate_next(self, number: int) -> None:
        """Look at the next item, type, and submit; only submitting is timed."""
        assignment = self._next()
        token = assignment["token"]
        place = f"rating/assignments/{token}"
        self._send_json("POST", f"{place}/shown/", {})
        plane = next(iter(assignment["image"]["planes"].values()))
        pixels = plane["url"].replace("{slice}", str(plane["first_slice"]))
        self._send("GET", pixels.lstrip("/"))
        scores = {
            code: {"value": str((7 * number + 3 * index) % 21)}
            for index, code in enumerate(assignment["criteria"])
        }
        draft = {"scores": scores, "comment": "", "sequence": number + 1}
        self._send_json("PUT", f"{place}/draft/", draft)
        body = {
            "idempotency_key": f"{token}-{number}",
            "replaces": None,
            "scores": scores,
            "comment": "",
            "active_ms": 400,
            "wall_ms": 500,
            "waiting_ms": 20,
            "viewer_state": {"zoom": 1},
            "submitted_at": datetime.now(UTC).isoformat(),
            "clarification_seen": 0,
        }
        sent_at = time.perf_counter()
        self._send_json("POST", f"{place}/ratings/", body, expected=201)
        taken = 1000 * (time.perf_counter() - sent_at)
        self.submits.append(Submit(token, sent_at, taken))

    def _next(self) -> dict[str, Any]:
        if len(self.upcoming) < FEW:
            answer = json.loads(self._send("GET", f"rating/{self.study}/queue/"))
            self.upcoming = answer["assignments"]
        if not self.upcoming:
            raise RefusedError("The rater's queue is empty; the study is too small for this run.")
        return self.upcoming.pop(0)

    def _cookie(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self._cookies if cookie.name == name), "")

    def _send_json(self, method: str, path: str, body: Any, expected: int | None = None) -> bytes:
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._cookie("csrftoken")}
        return self._send(method, path, json.dumps(body).encode(), headers, expected)

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        expected: int | None = None,
    ) -> bytes:
        request = urllib.request.Request(
            f"{self.address}/{path}", data=body, headers=headers or {}, method=method
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                content, status = answer.read(), answer.status
        except urllib.error.HTTPError as error:
            content, status = error.read(), error.code
        if status >= 400 or expected not in (None, status):
            raise RefusedError(
                f"{method} {path}: {status} {content[:500].decode(errors='replace')}"
            )
        return content


@contextmanager
def rating(raters: Sequence[Rater], every_seconds: float) -> Iterator[None]:
    """Let the raters submit one item each at that pace while the block runs.

    Raises
    ------
    RefusedError
        At the end of the block, when the server refused anything.
    """
    stop = threading.Event()
    threads = [
        threading.Thread(target=_rate_until, args=(rater, stop, every_seconds)) for rater in raters
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for rater in raters:
        if rater.error is not None:
            raise rater.error


def _rate_until(rater: Rater, stop: threading.Event, every_seconds: float) -> None:
    next_at = time.perf_counter()
    try:
        while not stop.is_set():
            rater.rate_next(len(rater.submits))
            # Nobody types faster to make up for a wait
            next_at = max(next_at + every_seconds, time.perf_counter())
            stop.wait(next_at - time.perf_counter())
    except Exception as error:
        rater.error = error
