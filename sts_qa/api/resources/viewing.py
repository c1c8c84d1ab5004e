"""How the images of a dataset are shown to raters."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.access import visible_dataset
from sts_qa.api.endpoint import endpoint
from sts_qa.api.problems import Fault, all_invalid, fault, pointer
from sts_qa.api.routing import route
from sts_qa.api.schemas.viewing import ViewingSchema
from sts_qa.catalogue import actions
from sts_qa.catalogue.models import Category, Dataset
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.catalogue.viewing import PixelShape, Preset, plain, problem_of_all

# Where a preset's problem lies in the body, if not at the field of the same name
PLACES = {"name_en": ("name", "en")}
Body = dict[str, Any]


@endpoint("GET", scope="read", access=visible_dataset, answers=ViewingSchema, coordinators=True)
def show_viewing(request: Request, dataset: Dataset) -> Body:
    """Show how the images are shown: pixels of each category, presets, unit of the values."""
    return _told(dataset)


@endpoint(
    "PUT",
    scope="manage",
    access=visible_dataset,
    body=ViewingSchema,
    answers=ViewingSchema,
    coordinators=True,
)
def set_viewing(request: Request, dataset: Dataset, body: Body) -> Body:
    """Store how the images are shown. Studies that have started keep their settings."""
    known = {category.name: category for category in dataset.categories.all()}
    presets = [_preset(row) for row in body["presets"]]
    faults = [*_shape_faults(known, body["categories"]), *_preset_faults(presets)]
    if faults:
        raise all_invalid(faults)
    actions.set_viewing(
        dataset=dataset,
        shapes={known[row["category"]].pk: _shape(row) for row in body["categories"]},
        presets=presets,
        values_are_hounsfield=body["values_are_hounsfield"],
        acting_user=request.user,
    )
    return _told(dataset_or_404(request.user, dataset.pk))


def _told(dataset: Dataset) -> Body:
    return {
        "categories": [
            {
                "category": category.name,
                "height_mm": _decimal(category.pixel_height_mm),
                "width_mm": _decimal(category.pixel_width_mm),
                "ratio": _decimal(category.pixel_ratio),
            }
            for category in dataset.categories.order_by("position", "name")
        ],
        "presets": [_told_preset(preset) for preset in dataset.window_presets],
        "values_are_hounsfield": dataset.values_are_hounsfield,
    }


def _told_preset(stored: Body) -> Body:
    low, high = stored.get("percentiles", (None, None))
    return {
        "name": stored["name"],
        "kind": stored["kind"],
        "low": _decimal(low),
        "high": _decimal(high),
        "centre": _decimal(stored.get("centre")),
        "width": _decimal(stored.get("width")),
    }


def _shape(row: Body) -> PixelShape:
    return PixelShape(row["height_mm"], row["width_mm"], row["ratio"])


def _preset(row: Body) -> Preset:
    return Preset(
        name=row["name"],
        kind=row["kind"],
        percentiles=(row["low"], row["high"]),
        centre=row["centre"],
        width=row["width"],
    )


def _shape_faults(known: dict[str, Category], rows: list[Body]) -> Iterator[Fault]:
    names = [row["category"] for row in rows]
    for number, row in enumerate(rows):
        if row["category"] not in known:
            text = _("The dataset has no category of this name.")
            yield fault(pointer("categories", number, "category"), text)
        elif names.count(row["category"]) > 1:
            text = _("The category stands in more than one row.")
            yield fault(pointer("categories", number, "category"), text)
        elif problem := _shape(row).problem():
            yield fault(pointer("categories", number, problem[0]), problem[1])


def _preset_faults(presets: list[Preset]) -> Iterator[Fault]:
    for number, preset in enumerate(presets):
        if problem := preset.problem():
            place = PLACES.get(problem[0], (problem[0],) if problem[0] else ())
            yield fault(pointer("presets", number, *place), problem[1])
    if text := problem_of_all(presets):
        yield fault("/presets", text)


def _decimal(value: float | str | None) -> Decimal | None:
    return None if value is None else Decimal(plain(value))  # type: ignore[arg-type]


addresses = [*route("datasets/<int:dataset_id>/viewing/", show_viewing, set_viewing)]
