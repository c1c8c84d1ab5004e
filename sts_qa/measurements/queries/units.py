"""What is still to be measured, as units of work that need no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from django.db.models import Q, QuerySet

from sts_qa.catalogue import files
from sts_qa.catalogue.models import Dataset, FileVersion, ImageKind, Item, ItemVersion
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries.versions import of_present_version
from sts_qa.science.metrics.files import MetricUnit, SourceFile
from sts_qa.science.metrics.table import METRICS

CHUNK = 500

# Masks that lie on the image's grid; whether the item may be used is for screening to decide
USABLE_MASKS = (ItemVersion.MaskError.NONE, ItemVersion.MaskError.AFFINE)

# What studies, which lie above, add when the application starts: of a dataset, the primary keys of
# the versions that their samples hold on to whatever is imported later
PINNED_VERSIONS: list[Callable[[Dataset], QuerySet]] = []


def measurable_items(dataset: Dataset) -> QuerySet[Item]:
    """Return the items that were there and readable at the last import."""
    return dataset.items.filter(state=Item.State.PRESENT, current_version__isnull=False)


def measurable_versions(dataset: Dataset) -> QuerySet[ItemVersion]:
    """Return the versions to be measured: those of measurable items now, and those of samples."""
    wanted = Q(pk__in=measurable_items(dataset).values("current_version"))
    for pinned in PINNED_VERSIONS:
        wanted |= Q(pk__in=pinned(dataset))
    return ItemVersion.objects.filter(wanted)


def units_to_measure(dataset: Dataset, names: Sequence[str]) -> Iterator[MetricUnit | None]:
    """Yield one unit for every version that lacks a value, and None for every one that does not.

    Versions are read by and by, so that a large dataset is never in memory as a whole.
    """
    last = 0
    versions = measurable_versions(dataset).select_related("item", "mask").order_by("pk")
    while chunk := list(versions.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        stored = _stored(chunk, names)
        for version in chunk:
            missing = tuple(
                name
                for name in names
                if version.item.kind in METRICS[name].kinds and (version.pk, name) not in stored
            )
            yield _unit(version, missing) if missing else None


def _stored(chunk: list[ItemVersion], names: Sequence[str]) -> set[tuple[int, str]]:
    rows = Measurement.objects.filter(of_present_version(names), item_version__in=chunk)
    return set(rows.values_list("item_version_id", "metric"))


def _unit(version: ItemVersion, names: tuple[str, ...]) -> MetricUnit:
    is_volume = version.item.kind == ImageKind.VOLUME
    usable = version.mask is not None and version.mask_error in USABLE_MASKS
    return MetricUnit(
        item_version=version.pk,
        name=version.item.key,
        kind="volume" if is_volume else "radiograph",
        image=_source(version, is_volume),
        mask=_source(version.mask, is_volume) if version.mask is not None and usable else None,
        metrics=names,
    )


def _source(version: FileVersion, is_volume: bool) -> SourceFile:
    return SourceFile(
        path=str(files.available_path(version)),
        sha256=version.sha256,
        store_path=str(files.store_path(version)) if is_volume else "",
    )
