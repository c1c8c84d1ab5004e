"""Announces all script modules of a page at once; else a browser finds them file by file."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()
IMPORT = re.compile(r"""^\s*import\b[^;"']*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@register.simple_tag
def module_preloads(*entries: str) -> SafeString:
    """Return a link for each entry and each module that it needs, directly or not, each once."""
    names = modules_of(*entries) if settings.DEBUG else _remembered(*entries)
    links = ((static(name),) for name in names)
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


def modules_of(*entries: str) -> list[str]:
    """Return the static names of the entries and of all modules that they need."""
    names = list(dict.fromkeys(entries))
    for name in names:
        found = finders.find(name)
        if found is None:
            raise FileNotFoundError(f"There is no script {name} in the static folders.")
        folder = posixpath.dirname(name)
        for reference in IMPORT.findall(Path(found).read_text(encoding="utf-8")):
            needed = posixpath.normpath(posixpath.join(folder, reference))
            if needed not in names:
                names.append(needed)
    return names


_remembered = lru_cache(modules_of)
