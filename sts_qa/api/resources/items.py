"""Items of a dataset, and their pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.request import Request

from sts_qa.accounts.stored_texts import in_page_language
from sts_qa.api.access import visible_dataset
from sts_qa.api.endpoint import endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.problems import MEDIA_TYPE, invalid
from sts_qa.api.resources.decisions import told_decision
from sts_qa.api.routing import route
from sts_qa.api.schemas.common import ProblemSchema
from sts_qa.api.schemas.items import (
    ItemFilterSchema,
    ItemSchema,
    PreviewQuerySchema,
    WholeItemSchema,
)
from sts_qa.catalogue import pictures
from sts_qa.catalogue.item_facts import item_context
from sts_qa.catalogue.models import Category, Dataset, Item, ItemVersion
from sts_qa.catalogue.queries.further_masks import further_masks_of
from sts_qa.catalogue.queries.items import (
    ItemFilter,
    filtered_items,
    item_or_404,
    version_or_404,
)

# What a list tells of an item; a column that is missing here would be read row by row
READ = (
    *("dataset_id", "key", "category", "kind", "labelled", "attributes", "subject", "source"),
    *("state", "state_reason", "current_version__item_id", "current_version__number"),
    *("current_version__sha256", "current_version__mask__sha256"),
)
PNG = "image/png"
PICTURE = {
    (200, PNG): bytes,
    # The file is gone or changed; another volume is being read
    (409, MEDIA_TYPE): ProblemSchema,
    (503, MEDIA_TYPE): ProblemSchema,
}


@endpoint(
    "GET",
    scope="read",
    access=visible_dataset,
    answers=ItemSchema,
    query=ItemFilterSchema,
    paged=True,
    streams=True,
    coordinators=True,
)
def list_items(request: Request, dataset: Dataset, query: dict[str, Any]) -> Listing:
    """List the items of a dataset by their paths."""
    items = filtered_items(dataset, _wanted_items(dataset, query))
    items = items.select_related("current_version__mask").prefetch_related("category").only(*READ)
    return Listing(items, order=("key",), each=lambda some: [_told(item) for item in some])


@endpoint("GET", scope="read", access=visible_dataset, answers=WholeItemSchema, coordinators=True)
def show_item(request: Request, dataset: Dataset, item_id: int) -> dict[str, Any]:
    """Show one item with its versions, masks and decisions."""
    item = item_or_404(dataset, item_id)
    version, facts = item.current_version, item_context(item)
    versions = item.versions.exclude(sha256="").select_related("mask").order_by("-number")
    decisions = item.screening_decisions.select_related("item", "item_version", "decided_by")
    return {
        **_told(item),
        "axial_slices": pictures.slice_count(version) if version else 0,
        "mask_share": facts.get("mask_share"),
        "file_problem": facts.get("file_problem", ""),
        "versions": [_told_version(dataset, one) for one in versions],
        "further_masks": further_masks_of(item),
        "decisions": [
            told_decision(one, holds=place == 0)
            for place, one in enumerate(decisions.order_by("-pk"))
        ],
    }


@endpoint("GET", scope="read", access=visible_dataset, answers=PICTURE, coordinators=True)
def send_thumbnail(request: Request, dataset: Dataset, item_id: int, version: int) -> HttpResponse:
    """Send a small picture of a version of an item."""
    found = version_or_404(dataset, item_id, version)
    return _picture(found, pictures.THUMBNAIL, with_mask=False)


@endpoint(
    "GET",
    scope="read",
    access=visible_dataset,
    answers=PICTURE,
    query=PreviewQuerySchema,
    coordinators=True,
)
def send_preview(
    request: Request, dataset: Dataset, item_id: int, version: int, query: dict[str, Any]
) -> HttpResponse:
    """Send a larger picture of a version of an item: for looking through, not for rating.

    It is shrunk, and windowed unless it has 8 bits.
    """
    found = version_or_404(dataset, item_id, version)
    number = query.get("slice")
    if number is not None and number > (count := pictures.slice_count(found)):
        text = ngettext(
            "There is %(count)s axial slice.", "There are %(count)s axial slices.", count
        )
        raise invalid("slice", text % {"count": count})
    slice_index = None if number is None else number - 1
    return _picture(found, pictures.PREVIEW, with_mask=query["outline"], slice_index=slice_index)


def _wanted_items(dataset: Dataset, query: dict[str, Any]) -> ItemFilter:
    """Return the filter that the parameters of an address ask for."""
    names = ("kind", "labelled", "state", "standing", "decision", "text")
    wanted = {name: query[name] for name in names if name in query}
    if "category" in query:
        wanted["category"] = category_named(dataset, query["category"]).pk
    return ItemFilter(**wanted)


def category_named(dataset: Dataset, name: str) -> Category:
    """Return the category that a parameter of an address names."""
    category = dataset.categories.filter(name=name).first()
    if category is None:
        raise invalid("category", _("The dataset has no category of this name."))
    return category


def _told(item: Item) -> dict[str, Any]:
    version = item.current_version
    shown = version is not None and pictures.has_picture(item)
    return {
        "item": item,
        "state_reason": in_page_language(item.state_reason),
        "decision": item.decided or None,  # type: ignore[attr-defined]
        "version": version.number if version else None,
        "checksum": version.checksum if version else None,
        "thumbnail": _address("send_thumbnail", item.dataset_id, version) if shown else None,
        "preview": _address("send_preview", item.dataset_id, version) if shown else None,
    }


def _told_version(dataset: Dataset, version: ItemVersion) -> dict[str, Any]:
    names = (
        *("number", "sha256", "size_bytes", "shape", "channels", "dtype", "spacing"),
        *("orientation", "mask", "mask_error", "created_at"),
    )
    return {
        **{name: getattr(version, name) for name in names},
        "notices": [in_page_language(notice) for notice in version.notices],
        "mask_error_reason": in_page_language(version.mask_error_reason),
        "thumbnail": _address("send_thumbnail", dataset.pk, version),
        "preview": _address("send_preview", dataset.pk, version),
    }


def _address(name: str, dataset_id: int, version: Any) -> str:
    return _form(name, dataset_id).format(item=version.item_id, version=version.number)


@lru_cache(maxsize=100)
def _form(name: str, dataset_id: int) -> str:
    """Return the form of a picture's address, as working each out takes as long as its row."""
    item, version = 2**62, 2**62 + 1
    address = reverse(f"api:{name}", args=[dataset_id, item, version])
    return address.replace(str(item), "{item}").replace(str(version), "{version}")


def _picture(
    version: ItemVersion, longest: int, *, with_mask: bool, slice_index: int | None = None
) -> HttpResponse:
    content = pictures.picture(
        version, longest=longest, with_mask=with_mask, slice_index=slice_index
    )
    response = HttpResponse(content, content_type=PNG)
    # The address names the version, whose bytes never change
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


items = "datasets/<int:dataset_id>/items/"
version = f"{items}<int:item_id>/versions/<int:version>/"
addresses = [
    *route(items, list_items),
    *route(f"{items}<int:item_id>/", show_item),
    *route(f"{version}thumbnail.png", send_thumbnail),
    *route(f"{version}preview.png", send_preview),
]
