"""One name in five places, and no file that grows without end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

PROJECT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
APPS = sorted(app.label for app in apps.get_app_configs() if app.name.startswith("sts_qa."))
# Views whose behaviour is stated in another view's test file: "app:view": "file"
TESTED_ELSEWHERE: dict[str, str] = {
    "jobs:show_progress": "test_show_job.py",
    "jobs:cancel_job": "test_show_job.py",
    "rating:show_progress_table": "test_show_progress.py",
}
# Templates that several views render: "app/template"
SHARED_TEMPLATES: set[str] = {"reports/not_ready.html"}


def own_files() -> list[Path]:
    return sorted(
        file
        for folder, ending in (("sts_qa", "*.py"), ("static/js", "*.js"), ("tools", "*.py"))
        for file in (PROJECT / folder).rglob(ending)
        if "migrations" not in file.parts
    )


def own_views() -> list[tuple[str, Any]]:
    """Return every address of our apps as its full name and the view behind it."""

    def walk(patterns: list[Any], namespace: str) -> Iterator[tuple[str, Any]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, pattern.namespace or namespace)
            elif isinstance(pattern, URLPattern) and namespace in APPS:
                yield f"{namespace}:{pattern.name}", pattern.callback

    return list(walk(get_resolver().url_patterns, ""))


VIEWS = own_views()
VIEW_NAMES = {name for name, _ in VIEWS}


def test_there_are_files_and_views_to_check() -> None:
    assert len(own_files()) > 50
    assert VIEWS


def test_no_file_is_longer_than_one_subject_needs() -> None:
    lengths = {
        str(file.relative_to(PROJECT)): len(file.read_text().splitlines()) for file in own_files()
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def endpoint_of(name: str, view: Any) -> Any:
    """Return what the API declares of the view's method with this name, None for a page."""
    made = getattr(getattr(view, "cls", None), "endpoints", {}).values()
    return next((one for one in made if f"api:{one.name}" == name), None)


PAGES = [(name, view) for name, view in VIEWS if not hasattr(view, "cls")]
ENDPOINTS = [(name, view) for name, view in VIEWS if hasattr(view, "cls")]


@pytest.mark.parametrize(("name", "view"), ENDPOINTS, ids=[name for name, _ in ENDPOINTS])
def test_an_endpoint_its_address_and_its_resource_fit(name: str, view: Any) -> None:
    made = endpoint_of(name, view)
    assert made, f"{name} is no name of one of its view's endpoints"
    assert made.act.__module__.startswith("sts_qa.api.resources.")
    test = PROJECT / "tests" / "api" / f"test_{made.tag}.py"
    assert test.is_file(), f"{test.relative_to(PROJECT)} is missing"
    assert made.name in test.read_text(), f"{test.name} says nothing of {made.name}"


@pytest.mark.parametrize(("name", "view"), PAGES, ids=[name for name, _ in PAGES])
def test_the_view_its_address_and_its_test_have_one_name(name: str, view: Any) -> None:
    app, _, short = name.partition(":")
    if view.__module__.startswith("sts_qa."):
        called = getattr(view, "view_class", view).__name__
        assert re.sub(r"(?<=[a-z])(?=[A-Z])", "_", called).lower() == short
    test = PROJECT / "tests" / app / TESTED_ELSEWHERE.get(name, f"test_{short}.py")
    assert test.is_file(), f"{test.relative_to(PROJECT)} is missing"
    if name in TESTED_ELSEWHERE:
        assert short in test.read_text(), f"{test.name} says nothing of {short}"


def test_every_page_template_has_the_name_of_its_view() -> None:
    pages = {
        f"{app}:{file.stem}"
        for app in APPS
        for file in (PROJECT / "templates" / app).glob("*.html")
        if not file.name.startswith("_") and f"{app}/{file.name}" not in SHARED_TEMPLATES
    }
    assert pages - VIEW_NAMES == set()


def test_every_package_of_tests_can_be_imported_as_one() -> None:
    folders = {file.parent for file in (PROJECT / "tests").rglob("test_*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []
