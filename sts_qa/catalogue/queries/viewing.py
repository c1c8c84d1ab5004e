"""How a dataset's images are to be seen: the shape of pixels, presets, the unit of values."""

from __future__ import annotations

from typing import Any

from sts_qa.catalogue.models import Category, Dataset

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


def pixel_shape(category: Category) -> dict[str, Any]:
    """Return height, width and source of a category's pixels; only radiographs are shown by it."""
    height, width = category.pixel_height_mm, category.pixel_width_mm
    if height is not None and width is not None:
        return {"pixel_height": height, "pixel_width": width, "source": SPACING}
    if category.pixel_ratio is not None:
        return {"pixel_height": category.pixel_ratio, "pixel_width": 1.0, "source": RATIO}
    return {"pixel_height": 1.0, "pixel_width": 1.0, "source": SQUARE}
