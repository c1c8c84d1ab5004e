"""What a browser finds in a demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from sts_qa.accounts.models import User
from sts_qa.accounts.queries import NOTICE_VERSION
from tests.rating.conftest import files_study  # noqa: F401
from tests.small_demonstration import small_demonstration


@pytest.fixture
def demonstration(live_address: str, tmp_path: Path) -> Iterator[None]:
    """The demonstration's two studies, of a dozen small phantoms."""
    with small_demonstration(tmp_path / "data"):
        call_command("load_demonstration", verbosity=0)
        User.objects.update(notice_version=NOTICE_VERSION, notice_accepted_at=timezone.now())
        yield
