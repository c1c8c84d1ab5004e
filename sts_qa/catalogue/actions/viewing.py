"""Saying how a dataset's images are to be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from sts_qa.audit import actions as audit
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries.viewing import viewing_settings
from sts_qa.catalogue.viewing import PixelShape, Preset, problem_of_all


@transaction.atomic
def set_viewing(
    *,
    dataset: Dataset,
    shapes: Mapping[int, PixelShape],
    presets: Sequence[Preset],
    values_are_hounsfield: bool,
    acting_user: Any,
) -> bool:
    """Store the settings and say whether they changed; studies that have started keep theirs.

    Parameters
    ----------
    shapes
        By the id of the category; categories that are not named stay as they are.

    Raises
    ------
    CatalogueRefused
        When one of them cannot be used; nothing is stored then.
    """
    _check(shapes, presets)
    dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
    before = viewing_settings(dataset)
    for category in dataset.categories.filter(pk__in=shapes):
        shape = shapes[category.pk]
        category.pixel_height_mm = _number(shape.height_mm)
        category.pixel_width_mm = _number(shape.width_mm)
        category.pixel_ratio = _number(shape.ratio)
        category.save(update_fields=["pixel_height_mm", "pixel_width_mm", "pixel_ratio"])
    dataset.window_presets = [preset.stored() for preset in presets]
    dataset.values_are_hounsfield = values_are_hounsfield
    dataset.save(update_fields=["window_presets", "values_are_hounsfield"])
    after = viewing_settings(dataset)
    if after == before:
        return False
    audit.record(
        chain=audit.dataset_chain(dataset.pk),
        action="dataset.viewing_set",
        acting_user=acting_user,
        subject=dataset,
        details=after,
    )
    return True


def _check(shapes: Mapping[int, PixelShape], presets: Sequence[Preset]) -> None:
    stated: list[PixelShape | Preset] = [*shapes.values(), *presets]
    for one in stated:
        problem = one.problem()
        if problem is not None:
            raise CatalogueRefused(problem[1])
    if text := problem_of_all(presets):
        raise CatalogueRefused(text)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
