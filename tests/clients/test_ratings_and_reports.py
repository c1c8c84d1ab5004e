"""Rating many items and reading tables with the Python client."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO

import httpx
import pandas as pd
from sts_qa_client import Client

from sts_qa.science.tables.model import Block, Column, Missing, ReportTable
from sts_qa.science.tables.writers import write_csv

STUDY = "0b0e6f2e-0d5f-4b4c-8f0c-5f8f3c1c7a10"


def client_of(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client("http://qa", "stsqa_x", transport=httpx.MockTransport(answer))


def test_each_of_many_ratings_has_a_key_of_its_own_unless_it_brings_one() -> None:
    sent: list[dict] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json={"stored": 3})

    rows = [{"assignment": name, "scores": {}} for name in "abc"]
    client_of(answer).rate_many(STUDY, [*rows[:2], {**rows[2], "idempotency_key": "mine"}])
    (body,) = sent
    assert body["mode"] == "per_row"
    assert [row["assignment"] for row in body["ratings"]] == ["a", "b", "c"]
    keys = [row["idempotency_key"] for row in body["ratings"]]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"
    assert "idempotency_key" not in rows[0]


def test_assignments_come_one_by_one_until_there_is_none() -> None:
    left = ["first", "second"]
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"token": left[0]}) if left else httpx.Response(204)

    client = client_of(answer)
    seen = []
    for assignment in client.assignments(STUDY):
        # As rating it would
        seen.append(left.pop(0))
        assert assignment["token"] == seen[-1]
    assert seen == ["first", "second"]
    assert asked == [f"/api/v1/studies/{STUDY}/queue/next/"] * 3


def test_a_report_becomes_a_table_with_its_numbers_texts_and_gaps() -> None:
    columns = [Column("comment", "Comment"), Column("value", "Value", kind="number")]
    rows = [
        {"comment": "None", "value": 1 / 3},
        {"comment": "NA, #2", "value": Missing("cannot_judge")},
    ]
    table = ReportTable("raw", "Raw", [Block("raw", "Raw", columns, rows)], notes=["A note."])
    file = BytesIO()
    write_csv(table, file)
    client = client_of(lambda _: httpx.Response(200, content=file.getvalue()))
    frame = client.report_frame(STUDY, "raw-scores")
    assert list(frame["comment"]) == ["None", "NA, #2"]
    assert frame["value"][0] == 1 / 3
    assert pd.isna(frame["value"][1])
    assert frame["value_missing"][1] == "cannot_judge"
    assert len(frame) == 2
