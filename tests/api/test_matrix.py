"""Every endpoint answers every kind of asker as its line in `tests/api/matrix` says."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest
from django.db import transaction
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse

from sts_qa.api.description import api_document
from sts_qa.api.endpoint import JSON
from sts_qa.api.urls import resources
from tests.api import matrix
from tests.api.conftest import ALL_SCOPES, ApiClient
from tests.api.matrix import ASKERS, Line
from tests.api.matrix.world import World

ENDPOINTS = {
    made.name: (pattern, made)
    for pattern in resources
    for made in pattern.callback.cls.endpoints.values()
}
LINES: dict[str, Line] = {}
for module in pkgutil.iter_modules(matrix.__path__):
    found = importlib.import_module(f"tests.api.matrix.{module.name}")
    LINES |= getattr(found, "LINES", {})


def test_every_endpoint_has_its_line_and_every_line_its_endpoint() -> None:
    assert set(LINES) == set(ENDPOINTS)


OPERATIONS = {
    operation["operationId"]: operation
    for methods in api_document()["paths"].values()
    for operation in methods.values()
}
# What stands in no document, as any server may send it
USUAL = {
    *("Content-Type", "Content-Length", "Content-Language", "Cache-Control", "Vary"),
    *("Allow", "Expires", "Set-Cookie"),
    *("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy"),
    *("X-Content-Type-Options", "X-Frame-Options"),
}
ALWAYS = {"Location", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}


def check_headers(name: str, answer: Any) -> None:
    """Every header is declared, and those that are declared of every such answer are there."""
    declared = set(OPERATIONS[name]["responses"][str(answer.status_code)].get("headers", {}))
    sent = set(answer.headers) - USUAL
    assert sent <= declared, (name, answer.status_code)
    assert declared & ALWAYS <= sent, (name, answer.status_code)


def ask(client: ApiClient, world: World, name: str, line: Line) -> Any:
    pattern, made = ENDPOINTS[name]
    own = line.arguments(world) if line.arguments else {}
    wanted = pattern.pattern.converters
    address = reverse(
        f"api:{name}", kwargs={key: {**world.arguments, **own}[key] for key in wanted}
    )
    headers = {"Idempotency-Key": f"matrix {name}"} if made.idempotent else {}
    method = getattr(client, made.method.lower())
    if made.method == "GET":
        return method(address + line.query, headers=headers)
    body: Any = line.body(world) if line.body else {}
    sent_as = JSON if JSON in (made.body or [JSON]) else MULTIPART_CONTENT
    return method(address + line.query, body, sent_as, headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_answers(name: str, token_client, session_client, settings, tmp_path) -> None:
    settings.DATA_FOLDER = tmp_path
    settings.IMPORT_ROOTS = [tmp_path]
    world, line = World(), LINES[name]
    if line.prepare:
        line.prepare(world)
    owner = getattr(world, line.owner)
    clients = {
        "nobody": ApiClient(),
        **{role: session_client(getattr(world, role)) for role in ASKERS[1:5]},
        **{scope: token_client(owner, [scope]) for scope in ALL_SCOPES},
        "elsewhere": token_client(owner, study=world.other),
    }
    answers = {}
    for asker in ASKERS:
        with transaction.atomic():
            answer = ask(clients[asker], world, name, line)
            check_headers(name, answer)
            answers[asker] = answer.status_code
            # The next one finds the world as this one did
            transaction.set_rollback(True)
    assert answers == line.expected
