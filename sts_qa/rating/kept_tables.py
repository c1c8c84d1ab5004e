"""Files of ratings that wait between being checked and being imported, as a browser keeps none.

Each lies below the data folder under a random name of its own and its person's number; what waits
longer than a day is deleted.
"""

from __future__ import annotations

import re
import secrets
import time
from pathlib import Path
from typing import Any

from django.conf import settings

WAITING_SECONDS = 24 * 60 * 60
TOKEN = re.compile(r"[0-9a-f]{32}")


def keep_table(table: bytes, user: Any) -> str:
    """Keep a file for the person; return the word by which only that person gets it back."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    _delete_old(folder)
    token = secrets.token_hex(16)
    path = _path(token, user)
    temporary = path.with_name(f".{path.name}")
    temporary.write_bytes(table)
    temporary.replace(path)
    return token


def kept_table(token: str, user: Any) -> bytes | None:
    """Return a kept file, None where there is none of this person."""
    if not TOKEN.fullmatch(token):
        return None
    try:
        return _path(token, user).read_bytes()
    except FileNotFoundError:
        return None


def forget_table(token: str, user: Any) -> None:
    if TOKEN.fullmatch(token):
        _path(token, user).unlink(missing_ok=True)


def _folder() -> Path:
    return settings.DATA_FOLDER / "uploads" / "ratings"


def _path(token: str, user: Any) -> Path:
    return _folder() / f"{user.pk}-{token}"


def _delete_old(folder: Path) -> None:
    oldest = time.time() - WAITING_SECONDS
    for path in folder.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
