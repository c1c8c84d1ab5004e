"""Waiting for long work with the Python client."""

from __future__ import annotations

import httpx
import pytest
from sts_qa_client import Client, JobFailed
from sts_qa_client import client as module

JOB = "7f9c24e5-5e0a-4c57-8a3f-0d5b6a1f2f10"


def told(state: str, done: int = 0, error: str = "") -> dict:
    return {"id": JOB, "title": "Import", "state": state, "done": done, "total": 2, "error": error}


@pytest.fixture
def following(monkeypatch):
    """Return a function that makes a client to which a job is told in these states."""
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(module.time, "sleep", lambda seconds: now.append(now.pop() + seconds))

    def make(*states: dict) -> Client:
        answers = iter(states)

        def answer(request: httpx.Request) -> httpx.Response:
            assert request.url.path == f"/api/v1/jobs/{JOB}/"
            return httpx.Response(200, json=next(answers))

        return Client("http://qa", "stsqa_x", transport=httpx.MockTransport(answer))

    return make


def test_it_returns_when_the_job_is_done_and_tells_each_state(following) -> None:
    seen: list[str] = []
    client = following(told("queued"), told("running", 1), told("done", 2))
    job = client.wait_for_job(JOB, lambda state: seen.append(f"{state['state']} {state['done']}"))
    assert job == told("done", 2)
    assert seen == ["queued 0", "running 1", "done 2"]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_job_that_is_not_done_in_the_end_is_an_error(following, state) -> None:
    with pytest.raises(JobFailed, match="The folder is gone") as caught:
        following(told("running"), told(state, 1, "The folder is gone.")).wait_for_job(JOB)
    assert caught.value.job["state"] == state


def test_it_waits_no_longer_than_wanted(following) -> None:
    with pytest.raises(TimeoutError, match="Import"):
        following(*[told("running")] * 9).wait_for_job(JOB, every=1, timeout=3)


def test_it_asks_only_for_what_has_changed(monkeypatch) -> None:
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)
    running = httpx.Response(200, json=told("running", 1), headers={"ETag": '"1"'})
    done = httpx.Response(200, json=told("done", 2), headers={"ETag": '"2"'})
    answers = iter([running, httpx.Response(304), httpx.Response(304), done])
    tags: list[str | None] = []
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tags.append(request.headers.get("If-None-Match"))
        return next(answers)

    client = Client("http://qa", "stsqa_x", transport=httpx.MockTransport(answer))
    assert client.wait_for_job(JOB, lambda job: seen.append(job["state"])) == told("done", 2)
    assert tags == [None, '"1"', '"1"', '"1"']
    assert seen == ["running", "done"]
