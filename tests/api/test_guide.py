"""The guide of the API: its examples run, and it names what there is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from sts_qa.jobs.models import Job
from sts_qa.rating.models import Rating
from sts_qa.studies.models import Study
from tests.api.live import Installation
from tests.browser.marked_images import write_dataset

PROJECT = Path(__file__).resolve().parents[2]
GUIDE = (PROJECT / "docs" / "api" / "README.md").read_text()
COMMANDS = PROJECT / "sts_qa" / "cli" / "management" / "commands"
LONGEST_SECONDS = 120
NO_JOB = "00000000-0000-4000-8000-000000000000"


def blocks(language: str) -> str:
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))


def for_here(program: str, installation: Installation, folder: Path) -> str:
    """Put this server, a token and a folder in the place of the guide's."""
    places = {
        "https://qa.example.org": installation.address,
        "stsqa_…": installation.secret,
        "/data/jaws": str(folder),
    }
    for told, here in places.items():
        assert told in program
        program = program.replace(told, here)
    return program


def without_names(address: str) -> str:
    return re.sub(r"\{\w+\}|<[^>]+>", "{}", address)


def addresses_of_api() -> set[str]:
    """Return what the API has as "GET /studies/{}/"."""
    document = json.loads((PROJECT / "docs" / "api" / "openapi.json").read_text())
    return {
        f"{method.upper()} {without_names(path.removeprefix('/api/v1'))}"
        for path, methods in document["paths"].items()
        for method in methods
    }


def addresses_of_pages() -> set[str]:
    def walk(patterns: list[Any], before: str) -> set[str]:
        found: set[str] = set()
        for pattern in patterns:
            address = f"{before}{pattern.pattern}"
            if isinstance(pattern, URLResolver):
                found |= walk(pattern.url_patterns, address)
            elif isinstance(pattern, URLPattern):
                found.add(without_names(address))
        return found

    return walk(get_resolver().url_patterns, "/")


def table_of_commands() -> dict[str, tuple[str, str]]:
    section = GUIDE.partition("## Commands, addresses, pages")[2]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", section, re.MULTILINE)
    return {command: (api, page) for command, api, page in rows}


def test_every_command_is_in_the_table_or_said_to_be_the_installation_s() -> None:
    commands = {file.stem for file in COMMANDS.glob("*.py")} - {"__init__"}
    theirs = GUIDE.partition("on its machine only:")[2].partition("\n\n")[0]
    others = set(re.findall(r"`(\w+)`", theirs))
    assert others & set(table_of_commands()) == set()
    assert others | set(table_of_commands()) == commands


def test_the_addresses_of_the_table_exist() -> None:
    for api, page in table_of_commands().values():
        named = {without_names(one) for one in re.findall(r"`([A-Z]+ /.*?)`", api)}
        assert named
        assert named - addresses_of_api() == set()
        pages = {without_names(one) for one in re.findall(r"`(/.*?)`", page)}
        assert pages
        assert pages - addresses_of_pages() == set()


needs_curl = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq") and shutil.which("bash")),
    reason="needs curl, jq and bash",
)


def run_in_bash(script: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", *options, "-c", script],
        cwd=folder,
        env={**os.environ, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )


@needs_curl
@pytest.mark.parametrize("options", [(), ("-euo", "pipefail")])
def test_following_a_job_that_is_not_there_fails_and_ends(installation, tmp_path, options) -> None:
    told = blocks("sh").partition("follow() {")
    functions = told[0] + told[1] + told[2].partition("\n}\n")[0] + "\n}\n"
    functions = functions.replace("https://qa.example.org", installation.address)
    functions = functions.replace("stsqa_…", installation.secret)
    script = f"{functions}if follow {NO_JOB}; then echo done; else echo failed; fi"
    assert run_in_bash(script, tmp_path, *options).stdout == "failed\n"


@needs_curl
def test_the_examples_in_curl_run(installation, tmp_path) -> None:
    write_dataset(tmp_path / "images")
    script = for_here(blocks("sh"), installation, tmp_path / "images")
    done = run_in_bash(script, tmp_path, "-euo", "pipefail")
    assert done.returncode == 0, done.stdout + done.stderr
    check_what_was_done(ratings=2)
    assert (tmp_path / "next.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "table_5.xlsx").read_bytes().startswith(b"PK")
    assert "artifacts" in (tmp_path / "raw_scores.csv").read_text(encoding="utf-8-sig")


def test_the_examples_in_python_run(installation, tmp_path) -> None:
    images = write_dataset(tmp_path / "images")
    program = for_here(blocks("python"), installation, tmp_path / "images")
    names: dict[str, Any] = {}
    exec(compile(program, "docs/api/README.md", "exec"), names)
    check_what_was_done()
    # Each once, and the last one again
    assert 0 < Rating.objects.filter(is_current=True).count() < len(images)
    assert Rating.objects.filter(is_current=False).count() == 1
    scores = names["raw_scores"]
    assert set(scores["channel"]) == {"api"}


def check_what_was_done(ratings: int | None = None) -> None:
    study = Study.objects.get()
    assert study.state == Study.State.CLOSED
    assert study.name == "Quality of jaws"
    assert study.memberships.get(user__username="ada").role == "rater"
    assert study.memberships.exclude(model_name="").get().model_version == "2.1"
    if ratings is not None:
        assert Rating.objects.count() == ratings
    assert Rating.objects.get(comment="Looked again.").is_current
    assert set(Rating.objects.values_list("channel", flat=True)) == {"api"}
    assert Job.objects.latest("pk").kind == "compute_metrics"
