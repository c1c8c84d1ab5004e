"""What science says to people can be said in every language, though science knows no gettext."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sts_qa.accounts.stored_texts import PLACEHOLDER
from sts_qa.catalogue.science_texts import IMAGING_TEXTS
from sts_qa.rating.science_texts import RATINGS_FILE_TEXTS
from sts_qa.studies.science_texts import STATISTICS_TEXTS

SCIENCE = Path(__file__).resolve().parents[2] / "sts_qa" / "science"
# Errors of whoever calls a function wrongly; no page shows them
FOR_PROGRAMMERS = {"ValueError", "TypeError", "IndexError", "DamagedStore", "RuntimeError"}
HOLE = "\0"


def sentences(source: str, for_programmers: set[str]) -> Iterator[str]:
    """Yield every sentence in the code that is no docstring, with a hole for each value in it."""
    tree = ast.parse(source)
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    skipped = {id(node) for part in ast.walk(tree) for node in _silent(part, for_programmers)}
    for node in ast.walk(tree):
        if id(node) not in skipped and isinstance(node, (ast.Constant, ast.JoinedStr)):
            text = _skeleton(node, constants)
            if re.search(r"\w+ \w+ .*\.$", text, re.DOTALL):
                yield text


def _silent(node: ast.AST, for_programmers: set[str]) -> Iterator[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        # Its parts are read with it
        yield from node.values
    elif isinstance(node, ast.Raise) and _raised(node) in for_programmers:
        yield from ast.walk(node)


def _raised(node: ast.Raise) -> str:
    return getattr(node.exc.func, "id", "") if isinstance(node.exc, ast.Call) else ""


def _skeleton(node: ast.Constant | ast.JoinedStr, constants: dict[str, str]) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        else:
            assert isinstance(value, ast.FormattedValue)
            parts.append(constants.get(getattr(value.value, "id", ""), HOLE))
    return "".join(parts)


def skeletons(formats: tuple[str, ...]) -> list[str]:
    return sorted(PLACEHOLDER.sub(HOLE, text) for text in formats)


def spoken(folder: str, for_programmers: set[str], *names: str) -> list[str]:
    files = [file for file in (SCIENCE / folder).rglob("*.py") if not names or file.name in names]
    return sorted({text for file in files for text in sentences(file.read_text(), for_programmers)})


def test_the_table_has_every_sentence_about_files_and_no_other() -> None:
    metrics = spoken("metrics", FOR_PROGRAMMERS, "files.py", "sources.py", "slabs.py")
    found = spoken("imaging", FOR_PROGRAMMERS) + metrics
    assert len(found) > 40
    assert skeletons(IMAGING_TEXTS) == sorted(set(found))


def test_the_table_has_every_sentence_about_samples_and_no_other() -> None:
    found = spoken("statistics", FOR_PROGRAMMERS - {"ValueError"}, "allocation.py", "drawing.py")
    assert len(found) > 15
    assert skeletons(STATISTICS_TEXTS) == found


def test_the_table_has_every_sentence_about_files_of_ratings_and_no_other() -> None:
    found = spoken("ratings_file", FOR_PROGRAMMERS)
    assert len(found) > 30
    assert skeletons(RATINGS_FILE_TEXTS) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('def f():\n    "No text for people."', []),
        ('raise ValueError("This is for programmers.")', []),
        ('raise Problem(f"It has {n:,} bytes, not {m}.")', ["It has \0 bytes, not \0."]),
        ('AGAIN = "Do it again."\nx = f"It is damaged. {AGAIN}"', ["Do it again."]),
    ],
)
def test_the_reading_sees_sentences(source: str, found: list[str]) -> None:
    texts = list(sentences(source, FOR_PROGRAMMERS))
    assert texts[: len(found)] == found
    assert len(texts) == len(found) + ("AGAIN" in source)
