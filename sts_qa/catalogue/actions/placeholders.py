"""Items without images, for ratings that were given elsewhere.

A placeholder is an item that is missing. It has a version that studies can hold on to, without a
checksum, place or size, and that is never its current one: so nothing draws, shows or measures it.
The image itself may be imported later and becomes the item's next version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from sts_qa.audit import actions as audit
from sts_qa.catalogue.models import Category, Dataset, Item, ItemVersion

BATCH = 1000
# Said on the item's page, in the language of the page
NO_IMAGE = gettext_noop("No image: the item is known from imported ratings only.")


@dataclass(frozen=True)
class Placeholder:
    """What is known of an item whose image is not."""

    key: str
    category: str
    group: str
    kind: str
    labelled: bool


@transaction.atomic
def create_placeholders(
    *, dataset: Dataset, placeholders: Sequence[Placeholder], acting_user: Any
) -> dict[str, ItemVersion]:
    """Add items that the dataset does not have; return the versions that stand for them by key."""
    categories = _categories(dataset, placeholders)
    items = Item.objects.bulk_create(
        [
            Item(
                dataset=dataset,
                category=categories[placeholder.category],
                key=placeholder.key,
                kind=placeholder.kind,
                labelled=placeholder.labelled,
                state=Item.State.MISSING,
                state_reason=NO_IMAGE,
            )
            for placeholder in placeholders
        ],
        batch_size=BATCH,
    )
    versions = ItemVersion.objects.bulk_create(
        [
            ItemVersion(
                item=item, number=1, sha256="", size_bytes=0, location="", shape=[], dtype=""
            )
            for item in items
        ],
        batch_size=BATCH,
    )
    lines = "".join(sorted(f"{item.key}\n" for item in items))
    audit.record(
        chain=audit.dataset_chain(dataset.pk),
        action="dataset.placeholders_added",
        acting_user=acting_user,
        subject=dataset,
        details={"items": len(items), "sha256": hashlib.sha256(lines.encode()).hexdigest()},
    )
    return {version.item.key: version for version in versions}


def _categories(dataset: Dataset, placeholders: Sequence[Placeholder]) -> dict[str, Category]:
    """Return the categories by name; missing ones are made in the order in which they occur."""
    known = {category.name: category for category in dataset.categories.all()}
    last = dataset.categories.aggregate(last=Max("position"))["last"] or 0
    for placeholder in placeholders:
        if placeholder.category not in known:
            last += 1
            known[placeholder.category] = Category.objects.create(
                dataset=dataset,
                name=placeholder.category,
                group=placeholder.group,
                position=last,
            )
    return known
