"""The frame: what can be drawn from a dataset now, and why the rest cannot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sts_qa.catalogue.models import Category, Dataset, Item
from sts_qa.screening.queries import accepted_mask_version_ids, excluded_item_ids
from sts_qa.studies.models import Study

REASONS_OUT = ("unreadable", "missing", "held_back", "excluded")


@dataclass
class FrameStratum:
    """One stratum with its items; `counts` has unreadable, missing, held_back, excluded, frame."""

    category: Category
    name: str
    items: list[Item] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)

    @property
    def title(self) -> str:
        """Name under which the stratum is drawn; unique within a study."""
        return f"{self.category.name}/{self.name}"

    @property
    def found(self) -> int:
        return sum(self.counts.values())


def build_frame(dataset: Dataset, stratification: str) -> list[FrameStratum]:
    """Sort every item of the dataset into its stratum: into the frame, or to the reason why not.

    An item is in the frame when it was present and readable at the last import, has no undecided
    mask error, and no decision excludes it.
    """
    excluded = excluded_item_ids(dataset)
    accepted = accepted_mask_version_ids(dataset)
    strata: dict[tuple[int, str], FrameStratum] = {}
    items = (
        Item.objects.filter(dataset=dataset)
        .select_related("category", "current_version__mask")
        .order_by("category__position", "category__name", "labelled", "id")
    )
    for item in items:
        name = _stratum_name(item, stratification)
        stratum = strata.setdefault(
            (item.category_id, name), FrameStratum(category=item.category, name=name)
        )
        reason = _reason_out(item, excluded, accepted)
        stratum.counts[reason or "frame"] += 1
        if not reason:
            stratum.items.append(item)
    return sorted(strata.values(), key=lambda s: (s.category.position, s.category.name, s.name))


def _stratum_name(item: Item, stratification: str) -> str:
    if stratification == Study.Stratification.NONE:
        return "all"
    return "labelled" if item.labelled else "unlabelled"


def _reason_out(item: Item, excluded: set[int], accepted: set[int]) -> str:
    """Return why the item is not in the frame, as one reason, or an empty string."""
    if item.state == Item.State.MISSING:
        return "missing"
    if item.state == Item.State.UNREADABLE or item.current_version is None:
        return "unreadable"
    if item.id in excluded:
        return "excluded"
    if item.current_version.mask_error and item.current_version_id not in accepted:
        return "held_back"
    return ""
