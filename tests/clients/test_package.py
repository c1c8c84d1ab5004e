"""The Python client as a package: what it says of itself, and what it needs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import httpx
from django.conf import settings
from sts_qa_client import Client, connection

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "clients" / "python"
PACKAGE = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]


def test_it_has_the_version_of_the_installation_and_says_so() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    Client("http://qa", "stsqa_x", transport=httpx.MockTransport(answer)).dataset(1)
    assert PACKAGE["version"] == connection.VERSION == settings.SOFTWARE_VERSION
    assert asked[0].headers["User-Agent"] == f"sts-qa-client/{PACKAGE['version']}"


def test_it_needs_httpx_alone_and_is_tested_with_the_oldest_that_it_allows() -> None:
    (needed,) = PACKAGE["dependencies"]
    oldest = re.fullmatch(r"httpx>=([\d.]+),<1", needed)
    assert oldest
    assert f"httpx=={oldest[1]}\n" in (PROJECT / "requirements-dev.txt").read_text()


def test_it_comes_with_its_types_and_its_licence() -> None:
    assert (FOLDER / "sts_qa_client" / "py.typed").is_file()
    assert (FOLDER / "LICENSE").read_text() == (PROJECT / "LICENSE").read_text()
