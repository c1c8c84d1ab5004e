"""Settings: every one is documented, and a wrong one is named with what would be right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sts_qa.environment import (
    SETTINGS,
    SettingError,
    check_names,
    database_from_url,
    read_setting,
)

PROJECT = Path(__file__).resolve().parents[2]


def test_the_documented_table_is_the_table_in_the_code() -> None:
    text = (PROJECT / "docs" / "settings.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \| (?:`(.+?)`|empty) \| (.+) \|$", text, re.MULTILINE)
    assert documented == [(setting.name, setting.default, setting.meaning) for setting in SETTINGS]


def test_nothing_reads_the_environment_beside_the_table() -> None:
    names = {setting.name for setting in SETTINGS}
    for file in (PROJECT / "sts_qa").rglob("*.py"):
        if file.name == "environment.py":
            continue
        for name in re.findall(r"environ[^\n]*[\"'](STS_QA_\w+|DATABASE_URL)", file.read_text()):
            assert name not in names, f"{file} reads {name} past sts_qa/environment.py"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_default_can_be_read(setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(setting.name, raising=False)
    read_setting(setting.name)


@pytest.mark.parametrize(
    ("name", "text", "advice"),
    [
        ("STS_QA_DEBUG", "maybe", "true or false"),
        ("STS_QA_WORKERS", "two", "whole number"),
        ("STS_QA_WORKERS", "-1", "at least 0"),
        ("STS_QA_THREADS", "0", "at least 1"),
        ("STS_QA_API_RATE", "600", "600/min"),
        ("STS_QA_API_RATE", "0/min", "600/min"),
        ("STS_QA_API_RATE", "9/month", "600/min"),
        ("STS_QA_BIND", "8000", "interface:port"),
        ("STS_QA_BIND", "0.0.0.0:99999", "interface:port"),
        ("STS_QA_ADDRESS", "qa.example.org", "https://"),
        ("STS_QA_ADDRESS", "http://qa.example.org/under", "http://server:8000"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(
    name: str, text: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(SettingError) as raised:
        read_setting(name)
    for part in (name, text, advice):
        assert part in str(raised.value)


def test_an_empty_value_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STS_QA_THREADS", " ")
    assert read_setting("STS_QA_THREADS") == 8


def test_a_misspelt_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STS_QA_ADRESS", "http://qa-server:8000")
    with pytest.raises(SettingError, match="STS_QA_ADRESS is not a setting"):
        check_names()


@pytest.mark.parametrize("url", ["mysql://server/name", "postgresql://server", "name"])
def test_a_wrong_database_address_is_refused(url: str) -> None:
    with pytest.raises(SettingError, match="postgresql://user:password@host:5432/name"):
        database_from_url(url)


def test_a_database_address_is_taken_apart() -> None:
    database = database_from_url("postgresql://rater:p%40ss@db-server:5433/sts_qa")
    assert {name: database[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")} == {
        "USER": "rater",
        "PASSWORD": "p@ss",
        "HOST": "db-server",
        "PORT": "5433",
        "NAME": "sts_qa",
    }
    assert database_from_url("postgresql:///sts_qa?host=%2Frun%2Fpg")["HOST"] == "/run/pg"


def start(tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py check` with these settings and no others."""
    environment = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("STS_QA_") and name != "DATABASE_URL"
    }
    environment |= {
        "DJANGO_SETTINGS_MODULE": "sts_qa.settings",
        "STS_QA_DATA": str(tmp_path),
        **settings,
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_a_start_with_a_wrong_value_stops_and_says_why_in_its_last_line(tmp_path: Path) -> None:
    failed = start(tmp_path, STS_QA_DEBUG="maybe")
    assert failed.returncode != 0
    assert "STS_QA_DEBUG='maybe' cannot be used" in failed.stderr.splitlines()[-1]


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    assert start(tmp_path).returncode == 0
    file = tmp_path / "secret_key"
    key = file.read_text()
    assert len(key) >= 50
    assert file.stat().st_mode & 0o777 == 0o600
    assert start(tmp_path).returncode == 0
    assert file.read_text() == key
