"""Reading items together with how they stand: whether they can be drawn, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, TextChoices, Value, When
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from sts_qa.catalogue import extensions
from sts_qa.catalogue.models import Dataset, Item, ItemVersion


class Standing(TextChoices):
    """Why an item is not in the frame, one reason each, in the order in which they count."""

    USABLE = "usable", _("Usable")
    MISSING = "missing", _("Missing")
    UNREADABLE = "unreadable", _("Unreadable")
    EXCLUDED = "excluded", _("Excluded")
    HELD_BACK = "held_back", _("Held back")


# In a filter: no decision was taken
UNDECIDED = "none"


@dataclass(frozen=True)
class ItemFilter:
    """Which items are asked for; empty means all."""

    category: int | None = None
    kind: str = ""
    labelled: bool | None = None
    state: str = ""
    standing: str = ""
    # "exclude", "keep" or UNDECIDED
    decision: str = ""
    text: str = ""


def with_standing(items: QuerySet[Item]) -> QuerySet[Any]:
    """Add `standing`, a value of `Standing`, to each item."""
    return items.annotate(
        decided=extensions.DECISIONS.outcome(),
        accepted_version=extensions.DECISIONS.accepted_version(),
    ).annotate(
        standing=Case(
            When(state=Item.State.MISSING, then=Value(Standing.MISSING)),
            When(
                Q(state=Item.State.UNREADABLE) | Q(current_version__isnull=True),
                then=Value(Standing.UNREADABLE),
            ),
            When(decided="exclude", then=Value(Standing.EXCLUDED)),
            When(
                Q(current_version__mask_error=ItemVersion.MaskError.NONE)
                | Q(accepted_version=F("current_version_id")),
                then=Value(Standing.USABLE),
            ),
            default=Value(Standing.HELD_BACK),
            output_field=CharField(),
        )
    )


def filtered_items(dataset: Dataset, wanted: ItemFilter) -> QuerySet[Any]:
    """Return the items asked for, with their standing, in no order."""
    items = with_standing(Item.objects.filter(dataset=dataset))
    if wanted.category is not None:
        items = items.filter(category=wanted.category)
    if wanted.labelled is not None:
        items = items.filter(labelled=wanted.labelled)
    for name in ("kind", "state", "standing"):
        if value := getattr(wanted, name):
            items = items.filter(**{name: value})
    if wanted.decision == UNDECIDED:
        items = items.filter(Q(decided__isnull=True) | Q(decided=""))
    elif wanted.decision:
        items = items.filter(decided=wanted.decision)
    if wanted.text:
        items = items.filter(key__icontains=wanted.text)
    return items


def item_or_404(dataset: Dataset, item_id: int) -> Item:
    """Return an item of this very dataset, with its standing."""
    items = with_standing(Item.objects.filter(dataset=dataset, pk=item_id))
    item = items.select_related("category", "current_version__mask", "dataset").first()
    if item is None:
        raise Http404
    return item


def version_or_404(dataset: Dataset, item_id: int, number: int) -> ItemVersion:
    """Return one version of an item of this very dataset; a placeholder is none."""
    versions = ItemVersion.objects.select_related("item", "mask")
    versions = versions.filter(item__dataset=dataset).exclude(sha256="")
    version = versions.filter(item=item_id, number=number).first()
    if version is None:
        raise Http404
    return version


def neighbours(item: Item, wanted: ItemFilter) -> tuple[Item | None, Item | None]:
    """Return the items before and after, in the order of keys, among those asked for."""
    among = filtered_items(item.dataset, wanted)
    before = among.filter(key__lt=item.key).order_by("-key").first()
    return before, among.filter(key__gt=item.key).order_by("key").first()
