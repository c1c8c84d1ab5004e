"""Reading further masks of items: those of a second annotator or a model.

They have a name, and are nobody's to rate: an item's own mask, the only one that raters see, has
none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from sts_qa.catalogue.models import Dataset, Item, MaskVersion


@dataclass(frozen=True)
class PairableItem:
    """What finding an item's mask needs to know of the item."""

    id: int
    key: str
    kind: str


def pairable_items(dataset: Dataset) -> list[PairableItem]:
    """Return all items of the dataset."""
    rows = Item.objects.filter(dataset=dataset).order_by("key").values_list("pk", "key", "kind")
    return [PairableItem(*row) for row in rows.iterator(chunk_size=2000)]


def newest_further_masks(
    item_ids: Iterable[int], *, name: str | None = None
) -> dict[int, list[MaskVersion]]:
    """Return the newest version of every further mask by item id, in the order of their names.

    Parameters
    ----------
    item_ids
        Some hundreds at a time.
    name
        Of this name only.
    """
    masks = newest_versions().filter(item__in=list(item_ids))
    if name is not None:
        masks = masks.filter(name=name)
    newest: dict[int, list[MaskVersion]] = defaultdict(list)
    for mask in masks.order_by("item_id", "name"):
        newest[mask.item_id].append(mask)
    return dict(newest)


def newest_versions() -> QuerySet[MaskVersion]:
    """Return the newest version of every further mask of every item."""
    newer = MaskVersion.objects.filter(
        item=OuterRef("item"), name=OuterRef("name"), number__gt=OuterRef("number")
    )
    return MaskVersion.objects.exclude(name="").filter(~Exists(newer))


def further_masks_of(item: Item) -> QuerySet[MaskVersion]:
    """Return every version of the item's further masks, by name, the newest first."""
    return item.masks.exclude(name="").order_by("name", "-number")
