"""What holds for every template: it compiles, speaks through gettext, and keeps to the policy."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.templatetags.static import static

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
STYLES = sorted((PROJECT / "static" / "css").rglob("*.css"))
SPOKEN_ATTRIBUTES = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}
LOADING = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("form", "action"),
}
ELSEWHERE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?:https?:)?//[^)"']*""")
# Translated text, comments, and the names of styles
UNREAD = re.compile(
    r"\{%\s*(?:"
    r"(?P<tag>blocktrans(?:late)?|comment)\b.*?%\}.*?\{%\s*end(?P=tag)\s*%\}"
    r"|block\s+\w+_class\s*%\}.*?\{%\s*endblock\b[^%]*%\})",
    re.DOTALL,
)
# Names and codes that are the same in every language
SAME_EVERYWHERE = {"STS-QA", "CSV", "JSON", "SHA-256"}


def readable(template: Path) -> str:
    """Return the template as HTML: translated text and template tags taken out."""
    text = re.sub(r"\{#.*?#\}", "", template.read_text())
    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", UNREAD.sub("", text), flags=re.DOTALL)


class Reader(HTMLParser):
    """Collects what a person would read and every start tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.spoken: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.in_key = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        self.in_key = tag == "kbd"
        self.spoken += [attributes[name] for name in SPOKEN_ATTRIBUTES & attributes.keys()]

    def handle_endtag(self, tag: str) -> None:
        self.in_key = False

    def handle_data(self, data: str) -> None:
        # What is printed on a key is the same in every language
        if not self.in_key:
            self.spoken.append(data)


def untranslated(text: str) -> list[str]:
    words = [word for part in Reader(text).spoken for word in part.split()]
    return [
        word
        for word in words
        if re.search(r"[^\W\d_]{2}", word) and word.strip(".,:;()") not in SAME_EVERYWHERE
    ]


def offences(text: str) -> list[str]:
    """Return what the content security policy would refuse, or what comes from elsewhere."""
    found = []
    for tag, attributes in Reader(text).tags:
        if tag == "style" or (tag == "script" and "src" not in attributes):
            found.append(f"<{tag}> inside the page")
        for name, value in attributes.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                found.append(f"{name}= on <{tag}>")
            if (tag, name) in LOADING and re.match(r"(https?:)?//", value.strip()):
                found.append(f"<{tag}> loads {value}")
            if value.strip().lower().startswith("javascript:"):
                found.append(f"{name}=javascript: on <{tag}>")
    return found


def identify(file: Path) -> str:
    return str(file.relative_to(PROJECT))


def test_there_are_templates() -> None:
    assert TEMPLATES
    assert STYLES


@pytest.mark.parametrize("template", TEMPLATES, ids=identify)
def test_template_compiles(template: Path) -> None:
    get_template(str(template.relative_to(FOLDER)))


@pytest.mark.parametrize("template", TEMPLATES, ids=identify)
def test_every_word_goes_through_gettext(template: Path) -> None:
    assert untranslated(readable(template)) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=identify)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(template: Path) -> None:
    assert offences(readable(template)) == []


@pytest.mark.parametrize("style", STYLES, ids=identify)
def test_styles_load_nothing_from_elsewhere(style: Path) -> None:
    assert ELSEWHERE.findall(style.read_text()) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=identify)
def test_own_files_are_named_through_static_so_that_they_get_their_hash(template: Path) -> None:
    assert re.findall(r"""(?:src|href)=["'](?:/?static/[^"']*)""", template.read_text()) == []


def test_every_file_named_through_static_exists_and_gets_its_hash(served_files: None) -> None:
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r"{%\s*static\s+['\"]([^'\"]+)['\"]", template.read_text())
    }
    assert "js/base.js" in named
    # `static` raises for a file that was not collected
    assert [name for name in named if not re.search(r"\.[0-9a-f]{12}\.", static(name))] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<input placeholder="Name">', ["Name"]),
        ("<p><kbd>Esc</kbd> closes</p>", ["closes"]),
        ("<p>{% translate 'Hello' %} {{ name }} · 3</p>", []),
        ("{% blocktranslate %}<p>Hello</p>{% endblocktranslate %}", []),
    ],
)
def test_the_check_for_words_sees_them(text: str, found: list[str], tmp_path: Path) -> None:
    file = tmp_path / "template.html"
    file.write_text(text)
    assert untranslated(readable(file)) == found


@pytest.mark.parametrize(
    "text",
    [
        "<script>run()</script>",
        "<p style='color: red'></p>",
        "<button onclick='run()'></button>",
        "<script src='https://cdn.example.org/x.js'></script>",
        "<img src='//example.org/x.png'>",
        "<a href='javascript:run()'></a>",
    ],
)
def test_the_check_for_the_policy_sees_offences(text: str) -> None:
    assert len(offences(text)) == 1
