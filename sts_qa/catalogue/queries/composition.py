"""Counting what a dataset consists of, as Tables 2 and 3 of a data paper do."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Sum
from django.db.models.fields.json import KT

from sts_qa.catalogue.models import Category, Dataset, ImageKind, Item
from sts_qa.catalogue.queries.items import Standing, with_standing

MOST_SIZES = 12
REASONS_OUT = [standing for standing in Standing if standing != Standing.USABLE]


@dataclass
class Counts:
    """Items of a category, a group or all: by label, by standing; both add up to the total."""

    labelled: int = 0
    unlabelled: int = 0
    standing: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.labelled + self.unlabelled

    @property
    def usable(self) -> int:
        return self.standing[Standing.USABLE]

    @property
    def left_out(self) -> list[tuple[str, int]]:
        """Reason and count of what is not usable, in the order of `REASONS_OUT`."""
        return [(reason.value, self.standing[reason]) for reason in REASONS_OUT]

    def add(self, labelled: bool, standing: str, count: int) -> None:
        if labelled:
            self.labelled += count
        else:
            self.unlabelled += count
        self.standing[standing] += count


@dataclass
class CategoryRow:
    category: Category
    counts: Counts


@dataclass
class GroupRows:
    """Categories of one group; the sum is worth a row when there is more than one."""

    name: str
    rows: list[CategoryRow]
    sum: Counts


@dataclass
class Composition:
    groups: list[GroupRows]
    total: Counts


@dataclass
class PartRow:
    """Items of one folder of a category, such as ROI; volumes also by their axial slices."""

    category: str
    region: str
    labelled: int = 0
    unlabelled: int = 0
    labelled_slices: int = 0
    unlabelled_slices: int = 0

    @property
    def total(self) -> int:
        return self.labelled + self.unlabelled

    @property
    def slices(self) -> int:
        return self.labelled_slices + self.unlabelled_slices

    def add(self, labelled: bool, count: int, slices: int) -> None:
        if labelled:
            self.labelled += count
            self.labelled_slices += slices
        else:
            self.unlabelled += count
            self.unlabelled_slices += slices


@dataclass(frozen=True)
class SizeRow:
    kind: str
    shape: list[int]
    channels: int
    dtype: str
    spacing: list[float] | None
    count: int

    @property
    def size(self) -> str:
        """Columns x rows of a radiograph, as papers print it; a volume's axes as stored."""
        shape = reversed(self.shape) if self.kind == ImageKind.RADIOGRAPH else self.shape
        return " × ".join(map(str, shape))

    @property
    def spacing_text(self) -> str:
        return " × ".join(f"{value:.3g}" for value in self.spacing or [])


def composition(dataset: Dataset) -> Composition:
    """Count the items of each category; categories without items count too."""
    grouped = (
        with_standing(Item.objects.filter(dataset=dataset))
        .order_by()
        .values_list("category_id", "labelled", "standing")
        .annotate(Count("pk"))
    )
    by_category: dict[int, Counts] = defaultdict(Counts)
    total = Counts()
    for category_id, labelled, standing, count in grouped:
        by_category[category_id].add(labelled, standing, count)
        total.add(labelled, standing, count)
    groups: list[GroupRows] = []
    for category in dataset.categories.order_by("position", "name"):
        counts = by_category[category.pk]
        group = next((one for one in groups if category.group and one.name == category.group), None)
        if group is None:
            group = GroupRows(category.group, [], Counts())
            groups.append(group)
        group.rows.append(CategoryRow(category, counts))
        _add_up(group.sum, counts)
    return Composition(groups, total)


def parts(dataset: Dataset) -> list[PartRow]:
    """Count items and slices by folder within the category, where categories have such folders.

    Items that were never readable have no slices.
    """
    grouped = (
        Item.objects.filter(dataset=dataset)
        .annotate(region=KT("attributes__region"))
        .order_by()
        .values_list(
            "category__name",
            "region",
            "labelled",
            "kind",
            "current_version__orientation",
            "current_version__shape",
            "category__position",
        )
        .annotate(Count("pk"))
    )
    rows: dict[tuple, PartRow] = {}
    for name, region, labelled, kind, orientation, shape, position, count in grouped:
        row = rows.setdefault((position, name, region or ""), PartRow(name, region or ""))
        is_volume = kind == ImageKind.VOLUME and shape
        row.add(labelled, count, count * _axial_slices(orientation, shape) if is_volume else 0)
    if not any(row.region or row.slices for row in rows.values()):
        return []
    return [rows[place] for place in sorted(rows)]


def sizes(dataset: Dataset) -> tuple[list[SizeRow], int]:
    """Return the most frequent sizes of readable items, and how many further sizes there are."""
    grouped = (
        Item.objects.filter(dataset=dataset, state=Item.State.PRESENT)
        .exclude(current_version__isnull=True)
        .order_by()
        .values_list(
            "kind",
            "current_version__shape",
            "current_version__channels",
            "current_version__dtype",
            "current_version__spacing",
        )
        .annotate(Count("pk"))
    )
    rows = [SizeRow(*fields) for fields in grouped]
    rows.sort(key=lambda row: (-row.count, row.kind, row.shape, row.dtype))
    return rows[:MOST_SIZES], max(0, len(rows) - MOST_SIZES)


def stored_bytes(dataset: Dataset) -> dict[str, Any]:
    """Return the size of all images, and of all masks, as of their current versions."""
    return Item.objects.filter(dataset=dataset).aggregate(
        images=Sum("current_version__size_bytes"), masks=Sum("current_version__mask__size_bytes")
    )


def _add_up(total: Counts, counts: Counts) -> None:
    total.labelled += counts.labelled
    total.unlabelled += counts.unlabelled
    total.standing.update(counts.standing)


def _axial_slices(orientation: str, shape: list[int]) -> int:
    """Return the length of the axis nearest to inferior-superior; the third where unknown."""
    axis = next((axis for axis, letter in enumerate(orientation) if letter in "IS"), 2)
    return shape[axis]
