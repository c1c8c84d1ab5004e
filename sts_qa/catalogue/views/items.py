"""Pages of items, and their pictures."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.accounts.stored_texts import in_page_language
from sts_qa.catalogue import pictures
from sts_qa.catalogue.extensions import ITEM_PANELS
from sts_qa.catalogue.forms import FilterForm, ItemFilterForm
from sts_qa.catalogue.item_facts import item_context
from sts_qa.catalogue.models import ImageKind, Item, ItemVersion
from sts_qa.catalogue.navigation import dataset_tabs
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.catalogue.queries.further_masks import further_masks_of
from sts_qa.catalogue.queries.items import (
    filtered_items,
    item_or_404,
    neighbours,
    version_or_404,
)
from sts_qa.catalogue.queries.pages import page_of
from sts_qa.catalogue.queries.stores import volume_job
from sts_qa.jobs.queries import may_follow
from sts_qa.science.imaging.errors import UnreadableFile

PAGE_SIZE = 48
COUNTED = 10_000
RETRY_SECONDS = 2


@require_safe
@coordinator_required
@never_cache
def list_items(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    form = ItemFilterForm(dataset, request.GET)
    items = filtered_items(dataset, form.wanted())
    page = page_of(
        items.select_related("category", "current_version__mask"),
        ["key"],
        size=PAGE_SIZE,
        after=form.number("after"),
        before=form.number("before"),
        anchors=Item.objects.filter(dataset=dataset),
    )
    query = form.query()
    context = {
        "dataset": dataset,
        "tabs": dataset_tabs(dataset, "catalogue:list_items"),
        "form": form,
        "is_filtered": bool(query),
        "entries": [_entry(item) for item in page.rows],
        "query": f"?{urlencode(query)}" if query else "",
        "count": items[: COUNTED + 1].count(),
        "most_counted": COUNTED,
        "previous_url": _page_url(query, "before", page.before),
        "next_url": _page_url(query, "after", page.after),
        "is_empty": not page.rows and not dataset.items.exists(),
    }
    return render(request, "catalogue/list_items.html", context)


@require_safe
@coordinator_required
@never_cache
def show_item(request: LoggedInRequest, dataset_id: int, item_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    item = item_or_404(dataset, item_id)
    form = ItemFilterForm(dataset, request.GET)
    query = form.query()
    before, after = neighbours(item, form.wanted())
    context = {
        **item_context(item, form.number("slice")),
        "tabs": dataset_tabs(dataset, "catalogue:list_items"),
        "versions": item.versions.exclude(sha256="").select_related("mask").order_by("-number"),
        "further_masks": further_masks_of(item),
        "query": f"?{urlencode(query)}" if query else "",
        "previous_item": before,
        "next_item": after,
        "panels": _panels(request, item),
        **_volume_job(request, item),
    }
    return render(request, "catalogue/show_item.html", context)


def _volume_job(request: LoggedInRequest, item: Item) -> dict[str, Any]:
    """Return the job that makes this volume ready because a rater comes to it, if there is one."""
    version = item.current_version
    if item.kind != ImageKind.VOLUME or version is None or (job := volume_job(version)) is None:
        return {}
    return {"volume_job": job, "may_follow_volume": may_follow(request.user, job)}


@require_safe
@coordinator_required
def send_thumbnail(
    request: LoggedInRequest, dataset_id: int, item_id: int, number: int
) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    version = version_or_404(dataset, item_id, number)
    return _picture(version, pictures.THUMBNAIL, with_mask=False)


@require_safe
@coordinator_required
def send_preview(
    request: LoggedInRequest, dataset_id: int, item_id: int, number: int
) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    version = version_or_404(dataset, item_id, number)
    with_mask = "plain" not in request.GET
    slice_index = _slice_index(request, version)
    return _picture(version, pictures.PREVIEW, with_mask=with_mask, slice_index=slice_index)


def _slice_index(request: HttpRequest, version: ItemVersion) -> int | None:
    """Return the axial slice asked for, which the address counts from 1; None for the middle."""
    if "slice" not in request.GET:
        return None
    number = FilterForm(request.GET).number("slice")
    if number is None or not 1 <= number <= pictures.slice_count(version):
        raise Http404
    return number - 1


def _picture(
    version: ItemVersion, longest: int, *, with_mask: bool, slice_index: int | None = None
) -> HttpResponse:
    try:
        content = pictures.picture(
            version, longest=longest, with_mask=with_mask, slice_index=slice_index
        )
    except pictures.Busy:
        text = _("Another volume is being read. Try again in a moment.")
        response = HttpResponse(text, status=503, content_type="text/plain; charset=utf-8")
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return _uncached(response)
    except UnreadableFile as problem:
        text = in_page_language(str(problem))
        return _uncached(HttpResponse(text, status=404, content_type="text/plain; charset=utf-8"))
    response = HttpResponse(content, content_type="image/png")
    # The address names the version, whose bytes never change
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _uncached(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _entry(item: Item) -> dict[str, Any]:
    return {
        "item": item,
        "name": item.key.rsplit("/", 1)[-1],
        "has_picture": pictures.has_picture(item),
        "is_quick": pictures.is_quick(item, longest=pictures.THUMBNAIL),
    }


def _panels(request: HttpRequest, item: Item) -> list[dict[str, Any]]:
    return [
        {"template": panel.template, "context": panel.context(request, item)}
        for panel in ITEM_PANELS
    ]


def _page_url(query: dict[str, str], side: str, pk: int | None) -> str:
    return "" if pk is None else f"?{urlencode({**query, side: pk})}"
