"""Pages whose scripts and styles travel as one file each, and the names of these files.

Only collected static files are joined. Until then, and while developing, a page loads its parts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """One style sheet of a page; `media` says where it holds, everywhere by default."""

    name: str
    media: str = ""


@dataclass(frozen=True)
class PageFiles:
    """Static names in the order in which the page needs them; scripts bring their imports along."""

    styles: tuple[Style, ...]
    scripts: tuple[str, ...]


PAGES = {
    "rate_study": PageFiles(
        styles=(
            Style("css/base.css"),
            Style("css/components.css"),
            Style("css/print.css", media="print"),
            Style("css/rating.css"),
            Style("css/rating_scores.css"),
            Style("css/rating_rapid.css"),
            Style("css/rating_panels.css"),
            Style("css/viewer.css"),
            Style("css/rating_print.css"),
        ),
        scripts=("js/base.js", "js/log_out.js", "js/rate_study.js"),
    ),
}


def joined_style(page: str) -> str:
    """Return the static name of a page's joined style sheet, in the folder of its parts."""
    return f"css/{page}.joined.css"


def joined_script(page: str) -> str:
    """Return the static name of a page's joined script."""
    return f"js/{page}.joined.js"
