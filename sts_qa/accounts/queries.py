"""Who may do what at the level of the installation, and what logging in needs to know."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from sts_qa.accounts.models import LogInFailure, User

NOTICE_VERSION = 1

FREE_FAILURES = 5
LONGEST_WAIT_SECONDS = 60
FORGET_FAILURES_AFTER = timedelta(hours=1)
DEMONSTRATION_FILE = "demonstration_log_ins.json"


def may_coordinate(user) -> bool:
    return bool(user.is_authenticated and user.has_perm("accounts.can_coordinate"))


def working_token_count(user: User) -> int:
    """Return how many tokens let programs work in the person's name, which no password ends."""
    tokens: Any = user.api_tokens
    return tokens.filter(revoked_at=None, expires_at__gt=timezone.now()).count()


def only_superuser() -> User | None:
    """Return the superuser when there is exactly one, for commands without `--as`."""
    superusers = list(User.objects.filter(is_superuser=True, is_active=True)[:2])
    return superusers[0] if len(superusers) == 1 else None


def account_key(user) -> str:
    """Return a short name of the account that says nothing about the person."""
    key = salted_hmac("sts_qa.accounts.account_key", str(user.opaque_id), algorithm="sha256")
    return key.hexdigest()[:16]


def name_hash(username: str) -> str:
    """Return the key under which failed log-ins of a name are counted."""
    typed = User.normalize_username(username).casefold()
    return salted_hmac("sts_qa.accounts.log_in", typed, algorithm="sha256").hexdigest()


def seconds_to_wait(username: str) -> int:
    """Return how long a log-in under this name must wait: 0, or 1, 2, 4 ... up to a minute."""
    failure = LogInFailure.objects.filter(name_hash=name_hash(username)).first()
    if failure is None or failure.count < FREE_FAILURES:
        return 0
    age = timezone.now() - failure.last_at
    if age > FORGET_FAILURES_AFTER:
        return 0
    wait = min(2 ** min(failure.count - FREE_FAILURES, 30), LONGEST_WAIT_SECONDS)
    return max(0, -((age - timedelta(seconds=wait)) // timedelta(seconds=1)))


def demonstration_log_ins() -> list[dict[str, str]]:
    """Return `username`, `password` and `role` of the demonstration's accounts.

    They lie in the data folder of a demonstration, where loading it puts them; anywhere else
    there are none.
    """
    file = settings.DATA_FOLDER / DEMONSTRATION_FILE
    if not settings.DEMONSTRATION or not file.is_file():
        return []
    return json.loads(file.read_text(encoding="utf-8"))
