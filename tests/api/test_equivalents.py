"""What people do on pages and by commands the API does too, with the same options."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import load_command_class
from django.urls import URLPattern, URLResolver, get_resolver

from tests.api.test_guide import table_of_commands

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((PROJECT / "docs" / "api" / "openapi.json").read_text())
OPERATIONS = {
    operation["operationId"]: operation
    for methods in DOCUMENT["paths"].values()
    for method, operation in methods.items()
    if method != "parameters"
}

# Pages whose operation has another name; the others have their own
OPERATION_OF_PAGE = {
    "catalogue.manage_members": "add_dataset_member",
    "catalogue.remove_member": "remove_dataset_member",
    "catalogue.upload_archive": "start_import",
    "measurements.export_metrics": "list_metric_values",
    "measurements.list_measurements": "list_metric_values",
    "measurements.show_item_metrics": "list_item_metrics",
    "protocols.download_protocol": "show_protocol",
    "protocols.edit_protocol": "save_protocol",
    "protocols.upload_protocol": "save_protocol",
    "rating.change_item": "change_unit",
    "rating.list_queue": "show_queue",
    "rating.rate_study": "show_next",
    "rating.show_progress_table": "show_progress",
    "reports.download_report": "show_report",
    "studies.download_manifest": "list_frame",
    "studies.edit_plan": "update_plan",
    "studies.manage_members": "add_member",
    "studies.show_manifest": "show_sample",
}
# What only a person before a screen does, and why
ONLY_A_PERSON = {
    "accounts.accept_notice": "a person reads it",
    "accounts.change_password": "programs have tokens",
    "accounts.log_in": "programs have tokens",
    "accounts.log_out": "programs have tokens",
    "accounts.set_language": "a program says it with each request: Accept-Language",
    "accounts.set_theme": "colours of the pages",
    "catalogue.preview_viewing": "a picture of how the page will look",
    "rating.save_draft": "keeps what is half filled in on the page",
    "rating.state_conditions": "the room and the monitor",
    "studies.use_invitation": "a person sets a password",
}

# What the API calls the options of the commands; in brackets what is no field there
FIELDS_OF_COMMANDS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "import_dataset": (
        ("create_dataset", "start_import", "apply_import"),
        {"path": "root", "dry_run": "(without apply_import)"},
    ),
    "import_masks": (("import_masks",), {"dataset": "dataset_id", "folder": "root"}),
    "exclude_items": (("decide_items",), {"dataset": "dataset_id", "file": "decisions"}),
    "import_protocol": (("save_protocol",), {"file": "content"}),
    "create_study": (
        ("create_study", "add_member", "draw_sample", "start_study"),
        {
            "raters": "username",
            "repeats": "repeat_share",
            "practice": "practice_items",
            "carry_window": "carries_window",
            "program_ratings": "allows_program_ratings",
            "draw": "(draw_sample)",
            "start": "(start_study)",
        },
    ),
    "add_model_rater": (
        ("add_model_rater",),
        {"model_name": "name", "model_version": "version", "study": "study_id"},
    ),
    "create_token": (("create_token_of_program",), {"study": "study_id"}),
    "compute_metrics": (
        ("start_metrics",),
        {
            "dataset": "dataset_id",
            "workers": "(a setting of the installation)",
            "cluster": "(a setting of the installation)",
        },
    ),
    "export_metrics": (
        ("list_metric_values",),
        {"dataset": "dataset_id", "output": "(the answer)", "language": "(Accept-Language)"},
    ),
    "verify_sample": (("verify_sample",), {"study": "study_id"}),
    "export_report": (
        ("show_report",),
        {
            "study": "study_id",
            "option": "models",
            "output": "(the answer)",
            "language": "(Accept-Language)",
        },
    ),
    "import_ratings": (
        ("import_ratings",),
        {"study": "name", "range": "minimum", "annotation": "annotation_criteria"},
    ),
}
# Of every command: who acts is whose token it is, the rest is the terminal's
OF_THE_TERMINAL = {"acting_user", "help", "version", "verbosity", "settings", "pythonpath"}
OF_THE_TERMINAL |= {"traceback", "no_color", "force_color", "skip_checks"}


def fields_of(operation_id: str) -> set[str]:
    """Return the parameters and the fields of the bodies that an operation takes."""
    operation = OPERATIONS[operation_id]
    found = {one["name"] for one in operation.get("parameters", ())}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        name = content["schema"]["$ref"].rpartition("/")[2]
        found |= set(DOCUMENT["components"]["schemas"][name]["properties"])
    return found


def options_of(command: str) -> set[str]:
    """Return what a command takes, by its names in the code."""
    parser = load_command_class("sts_qa.cli", command).create_parser("manage.py", command)
    return {action.dest for action in parser._actions} - OF_THE_TERMINAL


def pages(patterns: list[Any], app: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns, pattern.app_name or app)
        elif isinstance(pattern, URLPattern) and app not in ("", "api"):
            yield f"{app}.{pattern.name}"


def test_what_people_do_on_a_page_a_program_does_by_an_operation() -> None:
    known = set(pages(get_resolver().url_patterns))
    assert set(OPERATION_OF_PAGE) | set(ONLY_A_PERSON) <= known
    asked = {page: OPERATION_OF_PAGE.get(page, page.partition(".")[2]) for page in known}
    without = {page for page, operation in asked.items() if operation not in OPERATIONS}
    assert without == set(ONLY_A_PERSON)


def test_the_options_of_every_command_in_the_guide_s_table_are_compared() -> None:
    assert set(FIELDS_OF_COMMANDS) == set(table_of_commands())


@pytest.mark.parametrize("command", FIELDS_OF_COMMANDS)
def test_the_api_takes_every_option_of_a_command(command: str) -> None:
    operations, names = FIELDS_OF_COMMANDS[command]
    fields = set().union(*map(fields_of, operations))
    options = options_of(command)
    assert set(names) <= options
    taken = {names.get(option, option) for option in options}
    assert {field for field in taken if not field.startswith("(")} - fields == set()
