"""What goes wrong between a program and STS-QA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What is wrong at one place: a JSON pointer into the body, or a parameter's name."""

    field: str
    detail: str


class Refused(Exception):
    """The server refused a request; problem details (RFC 9457) say why.

    Attributes
    ----------
    kind : str
        Short stable name of the kind of problem, such as "invalid" or "sealed".
    status : int
    title, detail : str
    errors : tuple of Fault
    problem : dict
        The problem as it came; empty where the answer was none.
    answer : httpx.Response
    """

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self.status = answer, answer.status_code
        is_problem = "problem+json" in answer.headers.get("Content-Type", "")
        self.problem: Json = answer.json() if is_problem else {}
        self.kind = str(self.problem.get("type", "")).rstrip("/").rpartition("/")[2]
        self.title = str(self.problem.get("title", answer.reason_phrase))
        self.detail = str(self.problem.get("detail", ""))
        found = self.problem.get("errors", ())
        self.errors = tuple(Fault(one["field"], one["detail"]) for one in found)
        asked = f"{answer.request.method} {answer.request.url.path}"
        super().__init__(f"{asked}: {self.status} {self.title}. {self.detail}".strip())


class JobFailed(Exception):
    """Long work ended without being done; `job` is its last state."""

    def __init__(self, job: Json) -> None:
        self.job = job
        super().__init__(f"{job['title']}: {job['state']}. {job['error']}".strip())
