"""Who must not do something is told so, whatever is sent: before the key, the body, or an answer
that was given earlier. Over every endpoint of the URL configuration.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import timezone

from sts_qa.api.endpoint import JSON
from sts_qa.studies.models import Membership
from tests.api.conftest import ALL_SCOPES, ApiClient
from tests.api.matrix import ASKERS, Line
from tests.api.matrix.world import World
from tests.api.test_matrix import ENDPOINTS, LINES

pytestmark = pytest.mark.django_db
READING = sorted(name for name, (_, made) in ENDPOINTS.items() if made.body or made.idempotent)
KEYED = [name for name in READING if ENDPOINTS[name][1].idempotent]
# Pixels are read by the one check that the pages have
WITHOUT_ACCESS = {name for name, (_, made) in ENDPOINTS.items() if made.tag == "pixels"}
# A rater who was withdrawn may still send what was rated: it is kept as late
OPEN_TO_WITHDRAWN = {"submit_rating", "submit_ratings"}
REFUSED = {401, 403, 404}


@pytest.fixture
def world(settings, tmp_path) -> World:
    settings.DATA_FOLDER = tmp_path
    settings.IMPORT_ROOTS = [tmp_path]
    return World()


def address_of(world: World, name: str, line: Line) -> str:
    own = line.arguments(world) if line.arguments else {}
    wanted = ENDPOINTS[name][0].pattern.converters
    values = {**world.arguments, **own}
    return reverse(f"api:{name}", kwargs={key: values[key] for key in wanted}) + line.query


def right(world: World, name: str, line: Line) -> dict[str, Any]:
    """Return the body that the endpoint takes."""
    made = ENDPOINTS[name][1]
    body = line.body(world) if line.body else {}
    if JSON in (made.body or [JSON]):
        return {"data": json.dumps(body).encode(), "content_type": JSON}
    return {"data": encode_multipart(BOUNDARY, body), "content_type": MULTIPART_CONTENT}


def send(
    client: ApiClient, name: str, address: str, key: str | None = "k", **sent: Any
) -> HttpResponse:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.generic(ENDPOINTS[name][1].method, address, headers=headers, **sent)


def test_what_an_address_names_is_looked_for_first() -> None:
    named = {"study_id", "dataset_id", "job_id", "assignment_token"}
    without = {
        name
        for name, (pattern, made) in ENDPOINTS.items()
        if made.access is None and pattern.pattern.converters.keys() & named
    }
    assert without == WITHOUT_ACCESS


@pytest.mark.parametrize("name", READING)
def test_whatever_is_sent_who_must_not_is_told_so(
    name: str, world: World, token_client, session_client
) -> None:
    line = LINES[name]
    if line.prepare:
        line.prepare(world)
    owner = getattr(world, line.owner)
    address = address_of(world, name, line)
    whole = right(world, name, line)
    wrong_type = {"data": b"<a/>", "content_type": "text/xml"}
    sent = {
        "nothing": {"data": b"", "content_type": whole["content_type"]},
        "no JSON": {"data": b"{", "content_type": JSON},
        "unknown field": {"data": b'{"no such field": 1}', "content_type": JSON},
        "wrong type": wrong_type,
        "wrong key": {**whole, "key": "käse"},
        "no key": {**whole, "key": None},
    }
    clients = {
        "nobody": ApiClient,
        **{role: lambda role=role: session_client(getattr(world, role)) for role in ASKERS[1:5]},
        **{scope: lambda scope=scope: token_client(owner, [scope]) for scope in ALL_SCOPES},
        "elsewhere": lambda: token_client(owner, study=world.other),
    }
    refused = {asker: status for asker, status in line.expected.items() if status in REFUSED}
    assert refused
    for asker, status in refused.items():
        client = clients[asker]()
        answers = {
            what: send(client, name, address, **one).status_code for what, one in sent.items()
        }
        answers["unknown parameter"] = send(
            client, name, f"{address}{'&' if line.query else '?'}nothing=1", **whole
        ).status_code
        assert set(answers.values()) == {status}, (asker, answers)


@pytest.mark.parametrize("name", KEYED)
def test_an_earlier_answer_is_told_only_to_who_still_has_access(
    name: str, world: World, token_client
) -> None:
    line = LINES[name]
    if line.prepare:
        line.prepare(world)
    owner = getattr(world, line.owner)
    address, whole = address_of(world, name, line), right(world, name, line)
    program = token_client(owner)
    assert send(program, name, address, **whole).status_code in {200, 201, 202}

    def again(client: ApiClient) -> HttpResponse:
        # A secret is not told again: 409
        return send(client, name, address, **whole)

    assert again(program).status_code in {200, 201, 202, 409}
    limited = again(token_client(owner, study=world.other))
    assert limited.status_code == line.expected["elsewhere"]
    scopes = [scope for scope in ALL_SCOPES if line.expected[scope] == 403]
    for scope in scopes:
        assert again(token_client(owner, [scope])).status_code == 403
    with transaction.atomic():
        owner.user_permissions.clear()
        world.dataset.members.filter(user=owner).update(removed_at=timezone.now())
        Membership.objects.filter(user=owner).update(withdrawn_at=timezone.now())
    left = again(program)
    if name in OPEN_TO_WITHDRAWN:
        assert left["Idempotency-Replayed"] == "true"
    else:
        assert left.status_code in REFUSED, left.content
