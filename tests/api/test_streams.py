"""Lists as streams: the same rows as page by page, to the byte, and little work for each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from sts_qa.api.schemas.common import Schema
from tests.api.matrix.world import World
from tests.api.test_matrix import ENDPOINTS, LINES
from tests.factories import make_dataset, make_item

STREAMS = sorted(name for name, (_pattern, made) in ENDPOINTS.items() if made.streams)


@pytest.mark.django_db
@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_has_the_bytes_of_the_page(name, token_client, settings, tmp_path) -> None:
    settings.DATA_FOLDER = tmp_path
    settings.IMPORT_ROOTS = [tmp_path]
    world, line = World(), LINES[name]
    if line.prepare:
        line.prepare(world)
    own: dict[str, Any] = line.arguments(world) if line.arguments else {}
    wanted = ENDPOINTS[name][0].pattern.converters
    kwargs = {key: {**world.arguments, **own}[key] for key in wanted}
    address = reverse(f"api:{name}", kwargs=kwargs)
    client = token_client(getattr(world, line.owner))
    page = client.get(f"{address}?limit=1000")
    assert page.status_code == 200, page.content
    rows = b"".join(client.get(f"{address}?stream=true").streaming_content)
    assert page.content == b'{"items":[%s],"next":null}' % b",".join(rows.splitlines())


def test_a_row_of_a_stream_makes_no_schema_of_its_own(token_client, owner, monkeypatch) -> None:
    dataset = make_dataset(owner=owner)
    for number in range(20):
        make_item(dataset, f"{number:02}.png", labelled=number % 2 == 0)
    made = []
    fields_of = Schema.get_fields
    monkeypatch.setattr(Schema, "get_fields", lambda one: made.append(one) or fields_of(one))
    address = reverse("api:list_items", args=[dataset.pk])
    rows = b"".join(token_client(owner).get(f"{address}?stream=true").streaming_content)
    assert [json.loads(row)["key"] for row in rows.splitlines()] == [
        f"{number:02}.png" for number in range(20)
    ]
    assert len(made) < 10
