"""Reading datasets for their pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from sts_qa.catalogue.access import is_blinded
from sts_qa.catalogue.models import Dataset, DatasetMember, ImportRun, Item
from sts_qa.catalogue.queries import visible_datasets


@dataclass(frozen=True)
class ListedDataset:
    """A dataset of the list; of one that the person must not see only the name is told."""

    dataset: Any
    blinded: bool


def listed_datasets(user: Any) -> list[ListedDataset]:
    """Return the person's datasets with `item_count`, `labelled_count` and `imported_at`."""
    items = Item.objects.filter(dataset=OuterRef("pk")).order_by()
    imports = ImportRun.objects.filter(dataset=OuterRef("pk"), applied_at__isnull=False)
    datasets = visible_datasets(user).annotate(
        item_count=_count(items),
        labelled_count=_count(items.filter(labelled=True)),
        imported_at=Subquery(imports.order_by("-applied_at").values("applied_at")[:1]),
    )
    return [
        ListedDataset(dataset, is_blinded(user, dataset.pk))
        for dataset in datasets.order_by("name")
    ]


def members_of(dataset: Dataset) -> QuerySet[DatasetMember]:
    """Return who sees the dataset now, oldest members first."""
    members = dataset.members.filter(removed_at__isnull=True)
    return members.select_related("user").order_by("added_at", "pk")


def _count(items: QuerySet[Item]) -> Coalesce:
    return Coalesce(Subquery(items.values("dataset").annotate(n=Count("pk")).values("n")), 0)
