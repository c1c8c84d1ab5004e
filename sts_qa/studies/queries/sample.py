"""Single units of a drawn sample."""

from __future__ import annotations

from sts_qa.studies.models import SampledItem


def units_of_same_image(sampled_item: SampledItem) -> list[SampledItem]:
    """Return the study's units of the same image: all drawn slices of a volume, else the item."""
    units = SampledItem.objects.filter(
        study=sampled_item.study_id, item_version=sampled_item.item_version_id
    )
    return list(units.order_by("slice_index"))
