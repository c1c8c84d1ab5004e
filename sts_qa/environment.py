"""Settings from environment variables: one visible table, checked when read.

A wrong value stops the start with the variable's name, its value and what would be right.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit


class SettingError(Exception):
    """A setting has a value that cannot be used."""


def _flag(text: str) -> bool:
    values = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in values:
        raise ValueError("use true or false")
    return values[text.lower()]


def _whole(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ValueError("use a whole number") from None
    if number < 0:
        raise ValueError("use a whole number of at least 0")
    return number


def _at_least_one(text: str) -> int:
    if (number := _whole(text)) == 0:
        raise ValueError("use a whole number of at least 1")
    return number


def _rate(text: str) -> str:
    number, _, period = text.partition("/")
    if not number.isdecimal() or int(number) == 0 or period not in {"s", "min", "h", "day"}:
        raise ValueError("use a number and a period such as 600/min; s, min, h and day are known")
    return text


def _bind(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError("use interface:port such as 127.0.0.1:8000, or 0.0.0.0:8000 for all")
    return text


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError("use an address such as http://server:8000 or https://qa.example.org")
    return text.rstrip("/")


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, how its text is read, its default and its meaning."""

    name: str
    read: Callable[[str], Any]
    default: str
    meaning: str


SETTINGS = (
    Setting("STS_QA_DATA", str, "./var", "Data folder: SQLite file, uploads, kept files, store."),
    Setting(
        "STS_QA_ADDRESS",
        _address,
        "http://localhost:8000",
        "Address at which browsers reach the server; its scheme decides cookie security.",
    ),
    Setting(
        "STS_QA_ALLOWED_HOSTS",
        _list,
        "",
        "Further host names, separated by commas, that the server answers to.",
    ),
    Setting(
        "STS_QA_BIND", _bind, "127.0.0.1:8000", "Interface and port on which `make serve` listens."
    ),
    Setting("STS_QA_THREADS", _at_least_one, "8", "Threads of the web server."),
    Setting("STS_QA_DEBUG", _flag, "false", "Error pages with details; for development only."),
    Setting(
        "STS_QA_SECRET_KEY",
        str,
        "",
        "Key that signs sessions; when empty one is made and kept in the data folder.",
    ),
    Setting(
        "STS_QA_IMPORT_ROOTS",
        _list,
        "",
        "Folders, separated by commas, below which coordinators may import by page or the API.",
    ),
    Setting("STS_QA_UPLOAD_LIMIT_MB", _whole, "4096", "Largest ZIP upload, in megabytes."),
    Setting(
        "STS_QA_UNPACKED_LIMIT_MB", _whole, "16384", "Largest ZIP upload unpacked, in megabytes."
    ),
    Setting(
        "STS_QA_STORE_LIMIT_MB",
        _whole,
        "20480",
        "Most megabytes of volumes kept in their quick form; 0 means no limit.",
    ),
    Setting("STS_QA_WORKERS", _whole, "0", "Worker processes for long work; 0 means one per core."),
    Setting(
        "STS_QA_DASK_SCHEDULER",
        str,
        "",
        "Address of a Dask scheduler for long work; empty means worker processes here.",
    ),
    Setting(
        "STS_QA_API_RATE",
        _rate,
        "600/min",
        "Requests that each API token or log-in may send to each server process.",
    ),
    Setting(
        "STS_QA_API_PIXEL_RATE",
        _rate,
        "6000/min",
        "Of those for pixels of an image, which are counted apart, as one volume takes hundreds.",
    ),
    Setting("STS_QA_DEMONSTRATION", _flag, "false", "Marks every page as a demonstration."),
    Setting(
        "STS_QA_BREAK_MINUTES",
        _whole,
        "45",
        "Active minutes after which a break is suggested; 0 for never.",
    ),
    Setting(
        "DATABASE_URL", str, "", "postgresql://user:password@host:5432/name; empty means SQLite."
    ),
)


def read_setting(name: str) -> Any:
    """Return the checked value of the setting `name`.

    Raises
    ------
    SettingError
        When the variable's text cannot be read.
    """
    setting = next(setting for setting in SETTINGS if setting.name == name)
    text = os.environ.get(name, setting.default).strip() or setting.default
    try:
        return setting.read(text)
    except ValueError as error:
        raise SettingError(f"{name}={text!r} cannot be used: {error}.") from None


def check_names() -> None:
    """Refuse a misspelt STS_QA_ variable, which would otherwise be ignored in silence."""
    known = {setting.name for setting in SETTINGS} | {"STS_QA_SAMPLE_DATA"}
    for name in os.environ:
        if name.startswith("STS_QA_") and name not in known:
            raise SettingError(f"{name} is not a setting; docs/settings.md lists them.")


def database_from_url(url: str) -> dict[str, Any]:
    """Return Django's settings for the PostgreSQL database that `url` names."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise SettingError(
            "DATABASE_URL cannot be used: give postgresql://user:password@host:5432/name, "
            "or leave it empty for SQLite."
        )
    query = dict(part.split("=", 1) for part in parts.query.split("&") if "=" in part)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host") or parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 16, "timeout": 20}},
    }
