"""A live server with a worker, for programs in processes of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from sts_qa.accounts.models import User
from sts_qa.api.actions import create_token
from sts_qa.jobs.worker import Worker
from tests.factories import make_user


@dataclass(frozen=True)
class Installation:
    """Its address, a coordinator, and the secret of a token with which the coordinator manages."""

    address: str
    coordinator: User
    secret: str


@pytest.fixture
def installation(live_address: str, settings: Any, tmp_path: Path) -> Iterator[Installation]:
    """A server that programs reach by its number, with a worker; imports come from `tmp_path`."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.DATA_FOLDER = tmp_path / "data"
    settings.DATA_FOLDER.mkdir()
    settings.IMPORT_ROOTS = [tmp_path]
    settings.WORKERS = 1
    coordinator = make_user("cora", coordinator=True)
    address = f"http://127.0.0.1:{urlsplit(live_address).port}"
    with _worker():
        yield Installation(address, coordinator, _secret_of(coordinator))


def _secret_of(user: User) -> str:
    _token, secret = create_token(
        user=user,
        name="Example",
        scopes=("manage",),
        study=None,
        expires_at=timezone.now() + timedelta(hours=1),
        acting_user=user,
    )
    return secret


@contextmanager
def _worker() -> Iterator[None]:
    """Work off jobs as `run_worker` does."""
    stop = threading.Event()

    def work() -> None:
        try:
            Worker(stop).work()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
