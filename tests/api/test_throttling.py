"""How many requests a token may send, and what its answers say of it."""

from __future__ import annotations

import pytest

from sts_qa.api.throttling import PixelRate, RequestRate
from tests.api.conftest import is_problem
from tests.api.test_matrix import ENDPOINTS
from tests.rating.helpers import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.small_api")]
THINGS = "/api/v1/things/"


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets."""
    now = [1000.0]
    monkeypatch.setattr(RequestRate, "timer", lambda self: now[0])
    return now


def limits(response) -> list[int]:
    return [int(response[f"RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset")]


def test_the_window_moves_with_each_request(token_client, owner, settings, clock):
    settings.API_RATE = "2/min"
    program = token_client(owner)
    assert limits(program.get(THINGS)) == [2, 1, 60]
    clock[0] += 20
    assert limits(program.get(THINGS)) == [2, 0, 40]
    clock[0] += 10
    refused = program.get(THINGS)
    assert is_problem(refused, 429, "too-many-requests")
    assert limits(refused) == [2, 0, 30]
    assert refused["Retry-After"] == "30"
    clock[0] += 30
    assert program.get(THINGS).status_code == 200
    assert program.get(THINGS).status_code == 429


def test_who_waits_as_told_is_let_in(token_client, owner, settings, clock):
    settings.API_RATE = "1/min"
    program = token_client(owner)
    assert program.get(THINGS).status_code == 200
    clock[0] += 20.5
    refused = program.get(THINGS)
    assert (refused["Retry-After"], refused["RateLimit-Reset"]) == ("40", "40")
    assert "40 seconds" in refused.json()["detail"]
    clock[0] += 40
    assert program.get(THINGS).status_code == 200


def test_each_token_and_each_browser_has_its_own(
    token_client, session_client, owner, settings, clock
):
    settings.API_RATE = "1/h"
    askers = [token_client(owner), token_client(owner), session_client(owner)]
    assert [asker.get(THINGS).status_code for asker in askers] == [200, 200, 200]
    assert [asker.get(THINGS).status_code for asker in askers] == [429, 429, 429]


def test_refusals_say_it_too(token_client, owner, settings):
    settings.API_RATE = "5/min"
    assert limits(token_client(owner).post("/api/v1/refusal/"))[0] == 5


@pytest.mark.django_db(transaction=True)
def test_threads_at_once_are_counted_exactly(token_client, owner, settings):
    settings.API_RATE = "5/h"
    program = token_client(owner)
    answers = at_once(*[lambda: program.get(THINGS).status_code] * 8)
    assert sorted(answers) == [200] * 5 + [429] * 3


def test_pixels_are_counted_apart(token_client, owner, settings):
    settings.API_RATE, settings.API_PIXEL_RATE = "1/min", "3/min"
    program = token_client(owner)
    pixels = [program.get("/api/v1/pixels/") for _ in range(4)]
    assert [answer.status_code for answer in pixels] == [200, 200, 200, 429]
    assert [limits(answer)[:2] for answer in pixels] == [[3, 2], [3, 1], [3, 0], [3, 0]]
    assert int(pixels[-1]["Retry-After"]) <= 60
    assert limits(program.get(THINGS))[:2] == [1, 0]
    assert program.get(THINGS).status_code == 429


def test_every_endpoint_of_pixels_is_among_them():
    counted = {name for name, (_, made) in ENDPOINTS.items() if made.rate is PixelRate}
    assert counted == {name for name, (_, made) in ENDPOINTS.items() if made.tag == "pixels"}
    assert counted
