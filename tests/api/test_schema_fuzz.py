"""The whole API, asked by its OpenAPI document with made-up data and along its links.

The same few requests each time by each kind of asker; `python -m trials.api_fuzz` is the long form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test.testcases import LiveServerThread
from django.urls import reverse
from django.utils import timezone

from sts_qa.api.description import api_document
from sts_qa.api.routing import ResourceView
from sts_qa.studies.models import Study
from tests.api.matrix.world import World
from trials.fuzzing import Extent, fuzz

EXTENTS = {
    "coordinator": Extent(examples=3, chains=25),
    "rater": Extent(examples=2, chains=10),
    "nobody": Extent(examples=1, chains=1),
}


@pytest.fixture
def world(transactional_db, settings, tmp_path) -> World:
    settings.DATA_FOLDER = tmp_path
    settings.IMPORT_ROOTS = [tmp_path]
    settings.API_RATE = "1000000/min"
    made = World()
    # One whose reports can be seen
    Study.objects.filter(pk=made.other.pk).update(state="closed", closed_at=timezone.now())
    return made


@pytest.fixture
def address(world, settings) -> Iterator[str]:
    """The address of a running server with the test's database."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    server = LiveServerThread("127.0.0.1", static_handler=lambda application: application)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


def known(world: World) -> dict[str, list[Any]]:
    found = {
        f"path.{name}": [value if isinstance(value, int) else str(value)]
        for name, value in world.arguments.items()
    }
    found["path.study_id"].append(str(world.other.public_id))
    found["body.dataset"] = [world.dataset.pk]
    found["body.protocol"] = [world.arguments["slug"]]
    return found


def operations() -> set[str]:
    return {
        f"{method.upper()} {address}"
        for address, methods in api_document()["paths"].items()
        for method in methods
    }


@pytest.mark.parametrize("asker", EXTENTS)
def test_no_answer_differs_from_the_document(asker, world, address, token_client):
    secret = None
    if asker != "nobody":
        header = token_client(getattr(world, asker)).headers_sent["Authorization"]
        secret = header.removeprefix("Bearer ")
    findings = fuzz(address, secret, known(world), EXTENTS[asker])
    assert findings.faults == [], "\n\n".join(findings.faults)
    assert findings.answers.keys() == operations()
    statuses = {status for counted in findings.answers.values() for status in counted}
    if asker == "nobody":
        assert statuses <= {401, 404, 405}
    else:
        # Neither kept out nor stopped at the door
        assert {200, 404, 422} <= statuses
    if asker == "coordinator":
        # Most of the few chains of a rater end where they begin: with a refusal
        assert findings.steps_by_link > 0


@pytest.mark.parametrize(
    ("status", "content", "check"),
    [
        (418, "<p>Teapot</p>", "status_code_conformance"),
        # Answers may gain fields in a later version, which then names them
        (200, '{"items": [], "next": null, "total": 0}', "response_schema_conformance"),
    ],
)
def test_what_the_document_does_not_say_is_found(
    world, address, token_client, monkeypatch, status, content, check
):
    header = token_client(world.coordinator).headers_sent["Authorization"]
    endpoint = "GET " + reverse("api:list_jobs")

    def undocumented(self, request):
        return HttpResponse(content, status=status, content_type="application/json")

    view = next(made for made in ResourceView.__subclasses__() if made.__name__ == "ListJobs")
    monkeypatch.setattr(view, "get", undocumented)
    secret = header.removeprefix("Bearer ")
    extent = Extent(examples=1, chains=1)
    faults = fuzz(address, secret, known(world), extent, only="list_jobs").faults
    assert any(fault.startswith(f"{endpoint}: {check}") for fault in faults)
