"""How a dataset's images are to be seen: the shape of pixels, presets, the unit of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from sts_qa.catalogue.models import Category, Dataset, ImageKind, Item

# Where the shape of a category's pixels comes from
SQUARE = "square"
RATIO = "ratio"
SPACING = "spacing"


def viewing_settings(dataset: Dataset) -> dict[str, Any]:
    """Return the dataset's settings for viewing as they stand, as JSON values.

    Returns
    -------
    dict
        "categories": for the name of every category its "pixel_height" and "pixel_width", in
        millimetres where "source" is "spacing", else relative to each other ("ratio", "square").
        "presets": dicts with "name" (text by language code, "en" always), "kind" ("radiograph" or
        "volume") and either "percentiles" (two exact decimals as text) or "centre" and "width".
        "hounsfield": whether the values of volumes are stated to be Hounsfield units.
    """
    return {
        "categories": {
            category.name: pixel_shape(category)
            for category in dataset.categories.order_by("position", "name")
        },
        "presets": list(dataset.window_presets),
        "hounsfield": dataset.values_are_hounsfield,
    }


@dataclass(frozen=True)
class RadiographSizes:
    """A category with radiographs, and the most frequent size among them."""

    category: Category
    columns: int
    rows: int
    size_count: int


def radiograph_sizes(dataset: Dataset) -> list[RadiographSizes]:
    """Return the categories that have readable radiographs, in their order."""
    grouped = (
        Item.objects.filter(
            dataset=dataset, kind=ImageKind.RADIOGRAPH, current_version__isnull=False
        )
        .order_by()
        .values_list("category_id", "current_version__shape")
        .annotate(Count("pk"))
    )
    found: dict[int, list[tuple[int, list[int]]]] = {}
    for category_id, shape, count in grouped:
        found.setdefault(category_id, []).append((count, shape[:2]))
    return [
        RadiographSizes(category, columns, rows, len(found[category.pk]))
        for category in dataset.categories.filter(pk__in=found).order_by("position", "name")
        for rows, columns in [max(found[category.pk])[1]]
    ]


def pixel_shape(category: Category) -> dict[str, Any]:
    """Return height, width and source of a category's pixels; only radiographs are shown by it."""
    height, width = category.pixel_height_mm, category.pixel_width_mm
    if height is not None and width is not None:
        return {"pixel_height": height, "pixel_width": width, "source": SPACING}
    if category.pixel_ratio is not None:
        return {"pixel_height": category.pixel_ratio, "pixel_width": 1.0, "source": RATIO}
    return {"pixel_height": 1.0, "pixel_width": 1.0, "source": SQUARE}
