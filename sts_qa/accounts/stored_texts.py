"""Texts that were written in English once, said in the language of whoever reads them now.

Reasons that imports and jobs store, and what `science` says, which knows no languages, are English
sentences with values in them. Each stands in the catalogue of translations as a format, such as
"The file has %(size)s bytes."; here the sentence is recognized by its format, and the translated
format is filled with the same values. What is not recognized stays as it is.
"""

from __future__ import annotations

import re
import struct
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language, gettext, ngettext

PLACEHOLDER = re.compile(r"%\((\w+)\)[-\d.]*([a-zA-Z])|%([sd])")
# Below this a format is too bare to recognize anything by
LEAST_LETTERS = 6
SEPARATORS = (" · ", ": ")
DEEPEST = 3
MAGIC = 0x950412DE


def in_page_language(text: str) -> str:
    """Return a stored English text in the language of the page, as far as it is known there."""
    language = get_language() or settings.LANGUAGE_CODE
    if not text or language == settings.LANGUAGE_CODE:
        return text
    return _translated(language, str(text))


@lru_cache(maxsize=4096)
def _translated(language: str, text: str, depth: int = 0) -> str:
    # Inside another text only sentences: a folder may be called like a word of the pages
    if depth > DEEPEST or (depth and not text.endswith(".")):
        return text
    if (whole := gettext(text)) != text:
        return whole
    for pattern, msgid, forms in _formats():
        if match := pattern.fullmatch(text):
            values = [_translated(language, value, depth + 1) for value in match.groups()]
            return _filled(_said(msgid, forms), msgid, values)
    return _in_parts(language, text, depth)


def _in_parts(language: str, text: str, depth: int) -> str:
    """Translate a list of texts, or what follows the name of a file or a field."""
    listed, named = SEPARATORS
    if listed in text:
        return listed.join(_translated(language, part, depth + 1) for part in text.split(listed))
    name, colon, rest = text.partition(named)
    if colon and (said := _translated(language, rest, depth + 1)) != rest:
        return f"{name}{named}{said}"
    return text


def _said(msgid: str, forms: tuple[str, ...]) -> str:
    # A text with a plural is found by both its forms only
    if len(forms) == 1:
        return gettext(msgid)
    return ngettext(forms[0], forms[1], 1 if msgid == forms[0] else 2)


def _filled(translation: str, msgid: str, values: list[str]) -> str:
    """Put the values into the translation, by name, or in order where they have none."""
    names = [name for name, _, _ in PLACEHOLDER.findall(msgid)]
    by_name = dict(zip(names, values, strict=True))
    in_order = iter(values)

    def value_of(placeholder: re.Match[str]) -> str:
        return by_name[placeholder[1]] if placeholder[1] else next(in_order)

    return PLACEHOLDER.sub(value_of, translation).replace("%%", "%")


@cache
def _formats() -> tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...]:
    """Return a pattern for every text with values in it, the most telling ones first.

    Beside it stand the text and all forms of its message: singular and plural, or the text alone.
    """
    found = {
        msgid: forms
        for folder in settings.LOCALE_PATHS
        for file in Path(folder).rglob("django.mo")
        for forms in read_messages(file)
        for msgid in forms
        if PLACEHOLDER.search(msgid) and "{" not in msgid
    }
    telling = [text for text in found if _letters(text) >= LEAST_LETTERS]
    ordered = sorted(telling, key=lambda text: (-_letters(text), text))
    return tuple((re.compile(_pattern(text), re.DOTALL), text, found[text]) for text in ordered)


def _letters(text: str) -> int:
    return len(re.findall(r"[^\W\d_]", PLACEHOLDER.sub("", text)))


def _pattern(msgid: str) -> str:
    parts, position = [], 0
    for placeholder in PLACEHOLDER.finditer(msgid):
        parts.append(re.escape(msgid[position : placeholder.start()].replace("%%", "%")))
        is_number = (placeholder[2] or placeholder[3]) == "d"
        parts.append(r"(-?[\d,]+)" if is_number else r"(.*?)")
        position = placeholder.end()
    parts.append(re.escape(msgid[position:].replace("%%", "%")))
    return "".join(parts)


def read_messages(file: Path) -> list[tuple[str, ...]]:
    """Return the untranslated texts of a compiled catalogue: singular and plural, or one form.

    The layout is that of GNU gettext's MO files: magic number, revision, count, and the place of a
    table with length and place of each text.
    """
    data = file.read_bytes()
    order = "<" if struct.unpack_from("<I", data)[0] == MAGIC else ">"
    count, table = struct.unpack_from(f"{order}8x2I", data)
    texts: list[tuple[str, ...]] = []
    for row in range(count):
        length, place = struct.unpack_from(f"{order}2I", data, table + 8 * row)
        message = data[place : place + length].decode()
        # A context belongs to labels; no sentence that is stored has one
        if message and "\x04" not in message:
            texts.append(tuple(message.split("\0")))
    return texts


def forget() -> None:
    """Read the catalogues again; for tests that put others in their place."""
    _formats.cache_clear()
    _translated.cache_clear()
