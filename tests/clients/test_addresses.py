"""Every method of the Python client asks for what the API's document describes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sts_qa_client import Client
from sts_qa_client.connection import Connection

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((PROJECT / "docs" / "api" / "openapi.json").read_text())
STUDY = "0b0e6f2e-0d5f-4b4c-8f0c-5f8f3c1c7a10"
JOB = "7f9c24e5-5e0a-4c57-8a3f-0d5b6a1f2f10"
TOKEN = "k3yOfAnAssignment"
# Acts that may be carried out twice: what is cancelled stays cancelled
MAY_COME_TWICE = {"/jobs/{}/cancel/"}

CALLS: dict[str, Callable[[Client, Path], Any]] = {
    "datasets": lambda client, file: client.datasets(),
    "dataset": lambda client, file: client.dataset(1),
    "create_dataset": lambda client, file: client.create_dataset("Jaws"),
    "import_folder": lambda client, file: client.import_folder(1, "/data", keep_files=True),
    "import_archive": lambda client, file: client.import_archive(1, file, layout="folders"),
    "imports": lambda client, file: client.imports(1),
    "show_import": lambda client, file: client.show_import(1, 2),
    "import_entries": lambda client, file: client.import_entries(1, 2, outcome="error"),
    "apply_import": lambda client, file: client.apply_import(1, 2),
    "import_masks": lambda client, file: client.import_masks(1, "/masks", "Second reader"),
    "items": lambda client, file: client.items(1, category="A-PXI", labelled=True),
    "decide_items": lambda client, file: client.decide_items(
        1, [{"item": 2, "outcome": "keep", "reason": "other", "note": "x"}], dry_run=True
    ),
    "compute_metrics": lambda client, file: client.compute_metrics(1),
    "metric_values": lambda client, file: client.metric_values(1),
    "metrics_file": lambda client, file: client.metrics_file(1, "xlsx", shape="wide"),
    "jobs": lambda client, file: client.jobs(),
    "job": lambda client, file: client.job(JOB),
    "cancel_job": lambda client, file: client.cancel_job(JOB),
    "wait_for_job": lambda client, file: client.wait_for_job(JOB),
    "protocols": lambda client, file: client.protocols(),
    "save_protocol": lambda client, file: client.save_protocol({"slug": "mine"}),
    "studies": lambda client, file: client.studies(),
    "study": lambda client, file: client.study(STUDY),
    "create_study": lambda client, file: client.create_study("A", 1, "iqsc", fraction="0.30"),
    "import_ratings": lambda client, file: client.import_ratings("Old", file, dry_run=True),
    "change_plan": lambda client, file: client.change_plan(STUDY, fraction="0.50", seed=7),
    "draw_sample": lambda client, file: client.draw_sample(STUDY),
    "verify_sample": lambda client, file: client.verify_sample(STUDY),
    "start_study": lambda client, file: client.start_study(STUDY),
    "pause_study": lambda client, file: client.pause_study(STUDY),
    "resume_study": lambda client, file: client.resume_study(STUDY),
    "close_study": lambda client, file: client.close_study(STUDY),
    "progress": lambda client, file: client.progress(STUDY),
    "members": lambda client, file: client.members(STUDY),
    "add_member": lambda client, file: client.add_member(STUDY, "ada", role="observer"),
    "add_program": lambda client, file: client.add_program(STUDY, "Net", "1"),
    "create_program_token": lambda client, file: client.create_program_token(STUDY, 3, "Desk"),
    "queue": lambda client, file: client.queue(STUDY),
    "assignments": lambda client, file: client.assignments(STUDY),
    "pixels": lambda client, file: client.pixels(f"assignments/{TOKEN}/pixels/image"),
    "rate": lambda client, file: client.rate(TOKEN, {"a": {"value": "1"}}, comment="x"),
    "rate_many": lambda client, file: client.rate_many(
        STUDY, [{"assignment": TOKEN, "scores": {}}]
    ),
    "own_ratings": lambda client, file: client.own_ratings(STUDY),
    "reports": lambda client, file: client.reports(STUDY),
    "report": lambda client, file: client.report(STUDY, "quality-scores", models="panel"),
    "report_file": lambda client, file: client.report_file(STUDY, "quality-scores", "xlsx"),
    "report_frame": lambda client, file: client.report_frame(STUDY, "quality-scores"),
}


def operations() -> Iterator[tuple[str, str, dict]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield method.upper(), path, operation


def operation_of(request: httpx.Request) -> tuple[str, dict]:
    """Return path and description of what was asked for; a fixed path goes before a pattern."""
    for method, path, operation in sorted(operations(), key=lambda one: one[1].count("{")):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        if method == request.method and re.fullmatch(pattern, request.url.path):
            return re.sub(r"\{\w+\}", "{}", path), operation
    raise AssertionError(f"The API has no {request.method} {request.url.path}")


def schema_of_body(operation: dict, media_type: str) -> dict:
    schema = operation["requestBody"]["content"][media_type]["schema"]
    return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def asked_by(call: Callable[[Client, Path], Any], file: Path) -> httpx.Request:
    """Return the first request that a method sends."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        asked.append(request)
        content = {"items": [], "next": None, "state": "done"}
        is_next = request.url.path.endswith("/next/")
        return httpx.Response(204) if is_next else httpx.Response(200, json=content)

    result = call(Client("http://qa", "stsqa_x", transport=httpx.MockTransport(answer)), file)
    if isinstance(result, Iterator):
        list(result)
    assert len(asked) == 1
    return asked[0]


def test_every_method_says_what_it_returns() -> None:
    methods = {**vars(Connection), **vars(Client)}
    public = {name: one for name, one in methods.items() if not name.startswith("_")}
    assert {name for name, method in public.items() if not method.__doc__} == set()


def test_every_method_is_tried() -> None:
    own = {name for name in vars(Client) if not name.startswith("_")} - set(vars(Connection))
    assert set(CALLS) == own


@pytest.mark.parametrize("name", CALLS)
def test_a_method_asks_for_what_the_api_has(name: str, tmp_path: Path) -> None:
    file = tmp_path / "images.zip"
    file.write_bytes(b"PK")
    request = asked_by(CALLS[name], file)
    path, operation = operation_of(request)
    parameters = {one["name"]: one for one in operation.get("parameters", ())}
    assert set(request.url.params) <= set(parameters)
    media_type = request.headers.get("Content-Type", "").partition(";")[0]
    if media_type == "application/json" and "requestBody" in operation:
        body = json.loads(request.content)
        schema = schema_of_body(operation, media_type)
        assert set(schema.get("required", ())) <= set(body) <= set(schema["properties"])
    elif media_type:
        assert request.content == b"{}" or media_type in operation["requestBody"]["content"]
    if request.method == "POST" and path.removeprefix("/api/v1") not in MAY_COME_TWICE:
        assert "Idempotency-Key" in parameters, "sent again it might be done twice"
