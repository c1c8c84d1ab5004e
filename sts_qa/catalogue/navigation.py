"""Where a dataset's pages lie, also those of parts above this one."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from sts_qa.catalogue.models import Dataset


def dataset_link(dataset_id: int) -> tuple[str, str]:
    """Return the address of a dataset's first page with its label."""
    return reverse("catalogue:show_dataset", args=[dataset_id]), _("To the dataset")


def dataset_tabs(dataset: Dataset, current: str) -> list[dict[str, Any]]:
    """Return the links between the pages of one dataset, for `_tabs.html`.

    Parameters
    ----------
    current
        Full name of the view that is shown.
    """
    pages = [
        (_("Overview"), "catalogue:show_dataset"),
        (_("Items"), "catalogue:list_items"),
        (_("Decisions"), "screening:list_decisions"),
        (_("Metrics"), "measurements:show_metrics"),
        (_("Viewing"), "catalogue:set_viewing"),
        (_("Members"), "catalogue:manage_members"),
    ]
    links = [(label, name, address_of(name, dataset.pk)) for label, name in pages]
    return [
        {"label": label, "url": url, "current": name == current}
        for label, name, url in links
        if url
    ]


def address_of(name: str, *arguments: Any) -> str:
    """Return the address of a view, empty where no part of this installation has it."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
