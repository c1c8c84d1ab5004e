"""`make test`: goes on after a failure, says what failed, and never hides what could not run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import run_tests
from tools.prepare_tests import chromium_problem
from tools.run_tests import Step, main

PASSING, FAILING = [sys.executable, "-c", ""], [sys.executable, "-c", "raise SystemExit(7)"]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Step]:
    """Stand-ins for the real steps, on a machine that has everything."""
    steps: list[Step] = []
    monkeypatch.setattr(run_tests, "all_steps", lambda: steps)
    monkeypatch.setattr(run_tests, "install_node_packages", lambda: None)
    monkeypatch.setattr(run_tests, "install_chromium", lambda: None)
    monkeypatch.setattr(run_tests, "chromium_problem", lambda: "")
    monkeypatch.delenv("CI", raising=False)
    return steps


def last_line(capfd: pytest.CaptureFixture[str]) -> str:
    return capfd.readouterr().out.splitlines()[-1]


def test_a_failure_does_not_stop_the_rest_and_is_named_last(steps, capfd, tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    write = f"open({str(witness)!r}, 'w').close()"
    steps += [
        Step("lint", "first", FAILING),
        Step("unit", "second", [sys.executable, "-c", write]),
    ]
    assert main([]) == 1
    assert witness.exists()
    assert last_line(capfd) == "FAILED: first"


def test_all_passing_is_status_0(steps, capfd) -> None:
    steps += [Step("lint", "first", PASSING), Step("browser", "second", PASSING)]
    assert main([]) == 0
    assert "passed" in last_line(capfd)


def test_a_step_whose_server_does_not_start_has_failed(steps, capfd) -> None:
    def broken():
        raise OSError("no server")

    steps += [Step("postgres", "first", PASSING, broken)]
    assert main([]) == 1
    assert "no server" in capfd.readouterr().out


@pytest.mark.parametrize(("in_ci", "status"), [("true", 3), ("", 0)])
def test_without_chromium_the_last_line_says_incomplete(
    steps, capfd, monkeypatch: pytest.MonkeyPatch, in_ci: str, status: int
) -> None:
    monkeypatch.setattr(run_tests, "chromium_problem", lambda: "Chromium is missing.")
    monkeypatch.setenv("CI", in_ci)
    steps += [Step("unit", "first", PASSING), Step("browser", "second", FAILING)]
    assert main([]) == status
    assert last_line(capfd) == "INCOMPLETE: browser tests did not run: Chromium is missing."


def test_a_failure_counts_more_than_what_could_not_run(
    steps, capfd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_tests, "chromium_problem", lambda: "Chromium is missing.")
    monkeypatch.setenv("CI", "true")
    steps += [Step("unit", "first", FAILING), Step("browser", "second", PASSING)]
    assert main([]) == 1
    assert last_line(capfd).startswith("INCOMPLETE")


def test_groups_choose_steps_and_a_wrong_name_is_refused(steps, capfd) -> None:
    steps += [Step("lint", "first", PASSING), Step("unit", "second", FAILING)]
    assert main(["lint"]) == 0
    with pytest.raises(SystemExit, match="quick"):
        main(["lint", "quick"])


def test_a_chromium_that_does_not_start_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/no/such/chromium")
    assert "/no/such/chromium" in chromium_problem()
    monkeypatch.setenv("CHROMIUM", "/bin/false")
    assert "does not start" in chromium_problem()
