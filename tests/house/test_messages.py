"""The translations: whole, in step with the code, and compiled as they stand."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((PROJECT / "locale").rglob("*.po"))
SOURCES = sorted((PROJECT / "sts_qa").rglob("*.py"))
TEMPLATES = sorted((PROJECT / "templates").rglob("*.html"))
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|%[\d.]*[a-zA-Z%]|\{\w*\}")
TAG = re.compile(r"</?\w+")
# Functions that mark a text, with the places of context, text and plural among their arguments
MARKERS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
}
QUOTED = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\""""
MARKED_IN_TEMPLATE = re.compile(rf"\b((?:n|p|np)?gettext)\(((?:{QUOTED}|[^'\"()])*)\)")
Text = tuple[str, str, str]


def called_name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def texts_in_code(source: str) -> Iterator[Text]:
    """Yield context, text and plural of every marked text of a Python file."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and called_name(call) in MARKERS:
            places = MARKERS[called_name(call)]
            given = [_constant(call, place) for place in places]
            if given[1] is not None:
                yield given[0] or "", given[1], given[2] or ""


def _constant(call: ast.Call, place: int | None) -> str | None:
    if place is None or place >= len(call.args):
        return None
    argument = call.args[place]
    is_text = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    return argument.value if is_text else None


def texts_in_template(source: str) -> Iterator[Text]:
    """Yield every marked text of a template, through Django's own reading of it."""
    for name, arguments in MARKED_IN_TEMPLATE.findall(templatize(source)):
        # `count` is the name of a variable, which need not exist here
        yield from texts_in_code(f"{name}({arguments})")


def marked_texts() -> set[Text]:
    found = {text for file in SOURCES for text in texts_in_code(file.read_text())}
    return found | {text for file in TEMPLATES for text in texts_in_template(file.read_text())}


def identify(file: Path) -> str:
    return file.parent.parent.name


def entries_of(file: Path) -> list[polib.POEntry]:
    return list(polib.pofile(str(file)))


def translations_of(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def faults(entry: polib.POEntry) -> list[str]:
    """Return what makes a translation unusable."""
    found = [flag for flag in entry.flags if flag == "fuzzy"]
    # Chinese has one form, in which the number must stand
    source = entry.msgid_plural or entry.msgid
    for text in translations_of(entry):
        if not text:
            found.append("empty")
        elif sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(text)):
            found.append("placeholders")
        elif TAG.findall(source) != TAG.findall(text):
            found.append("tags")
        elif source.startswith("\n") != text.startswith("\n"):
            found.append("line breaks")
    return found


def test_there_is_a_catalogue_and_there_are_texts() -> None:
    assert [identify(file) for file in CATALOGUES] == ["zh_Hans"]
    assert len(marked_texts()) > 1000


@pytest.mark.parametrize("file", CATALOGUES, ids=identify)
def test_it_has_every_text_of_the_code_and_no_other(file: Path) -> None:
    entries = {(e.msgctxt or "", e.msgid, e.msgid_plural) for e in entries_of(file)}
    marked = marked_texts()
    assert sorted(marked - entries) == [], "run `make messages` and translate these"
    assert sorted(entries - marked) == [], "run `make messages`; these are no longer used"


@pytest.mark.parametrize("file", CATALOGUES, ids=identify)
def test_every_translation_can_be_used(file: Path) -> None:
    found = [(entry.msgid, fault) for entry in entries_of(file) for fault in faults(entry)]
    assert found == []


@pytest.mark.parametrize("file", CATALOGUES, ids=identify)
def test_a_text_in_chinese_is_in_chinese(file: Path) -> None:
    """Except names and formulas, which are the same in every language."""
    same = [
        entry.msgid
        for entry in entries_of(file)
        for text in translations_of(entry)
        if not re.search(r"[\u4e00-\u9fff、]", text)
        and re.search(r"[^\W\d_]{4}", PLACEHOLDER.sub("", text))
    ]
    assert sorted(same) == []


@pytest.mark.parametrize("file", CATALOGUES, ids=identify)
def test_the_compiled_file_says_what_the_source_says(file: Path) -> None:
    with file.with_suffix(".mo").open("rb") as compiled:
        catalogue = gettext.GNUTranslations(compiled)
    expected: dict[object, str] = {}
    for entry in entries_of(file):
        key = f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid
        if entry.msgid_plural:
            expected |= {(key, form): text for form, text in entry.msgstr_plural.items()}
        else:
            expected[key] = entry.msgstr
    found = {key: text for key, text in vars(catalogue)["_catalog"].items() if key}
    assert found == expected, "run `make messages`"


@pytest.mark.parametrize(
    ("source", "text", "fault"),
    [
        ("%(n)d of %(all)d", "%(n)d / %(all)d", []),
        ("%(n)d of %(all)d", "%(all)d 中的 %(n)d", []),
        ("%(n)d of %(all)d", "%(n)d / %(al)d", ["placeholders"]),
        ("{count} sent", "已发送", ["placeholders"]),
        ("<strong>%s</strong>", "<em>%s</em>", ["tags"]),
        ("Save", "", ["empty"]),
    ],
)
def test_the_check_sees_faults(source: str, text: str, fault: list[str]) -> None:
    assert faults(polib.POEntry(msgid=source, msgstr=text)) == fault


def test_the_check_sees_a_guessed_translation() -> None:
    assert faults(polib.POEntry(msgid="Save", msgstr="保存", flags=["fuzzy"])) == ["fuzzy"]


def test_the_reading_of_code_sees_every_way_to_mark_a_text() -> None:
    code = '_("a" "b"); pgettext("c", "d"); x.ngettext("e", "f", n); gettext(name)'
    expected = {("", "ab", ""), ("c", "d", ""), ("", "e", "f")}
    assert set(texts_in_code(code)) == expected


def test_the_reading_of_templates_sees_every_way_to_mark_a_text() -> None:
    template = (
        "{% load i18n %}{% translate \"It's (a) b\" %}{% translate 'c' context 'd' %}"
        "{% blocktranslate count n=n trimmed %}\n  e {{ n }}\n{% plural %} f {{ n }}"
        "{% endblocktranslate %}"
    )
    expected = {("", "It's (a) b", ""), ("d", "c", ""), ("", "e %(n)s", "f %(n)s")}
    assert set(texts_in_template(template)) == expected
