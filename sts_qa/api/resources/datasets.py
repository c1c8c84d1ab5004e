"""Datasets: the list, a new one, and what one of them consists of."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework.request import Request

from sts_qa.api.access import visible_dataset
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.reach import limiting_study
from sts_qa.api.routing import route
from sts_qa.api.schemas.datasets import CompositionSchema, DatasetSchema, NewDatasetSchema
from sts_qa.catalogue import actions
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries.composition import Counts, composition, stored_bytes
from sts_qa.catalogue.queries.datasets import ListedDataset, listed_datasets


@endpoint("GET", scope="read", answers=DatasetSchema, paged=True, coordinators=True, narrows=True)
def list_datasets(request: Request) -> Listing:
    """List the datasets of which the account is a member, by name."""
    rows = listed_datasets(request.user)
    if study := limiting_study(request):
        rows = [row for row in rows if row.dataset.pk == study.dataset_id]
    return Listing(rows, order=("dataset.name",), each=lambda some: [_told(row) for row in some])


@endpoint(
    "POST",
    scope="manage",
    body=NewDatasetSchema,
    answers={201: DatasetSchema},
    idempotent="accepted",
    coordinators=True,
    located=[201],
)
def create_dataset(request: Request, body: dict[str, Any]) -> Answer:
    """Make an empty dataset with the account as its first member."""
    dataset = actions.create_dataset(name=body["name"], acting_user=request.user)
    place = reverse("api:show_dataset", args=[dataset.pk])
    return Answer(_one(request, dataset.pk), status=201, headers={"Location": place})


@endpoint("GET", scope="read", access=visible_dataset, answers=DatasetSchema, coordinators=True)
def show_dataset(request: Request, dataset: Dataset) -> dict[str, Any]:
    """Show one dataset."""
    return _one(request, dataset.pk)


@endpoint("GET", scope="read", access=visible_dataset, answers=CompositionSchema, coordinators=True)
def show_composition(request: Request, dataset: Dataset) -> dict[str, Any]:
    """Count what a dataset consists of, by category, label, and whether a sample can draw it."""
    counted, stored = composition(dataset), stored_bytes(dataset)
    rows = [row for group in counted.groups for row in group.rows]
    return {
        "categories": [
            {
                "category": row.category.name,
                "group": row.category.group,
                "counts": _counts(row.counts),
            }
            for row in rows
        ],
        "total": _counts(counted.total),
        "image_bytes": stored["images"] or 0,
        "mask_bytes": stored["masks"] or 0,
    }


def _counts(counts: Counts) -> dict[str, int]:
    names = ("total", "labelled", "unlabelled", "usable")
    return {**{name: getattr(counts, name) for name in names}, **dict(counts.left_out)}


def _one(request: Request, dataset_id: int) -> dict[str, Any]:
    rows = listed_datasets(request.user)
    return _told(next(row for row in rows if row.dataset.pk == dataset_id))


def _told(row: ListedDataset) -> dict[str, Any]:
    dataset, blinded = row.dataset, row.blinded
    return {
        "dataset": dataset,
        "blinded": blinded,
        "items": None if blinded else dataset.item_count,
        "labelled": None if blinded else dataset.labelled_count,
        "imported_at": None if blinded else dataset.imported_at,
    }


addresses = [
    *route("datasets/", list_datasets, create_dataset),
    *route("datasets/<int:dataset_id>/", show_dataset),
    *route("datasets/<int:dataset_id>/composition/", show_composition),
]
