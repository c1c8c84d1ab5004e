"""What the documents name exists."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "clients").rglob("*.md")]
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(PROJECT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = [target for target in LINK.findall(document.read_text()) if ":" not in target]
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(PROJECT)))
def test_named_commands_exist(document: Path) -> None:
    text = document.read_text()
    assert set(re.findall(r"manage\.py (\w+)", text)) <= set(get_commands())
    targets = re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:`|^    )make (\w+)", text, re.MULTILINE)) <= set(targets)


def test_the_contributors_table_names_folders_that_exist() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text()
    paths = re.findall(r"`((?:sts_qa|static|docs|tests)/[\w/.]+)`", text)
    # What comes with a later part, or with the first file of its kind
    assert len(paths) > 8
    assert [path for path in paths if not (PROJECT / path).exists()] == []


def test_every_document_is_in_the_index() -> None:
    text = (PROJECT / "docs" / "README.md").read_text()
    linked = {(PROJECT / "docs" / target).resolve() for target in LINK.findall(text)}
    own = {file for file in DOCUMENTS if "docs" in file.parts and file.name != "README.md"}
    assert {file for file in own if not linked & {file, *file.parents}} == set()


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    citation = re.search(r"^version: (\S+)$", (PROJECT / "CITATION.cff").read_text(), re.MULTILINE)
    assert citation
    assert {project["version"], citation[1]} == {settings.SOFTWARE_VERSION}
    assert f"## {settings.SOFTWARE_VERSION} " in (PROJECT / "CHANGELOG.md").read_text()


def test_packages_are_pinned_exactly() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (PROJECT / name).read_text().split("\n")
        packages = [line for line in lines if line and not line.startswith(("#", "-r "))]
        assert [line for line in packages if not re.fullmatch(r"[\w.\-\[\],]+==[\w.]+", line)] == []
    scripts = json.loads((PROJECT / "package.json").read_text())
    assert all(re.fullmatch(r"[\d.]+", text) for text in scripts["devDependencies"].values())


def test_no_lock_or_requirement_names_the_host_that_packages_come_from() -> None:
    for name in ("package-lock.json", "requirements.txt", "requirements-dev.txt"):
        text = (PROJECT / name).read_text()
        assert '"resolved"' not in text
        assert "--index-url" not in text
