"""Names the styles and scripts of a page: one file of each where they are joined, or the parts."""

from __future__ import annotations

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from sts_qa.page_files import PAGES, Style, joined_script, joined_style

register = template.Library()


@register.simple_tag
def page_styles(page: str) -> SafeString:
    """Return the links to the styles of a page of the table `PAGES`."""
    styles = (Style(joined_style(page)),) if _are_joined() else PAGES[page].styles
    links = ((static(style.name), style.media or "all") for style in styles)
    # The first pixels travel longest: they, not styles, take the connection that brought the page
    link = '<link rel="stylesheet" fetchpriority="low" href="{}" media="{}">'
    return format_html_join("\n", link, links)


@register.simple_tag
def page_scripts(page: str) -> SafeString:
    """Return the scripts of a page of the table `PAGES`; they run when the page is read."""
    scripts = (joined_script(page),) if _are_joined() else PAGES[page].scripts
    return format_html_join(
        "\n", '<script src="{}" type="module"></script>', ((static(name),) for name in scripts)
    )


def _are_joined() -> bool:
    return getattr(staticfiles_storage, "serves_joined_files", False)
