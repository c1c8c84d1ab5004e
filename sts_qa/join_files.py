"""Joins the style sheets of a page into one, and the modules of a page into one script.

Each module becomes a function of its own, called once, after those that it imports from:

    const joined$0 = (() => {
    // what stands in the module, without `export`
    return { number, text };
    })();
    const joined$1 = (() => {
    const { number: asNumber } = joined$0;
    ...
    })();

Names in different modules cannot meet, and the whole is a module again. Whatever does not fit this
form is refused, so that a joined script never means something else than its modules.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable

from sts_qa.page_files import Style

NAME = r"[A-Za-z_$][\w$]*"
IMPORT = re.compile(
    rf"""^import\s*(?:(?:\{{(?P<names>[^{{}}]*)\}}|\*\s*as\s+(?P<whole>{NAME}))\s*from\s*)?"""
    r"""["'](?P<address>[^"']+)["'];[ \t]*$""",
    re.MULTILINE,
)
IMPORTED_NAME = re.compile(rf"({NAME})(?:\s+as\s+({NAME}))?")
# A name that may get another value later would not reach those who took it over
EXPORT = re.compile(
    rf"^export\s+(?=(?:async\s+function\b\s*\*?|function\b\s*\*?|class\b|const\b)\s*({NAME})\b)",
    re.MULTILINE,
)
LEFT_OVER = re.compile(r"(?<![\w$])(?:import|export)(?![\w$])")
# Inside blocks it escapes this pattern; then no browser reads the joined script, and a test fails
WAITING = re.compile(r"^(?!//|/\*|.*\basync\b)(?:\S.*)?(?<![\w$.])await(?![\w$])", re.MULTILINE)
PREFIX = "joined$"
COMMENTS = re.compile(r"^[ \t]*(?:/\*(?:[^*]|\*(?!/))*\*/[ \t]*$|//.*$)", re.MULTILINE)
Read = Callable[[str], str]


class CannotJoinError(Exception):
    """What in a script or style cannot be joined; the message names file, line, and what to do."""


def join_styles(styles: Iterable[Style], read: Read) -> str:
    """Return one style sheet with the rules of all, in order; `read` returns a file's text."""
    parts = []
    for style in styles:
        text = without_comments(read(style.name))
        found = re.search(r"@(?:import|charset|namespace)\b", text)
        if found:
            raise _refusal(style.name, text, found.start(), f"{found[0]} holds at a file's start")
        if style.media:
            text = f"@media {style.media} {{\n{text}\n}}"
        parts.append(f"/* {style.name} */\n{text}\n")
    return "".join(parts)


def join_modules(entries: Iterable[str], read: Read) -> str:
    """Return one module that does what the entries do, in order; `read` returns a file's text."""
    joiner = _Joiner(read)
    for entry in entries:
        joiner.add(entry, ())
    return "".join(joiner.parts)


def without_comments(text: str) -> str:
    """Return a script or style without comments that have lines of their own.

    They are a quarter of what travels. In a text of several lines between backticks they may be
    no comments: then all stay.
    """
    bare = COMMENTS.sub(_blank, text)
    return text if any(line.count("`") % 2 for line in bare.split("\n")) else bare


class _Joiner:
    """The modules joined so far: each one's number and what it exports."""

    def __init__(self, read: Read) -> None:
        self.parts: list[str] = []
        self._read = read
        self._exports: dict[str, list[str]] = {}
        self._variables: dict[str, str] = {}

    def add(self, name: str, above: tuple[str, ...]) -> None:
        """Join a module and, before it, what it imports from."""
        if name in above:
            raise CannotJoinError(f"Scripts import each other: {' -> '.join((*above, name))}")
        if name in self._variables:
            return
        text = without_comments(self._read(name))
        found = list(IMPORT.finditer(text))
        for one in found:
            self.add(_target(name, text, one), (*above, name))
        taken = [line for one in found if (line := self._taken_over(name, text, one))]
        body = IMPORT.sub(_blank, text)
        exported = EXPORT.findall(body)
        body = EXPORT.sub("", body)
        _check(name, body)
        self._exports[name] = exported
        self._variables[name] = f"{PREFIX}{len(self._variables)}"
        self.parts.append(
            f"const {self._variables[name]} = (() => {{ // {name}\n{''.join(taken)}{body}\n"
            f"return {{ {', '.join(exported)} }};\n}})();\n"
        )

    def _taken_over(self, name: str, text: str, found: re.Match[str]) -> str:
        """Return the line that gives a module what it imports."""
        target = _target(name, text, found)
        variable = self._variables[target]
        if found["whole"]:
            return f"const {found['whole']} = {variable};\n"
        pairs = []
        for one in filter(None, (part.strip() for part in (found["names"] or "").split(","))):
            parts = IMPORTED_NAME.fullmatch(one)
            if not parts or parts[1] not in self._exports[target]:
                raise _refusal(name, text, found.start(), f"{target} does not export {one}")
            pairs.append(f"{parts[1]}: {parts[2]}" if parts[2] else parts[1])
        return f"const {{ {', '.join(pairs)} }} = {variable};\n" if pairs else ""


def _target(name: str, text: str, found: re.Match[str]) -> str:
    address = found["address"]
    if not address.startswith(("./", "../")):
        raise _refusal(name, text, found.start(), f"{address} is no file beside this one")
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def _blank(found: re.Match[str]) -> str:
    """Keep the lines, so that what a browser says of one can be found in the module."""
    return "\n" * found[0].count("\n")


def _check(name: str, body: str) -> None:
    """Refuse what a function cannot hold, or what may mean something else in it."""
    for pattern, reason in (
        (
            LEFT_OVER,
            "only `import { names } from`, `import * as name from` and `import` at the start of a "
            "line and ended by a semicolon, and `export` before const, function or class can be "
            "joined; use neither word elsewhere",
        ),
        (WAITING, "a module that waits before it is ready cannot be joined; wait in a function"),
        (re.compile(re.escape(PREFIX)), f"names with {PREFIX} are those of joined modules"),
    ):
        found = pattern.search(body)
        if found:
            raise _refusal(name, body, found.start(), reason)


def _refusal(name: str, text: str, place: int, reason: str) -> CannotJoinError:
    line = text.count("\n", 0, place) + 1
    return CannotJoinError(f"{name}, line {line}: {reason}.")
