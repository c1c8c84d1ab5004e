"""Where a study's pages lie, also those of parts above this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from sts_qa.studies.models import Membership, Study

# How much waits on a page, given by the part above that has it: full name of the view -> count
TAB_COUNTS: dict[str, Callable[[Study], int]] = {}


def address_of(name: str, *arguments: Any) -> str:
    """Return the address of a view, empty where no part of this installation has it."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def study_link(study_id: int) -> tuple[str, str] | None:
    """Return the address of a study's first page with its label, None when there is none."""
    study = Study.objects.filter(pk=study_id).first()
    if study is None:
        return None
    return reverse("studies:show_study", args=[study.public_id]), _("To the study")


def study_tabs(study: Study, membership: Membership, current: str) -> list[dict[str, Any]]:
    """Return the links between the pages of one study that the person may open, for `_tabs.html`.

    Parameters
    ----------
    current
        Full name of the view that is shown.
    """
    pages = [(_("Overview"), "studies:show_study")]
    if membership.role == Membership.Role.COORDINATOR:
        pages.append((_("People"), "studies:manage_members"))
    if membership.role == Membership.Role.COORDINATOR and study.started_at is not None:
        pages.append((_("Progress"), "rating:show_progress"))
        pages.append((_("Problems"), "rating:list_problems"))
        pages.append((_("Questions"), "rating:list_questions"))
    if study.drawn_at is not None:
        pages.append((_("Sample"), "studies:show_manifest"))
    pages.append((_("Reports"), "reports:list_reports"))
    links = [(label, name, address_of(name, study.public_id)) for label, name in pages]
    return [
        {"label": _with_count(label, name, study), "url": url, "current": name == current}
        for label, name, url in links
        if url
    ]


def _with_count(label: str, name: str, study: Study) -> str:
    count = TAB_COUNTS[name](study) if name in TAB_COUNTS else 0
    return f"{label} ({count})" if count else label


def start_address(study: Study, membership: Membership) -> str:
    """Return the page on which the person's work in the study begins."""
    if membership.role == Membership.Role.RATER:
        return address_of("rating:rate_study", study.public_id) or reverse("studies:list_studies")
    return reverse("studies:show_study", args=[study.public_id])
