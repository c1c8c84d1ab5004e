"""Programs that rate through the API, all in this process: `python -m benchmarks.api_clients`.

Reads one JSON object from its input, tells on its output what the server acknowledged. Each client
is a thread with a connection of its own, and waits for an answer before it sends again.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

TIMEOUT_SECONDS = 60
# The server closes a connection that nothing was sent on for two seconds
IDLE_SECONDS = 1.5
PAGE = 1000


@dataclass(frozen=True)
class Submitted:
    """One acknowledged rating: what was sent, when it was due, and how long that took."""

    token: str
    rating: str
    scores: dict[str, int]
    due_at: float
    milliseconds: float


@dataclass
class Client:
    """One program with its token, and what became of its submissions."""

    host: str
    secret: str
    study: str
    seed: int
    open_assignments: list[dict[str, Any]] = field(default_factory=list)
    submitted: list[Submitted] = field(default_factory=list)
    error: str = ""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._connection = http.client.HTTPConnection(self.host, timeout=TIMEOUT_SECONDS)
        self._used_at = 0.0

    def look_up(self) -> None:
        """List what is to be rated, as far as one page goes, in its order."""
        place = f"/api/v1/studies/{self.study}/assignments/?limit={PAGE}"
        self.open_assignments = self._send("GET", place, expected=200)["items"][::-1]

    def submit_until(self, end: float, pauses: Iterator[float]) -> None:
        """Submit one rating after each pause until `end`; nobody waits for a missed one twice."""
        due_at = time.perf_counter()
        try:
            for pause in pauses:
                due_at += pause
                if due_at >= end:
                    return
                time.sleep(max(0.0, due_at - time.perf_counter()))
                self._submit(due_at)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"

    def one_after_another(self) -> Iterator[float]:
        """Yield the pauses of a client that submits as soon as it has its answer."""
        before = time.perf_counter()
        while True:
            now = time.perf_counter()
            yield now - before
            before = now

    def by_chance(self, per_second: float) -> Iterator[float]:
        """Yield the pauses of a Poisson process."""
        while True:
            yield self._random.expovariate(per_second)

    def _submit(self, due_at: float) -> None:
        assignment = self.open_assignments.pop()
        scores = {code: self._random.randrange(21) for code in assignment["criteria"]}
        body = {
            "scores": {code: {"value": str(value)} for code, value in scores.items()},
            "active_ms": 400,
        }
        place = f"/api/v1/assignments/{assignment['token']}/ratings/"
        key = f"{assignment['token']}-{self._random.getrandbits(64):x}"
        answer = self._send("POST", place, body, key, expected=201)
        taken = 1000 * (time.perf_counter() - due_at)
        self.submitted.append(
            Submitted(assignment["token"], answer["rating"]["id"], scores, due_at, taken)
        )

    def _send(
        self, method: str, place: str, body: Any = None, key: str = "", *, expected: int
    ) -> dict[str, Any]:
        if time.perf_counter() - self._used_at > IDLE_SECONDS:
            self._connection.close()
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        content = None if body is None else json.dumps(body)
        self._connection.request(method, place, content, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        self._used_at = time.perf_counter()
        if answer.status != expected:
            raise RuntimeError(f"{method} {place}: {answer.status} {text[:500].decode()}")
        return json.loads(text)


def run_all(clients: list[Client], seconds: float, per_second: float | None) -> float:
    """Let all submit for so long, without pause where no rate is given; return when it began."""
    start = time.perf_counter() + 0.5
    threads = [
        threading.Thread(target=_run, args=(client, start, seconds, per_second))
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return start


def _run(client: Client, start: float, seconds: float, per_second: float | None) -> None:
    time.sleep(start - time.perf_counter())
    pauses = client.by_chance(per_second) if per_second else client.one_after_another()
    client.submit_until(start + seconds, pauses)


def main() -> None:
    asked = json.load(sys.stdin)
    clients = [
        Client(asked["host"], secret, asked["study"], seed)
        for seed, secret in enumerate(asked["secrets"])
    ]
    for client in clients:
        client.look_up()
    phases = []
    for phase in asked["phases"]:
        before = [len(client.submitted) for client in clients]
        started = run_all(clients, phase["seconds"], phase["per_second"])
        ended = time.perf_counter()
        done = [
            asdict(one)
            for client, number in zip(clients, before, strict=True)
            for one in client.submitted[number:]
        ]
        errors = [client.error for client in clients if client.error]
        phases.append({"seconds": ended - started, "submitted": done, "errors": errors})
    json.dump(phases, sys.stdout)


if __name__ == "__main__":
    main()
