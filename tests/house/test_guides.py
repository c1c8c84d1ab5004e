"""The guides name every key, command, option and manifest column that there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand

from sts_qa.catalogue.layouts.manifest import OPTIONAL, REQUIRED
from sts_qa.reports.registry import REPORTS
from sts_qa.screening.models import ScreeningDecision

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs"
COMMANDS = sorted(
    file.stem
    for file in (PROJECT / "sts_qa" / "cli" / "management" / "commands").glob("*.py")
    if file.stem != "__init__"
)


def sections_of(document: str) -> dict[str, str]:
    """Return the text of each section under the first word of its heading."""
    parts = re.split(r"^## `?(\w+)", (DOCS / document).read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def first_cells(text: str) -> list[str]:
    return re.findall(r"^\| (.+?) \|", text, re.MULTILINE)


def options_of(command: BaseCommand) -> set[str]:
    parser = command.create_parser("manage.py", "command")
    return {name for action in parser._actions for name in action.option_strings}


def test_the_keys_for_raters_are_those_that_the_page_knows() -> None:
    script = (PROJECT / "static" / "js" / "rating" / "keys.js").read_text()
    shown = {key for keys in re.findall(r'shown: "([^"]+)"', script) for key in keys.split(", ")}
    assert len(shown) > 30
    table = sections_of("rater.md")["Keys"]
    documented = {key for cell in first_cells(table) for key in re.findall(r"`(.+?)`", cell)}
    assert documented == shown


def test_every_command_has_its_section() -> None:
    sections = [name for name in sections_of("automation.md") if name.islower()]
    assert sorted(sections) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_in_its_section(name: str) -> None:
    common = options_of(BaseCommand()) | {"--as"}
    own = options_of(load_command_class("sts_qa.cli", name)) - common
    heading = re.search(rf"^## `{name}(.*)`$", (DOCS / "automation.md").read_text(), re.MULTILINE)
    assert heading
    cells = first_cells(sections_of("automation.md")[name])
    named = {cell.strip("`") for cell in cells} | set(heading[1].split())
    assert {option for option in named if option.startswith("-") and option != "---"} == own


def test_the_columns_of_a_manifest_are_those_that_are_read() -> None:
    table = (DOCS / "coordinator.md").read_text().partition("| Column |")[2].partition("\n\n")[0]
    documented = {name for cell in first_cells(table) for name in re.findall(r"`(\w+)`", cell)}
    assert documented == {*REQUIRED, *OPTIONAL}


def test_reports_and_reasons_are_named_as_commands_take_them() -> None:
    sections = sections_of("automation.md")
    for report in REPORTS:
        assert f"`{report}`" in sections["export_report"]
    for reason in ScreeningDecision.Reason.values:
        assert f"`{reason}`" in sections["exclude_items"]
